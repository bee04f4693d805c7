import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeDocument, type ReferenceDocument } from '../../../src/developers/apis/reference/document.ts';
import { describeReference } from '../../../src/developers/apis/reference/described.ts';
import { lintReference } from '../../../src/developers/apis/reference/lint.ts';
import {
  findReference,
  hasReference,
  removeReference,
  uploadReference,
} from '../../../src/developers/apis/reference/reference.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { anApi, anOrganization, ok } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const HEAD = { openapi: '3.1.0', info: { title: 'Notes', version: '1' } };
const sound = (more: object = {}) => ({ ...HEAD, ...more });
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document));
const judge = (document: unknown) => judgeDocument(bytesOf(document));

/** Of this thread alone: what else the machine does has no say. */
function millisecondsOfThread(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}

function lint(paths: object, more: object = {}): string[] {
  const judged = ok(judge(sound({ paths, ...more })));
  return lintReference(judged.document, ['notes:read']).map(({ rule, where }) => `${rule} ${where}`);
}

describe('an OpenAPI document', () => {
  it('is taken when it is 3.1 in JSON, whatever else it says', () => {
    for (const document of [sound(), sound({ paths: {} }), sound({ 'x-more': [1, null, true] })])
      expect(judge(document)).toMatchObject({ ok: true });
    expect(
      judge(sound({ components: { schemas: { A: { $ref: '#/components/schemas/A' } } } })),
    ).toMatchObject({ ok: true });
    expect(judge(sound({ properties: { $ref: { type: 'string' } } }))).toMatchObject({ ok: true });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'openapi: 3.1.0'],
    ['half of it', '{"openapi":"3.1.0"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"3.1.0"'],
    ['another version', JSON.stringify({ ...HEAD, openapi: '3.0.3' })],
    ['Swagger', JSON.stringify({ swagger: '2.0', info: HEAD.info })],
    ['no title', JSON.stringify({ openapi: '3.1.0', info: {} })],
    ['paths in a list', JSON.stringify(sound({ paths: [] }))],
    ['a remote reference', JSON.stringify(sound({ x: { $ref: 'https://evil.example/x.json#/a' } }))],
    ['a reference to a file', JSON.stringify(sound({ x: { $ref: 'file:///etc/passwd' } }))],
    ['a reference beside it', JSON.stringify(sound({ x: { $ref: 'common.json' } }))],
    ['a remote operation', JSON.stringify(sound({ x: { operationRef: 'https://evil.example/' } }))],
    ['a dynamic reference', JSON.stringify(sound({ x: { $dynamicRef: 'https://evil.example/' } }))],
    ['a prototype', `{"openapi":"3.1.0","info":{"title":"x"},"__proto__":{"polluted":true}}`],
    ['a prototype within', `{"openapi":"3.1.0","info":{"title":"x","__proto__":{"polluted":true}}}`],
    ['NUL', JSON.stringify(sound({ 'x-nul': 'a\0b' }))],
    ['NUL in a name', JSON.stringify(sound({ 'x\0': 1 }))],
    ['half a character', `{"openapi":"3.1.0","info":{"title":"x"},"x":"\\ud800"}`],
    ['deep nesting', `{"openapi":"3.1.0","info":{"title":"x"},"x":${'['.repeat(70)}${']'.repeat(70)}}`],
    ['deepest nesting', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
    ['too many values', JSON.stringify(sound({ x: Array(1999).fill(Array(110).fill(0)) }))],
    ['100,000 paths', `{"openapi":"3.1.0","info":{"title":"x"},"paths":{${pathsOf(60_000)}}}`],
    ['too many operations', JSON.stringify(sound({ paths: Object.fromEntries(manyPaths(501)) }))],
    ['a reference without end', JSON.stringify(sound({ x: { $ref: `#/${'a'.repeat(400)}` } }))],
    ['more than 1 MB', JSON.stringify(sound({ x: 'x'.repeat(1024 * 1024) }))],
  ])('is refused with one sentence: %s', (_what, text) => {
    expect(judgeDocument(Buffer.from(text))).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(/^The document .+\.$/),
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('that is no UTF-8 is refused', () => {
    expect(judgeDocument(Buffer.from([0x7b, 0xff, 0x7d]))).toMatchObject({ ok: false });
  });
});

function pathsOf(count: number): string {
  return Array.from({ length: count }, (_, i) => `"/${i}":{}`).join(',');
}

function manyPaths(count: number): [string, object][] {
  return Array.from({ length: count }, (_, i) => [`/${i}`, { get: {}, post: {} }]);
}

describe('the findings about a document', () => {
  const secured = { security: [{ oauth: ['notes:read'] }] };
  const limit = { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } };

  it('name operations that any token, or nobody’s, may call', () => {
    const get = {};
    expect(
      lint(
        {
          '/open': { get },
          '/empty': { get: { security: [] } },
          '/optional': { get: { security: [{}, { oauth: ['notes:read'] }] } },
          '/any': { get: { security: [{ oauth: [] }] } },
          '/sound': { get: secured },
          '/odd': { get: { security: [{ oauth: ['notes:raed'] }] } },
        },
        {},
      ),
    ).toEqual([
      'operation-without-scope GET /open',
      'operation-without-scope GET /empty',
      'operation-without-scope GET /optional',
      'operation-without-scope GET /any',
      'unknown-scope GET /odd: notes:raed',
    ]);
    expect(lint({ '/inherits': { get } }, secured)).toEqual([]);
  });

  it('name inputs without bounds, through references', () => {
    const schemas = {
      Note: {
        type: 'object',
        properties: {
          title: { type: 'string', maxLength: 100 },
          text: { type: 'string' },
          day: { type: 'string', format: 'date' },
          colour: { type: 'string', enum: ['red'] },
          stars: { type: ['integer', 'null'], minimum: 0 },
          tags: { type: 'array', items: { type: 'string' } },
          parent: { $ref: '#/components/schemas/Note' },
          part: { oneOf: [{ type: 'number' }, { $ref: '#/components/schemas/Gone' }] },
        },
      },
    };
    const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Note' } } } };
    const parameters = [{ name: 'id', in: 'path', schema: { type: 'string' } }, limit];
    const post = { ...secured, requestBody: body };
    expect(lint({ '/notes/{id}': { parameters, post } }, { components: { schemas } })).toEqual([
      'input-without-bounds POST /notes/{id}: id',
      'input-without-bounds POST /notes/{id}: body.text',
      'input-without-bounds POST /notes/{id}: body.stars',
      'input-without-bounds POST /notes/{id}: body.tags',
      'input-without-bounds POST /notes/{id}: body.tags[]',
      'input-without-bounds POST /notes/{id}: body.part',
    ]);
  });

  it('name lists without a page size', () => {
    const answer = (schema: object) => ({
      ...secured,
      responses: { 200: { content: { 'application/json': { schema } } } },
    });
    const list = { type: 'array', items: { type: 'string' } };
    expect(
      lint({
        '/list': { get: answer(list) },
        '/within': { get: answer({ type: 'object', properties: { notes: list } }) },
        '/sized': { get: { ...answer(list), parameters: [limit] } },
        '/short': { get: answer({ ...list, maxItems: 10 }) },
        '/one': { get: answer({ type: 'object' }) },
      }),
    ).toEqual(['list-without-page-size GET /list', 'list-without-page-size GET /within']);
  });

  it('come quickly and few from a document made to be slow', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 1900 }, (_, i) => [`p${i}`, { type: 'string', maxLength: 9 }]),
    );
    const circles = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [
        `C${i}`,
        { properties: { ...wide, next: { $ref: `#/components/schemas/C${(i + 1) % 100}` } } },
      ]),
    );
    const one = { oneOf: Array(500).fill({ $ref: '#/components/schemas/A' }) };
    const schemas = { A: one, ...Object.fromEntries(Object.entries(circles).slice(0, 8)) };
    const body = { content: { x: { schema: { $ref: '#/components/schemas/C0' } } } };
    const nested = { content: { x: { schema: { $ref: '#/components/schemas/A' } } } };
    const paths = Object.fromEntries(
      Array.from({ length: 490 }, (_, i) => [
        `/${i}`,
        { ...secured, post: { ...secured, requestBody: body }, get: { ...secured, requestBody: nested } },
      ]),
    );
    const began = process.threadCpuUsage();
    expect(lint(paths, { components: { schemas } })).toEqual([]);
    expect(millisecondsOfThread(began)).toBeLessThan(3000);
    const self = { '/x': { get: { $ref: '#/paths/~1x/get' } }, '/y': { $ref: '#/paths/~1y' } };
    expect(lint(self)).toEqual(['operation-without-scope GET /x']);
    expect(lintReference({ paths: 'no' } as ReferenceDocument)).toEqual([]);
  });
});

describe('the reference of an API', () => {
  const member = { kind: 'account', id: newId() } as const;
  let platform: OpenPlatform;
  beforeAll(async () => {
    platform = await openTestPlatform();
  });
  afterAll(() => platform.close());

  it('is uploaded, replaced and removed by its own organization alone', async () => {
    const [acme, rival] = [await anOrganization(platform), await anOrganization(platform, 'Rival')];
    const { api } = await anApi(platform, acme);
    const wish = { apiId: api.id, organizationId: acme };
    const stranger = { apiId: api.id, organizationId: rival };
    const first = { ...wish, bytes: bytesOf(sound()) };
    expect(await uploadReference(platform, member, { ...first, ...stranger })).toMatchObject({
      reason: 'api',
    });
    expect(await hasReference(platform, api.id)).toBe(false);
    ok(await uploadReference(platform, member, first));
    ok(await uploadReference(platform, member, { ...wish, bytes: bytesOf(sound({ paths: {} })) }));
    expect((await findReference(platform, api.id))?.document).toEqual(sound({ paths: {} }));
    const refusedUpload = await uploadReference(platform, member, { ...wish, bytes: Buffer.from('{}') });
    expect(refusedUpload).toMatchObject({ reason: 'document' });
    expect(await removeReference(platform, member, stranger)).toMatchObject({ reason: 'api' });
    expect(await hasReference(platform, api.id)).toBe(true);
    ok(await removeReference(platform, member, wish));
    expect(await findReference(platform, api.id)).toBeUndefined();
  });
});

describe('a document made to be slow', () => {
  const REF = '#/components/schemas/Self';
  const many = <T>(count: number, one: (n: number) => [string, T]) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => one(n)));
  const body = { content: { 'application/json': { schema: { $ref: REF } } } };
  const Self = {
    type: 'object',
    properties: many(30, (n) => [`p${n}`, { $ref: REF }]),
    items: { $ref: REF },
  };
  const chain = many(20, (n): [string, object] => [
    `c${n}`,
    n < 19 ? { $ref: `#/components/parameters/c${n + 1}` } : { name: 'a', in: 'query', schema: {} },
  ]);
  const parameters = Array(100).fill({ $ref: '#/components/parameters/c0' });
  const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
  const all = (operation: object) => Object.fromEntries(methods.map((method) => [method, operation]));
  const wide = many(1900, (n) => [`p${n}`, {}]);
  const media = many(1900, (n) => [`text/x-${n}`, { schema: { $ref: REF } }]);

  it.each<[string, object]>([
    [
      'a schema that holds itself',
      {
        paths: many(1000, (n) => [`/${n}`, { get: { requestBody: body } }]),
        components: { schemas: { Self } },
      },
    ],
    [
      'references to references',
      { paths: many(125, (n) => [`/${n}`, { parameters, ...all({}) }]), components: { parameters: chain } },
    ],
    [
      'requirements without end',
      {
        paths: many(125, (n) => [`/${n}`, all({})]),
        security: Array(95).fill({ a: Array(1900).fill('x') }),
      },
    ],
    [
      'answers of many kinds',
      {
        paths: many(1000, (n) => [
          `/${n}`,
          { get: { responses: { 200: { $ref: '#/components/responses/Wide' } } } },
        ]),
        components: { schemas: { Self: { properties: wide } }, responses: { Wide: { content: media } } },
      },
    ],
  ])('by %s is shown and linted all the same', (_, part) => {
    const { document } = ok(judge(sound(part)));
    const began = process.threadCpuUsage();
    describeReference(document);
    lintReference(document, ['notes:read']);
    expect(millisecondsOfThread(began)).toBeLessThan(800);
  });
});
