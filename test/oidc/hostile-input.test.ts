import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Visitor } from '../support/visitor.ts';
import { type App, newApp } from '../support/world.ts';
import {
  type Answer,
  answerOf,
  authorizePath,
  basicOf,
  newPkce,
  openStage,
  type Params,
  post,
  rowCounts,
  type Stage,
} from './stage.ts';

const ENDPOINTS = ['/token', '/par', '/token/introspection', '/token/revocation', '/userinfo'];

describe('whatever comes in', () => {
  let stage: Stage;
  let app: App;
  let before: Record<string, number>;
  beforeAll(async () => {
    stage = await openStage();
    app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    before = await rowCounts(stage);
  });
  afterAll(() => stage.server.stop());

  /** A refusal of ours: a 4xx with words in it and a request id. */
  function expectSentence({ status, text, headers }: Pick<Answer, 'status' | 'text' | 'headers'>): void {
    expect(status, text).toBeGreaterThanOrEqual(400);
    expect(status, text).toBeLessThan(500);
    expect(text).toMatch(/[a-z_]{3,} [a-z]{2,}/i);
    expect(text).not.toMatch(/\bat \/|node_modules|SELECT|prisma|Error:/);
    expect(headers.get('X-Request-Id')).toMatch(/^[\w.-]{8,}$/);
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  }

  const send = async (path: string, init: RequestInit): Promise<Answer> =>
    answerOf(await fetch(new URL(path, stage.issuer), { redirect: 'manual', ...init }));

  describe('at an endpoint for programs gets JSON with a sentence, and nothing is stored:', () => {
    const bodies: [string, RequestInit][] = [
      ['nothing at all', {}],
      ['JSON', { body: '{"grant_type":"client_credentials"}', headers: typed('application/json') }],
      ['XML', { body: '<a/>', headers: typed('text/xml') }],
      ['no type', { body: new Blob(['grant_type=client_credentials']) }],
      ['another type of form', { body: multipart() }],
      ['a form in another alphabet', { body: 'a=b', headers: typed(`${FORM}; charset=utf-7`) }],
      ['a form in no alphabet', { body: 'a=b', headers: typed(`${FORM}; charset=x`) }],
      ['a zipped form', { body: 'a=b', headers: { ...typed(FORM), 'Content-Encoding': 'gzip' } }],
      ['sixty kilobytes', { body: `token=${'x'.repeat(60_000)}`, headers: typed(FORM) }],
      ['ten thousand fields', { body: 'a=1&'.repeat(10_000), headers: typed(FORM) }],
      ['broken escapes', { body: 'token=&grant_type=%E0%A4%A&access_token=%zz', headers: typed(FORM) }],
      ['NUL bytes', { body: 'token=%00&grant_type=%00&client_id=%00&request_uri=%00', headers: typed(FORM) }],
      ['half a character', { body: 'client_id=%ff%fe&grant_type=%c0%80', headers: typed(FORM) }],
      ['names that are properties', { body: '__proto__=1&constructor=1&toString=1', headers: typed(FORM) }],
      ['arrays in brackets', { body: 'token[]=1&grant_type[a]=1&client_id[]=x', headers: typed(FORM) }],
    ];
    it.each(bodies)('%s', async (_what, init) => {
      for (const path of ENDPOINTS) {
        for (const authorization of [{}, { Authorization: basicOf(app) }]) {
          const headers = { ...authorization, ...(init.headers as Record<string, string>) };
          expectJson(await send(path, { method: 'POST', ...init, headers: headers as HeadersInit }));
        }
      }
      expect(await rowCounts(stage)).toEqual(before);
    });

    it.each(ENDPOINTS)('ten megabytes at %s', async (path) => {
      expectJson(await post(stage, path, app, { token: 'x'.repeat(10_000_000) }));
      expect(await rowCounts(stage)).toEqual(before);
    });

    function expectJson(answer: Answer): void {
      expectSentence(answer);
      expect(answer.headers.get('Content-Type')).toContain('application/json');
      expect(answer.body.error).toMatch(/^[a-z_]+$/);
    }

    it.each<[string, Params]>([
      ['/token', { grant_type: 'authorization_code' }],
      ['/token', { code: 'x' }],
      ['/token', { code_verifier: 'x' }],
      ['/token', { redirect_uri: 'x' }],
      ['/token', { client_id: 'x' }],
      ['/token', { grant_type: 'refresh_token', refresh_token: 'x' }],
      ['/token', { grant_type: 'refresh_token', scope: 'x' }],
      ['/token/introspection', { token: 'x' }],
      ['/token/introspection', { token_type_hint: 'x' }],
      ['/token/revocation', { token: 'x' }],
      ['/par', { state: 'x' }],
      ['/par', { scope: 'openid' }],
      ['/par', { redirect_uri: 'x' }],
      ['/par', { code_challenge: 'x' }],
      ['/userinfo', { access_token: 'x' }],
      ['/userinfo', { scope: 'x' }],
    ])('%s with every one of %j twice', async (path, params) => {
      const twice = Object.fromEntries(
        Object.entries(params).map(([name, value]) => [name, [String(value), String(value)]]),
      );
      const answer = await post(stage, path, app, twice);
      expectSentence(answer);
      expect(await rowCounts(stage)).toEqual(before);
    });

    const pushed = { client_id: '', response_type: 'code', scope: 'openid', code_challenge_method: 'S256' };
    it.each<[string, Params]>([
      ['a NUL byte', { nonce: 'a\0b' }],
      ['a NUL byte in state', { state: '\0' }],
      ['a NUL byte in a hint', { login_hint: 'a\0@example.org' }],
      ['twenty kilobytes', { nonce: 'n'.repeat(20_000) }],
    ])('a pushed request with %s', async (_what, params) => {
      const whole = { ...pushed, client_id: app.clientId, redirect_uri: app.redirectUri };
      const code_challenge = newPkce().challenge;
      const answer = await post(stage, '/par', app, { ...whole, code_challenge, ...params });
      expectSentence(answer);
      expect(answer.body.error).toBe('invalid_request');
      expect(await rowCounts(stage)).toEqual(before);
    });
  });

  describe('in an authorization request is refused with a page or sent back to the app, and nothing is stored:', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`p${n}`, 'x']));
    it.each<[string, Params]>([
      ['client_id twice', { client_id: ['a', 'b'] }],
      ['everything twice', { state: ['a', 'a'], scope: ['a', 'a'], response_type: ['code', 'code'] }],
      [
        'redirect_uri as a list',
        { 'redirect_uri[]': 'https://evil.example', redirect_uri: undefined, state: ['a', 'b'] },
      ],
      ['a scope of 8 KB', { scope: `openid ${'x'.repeat(8000)}"` }],
      ['four thousand scopes', { scope: `${'x '.repeat(4000)}"` }],
      ['a hint of 8 KB that is no token', { id_token_hint: 'x'.repeat(8000) }],
      ['a hint that is half a token', { id_token_hint: 'e30.e30' }],
      ['three hundred more parameters', { ...many, prompt: 'none' }],
      ['properties', { __proto__: 'x', constructor: 'x', prompt: 'none' }],
      ['a max_age of 8 KB', { max_age: '9'.repeat(8000) }],
      ['a prompt of 8 KB', { prompt: 'login '.repeat(1300) }],
      ['three hundred APIs', { resource: Array(300).fill('https://notes.example') }],
      ['an API of 4 KB', { resource: `https://notes.example/${'x'.repeat(4000)}` }],
      ['an API with a port that is none', { resource: 'https://notes.example:99999999' }],
      ['a language of 8 KB', { ui_locales: 'x'.repeat(8000), prompt: 'none' }],
    ])('%s', async (_what, params) => {
      const page = await new Visitor(stage.issuer).open(authorizePath(app, params));
      if (page.status === 303) expect(page.location).toMatch(`${app.redirectUri}?error=`);
      else expectSentence({ status: page.status, text: page.text, headers: page.headers });
      expect(await rowCounts(stage)).toEqual(before);
    });

    it.each(['%00', '%', '%zz', '%ff', '%c0%80', '%ed%a0%80'])('%s in the address', async (text) => {
      for (const path of ['/authorize', '/session/end', '/userinfo', '/interaction', '/authorize/x']) {
        expectSentence(await send(`${path}?client_id=${app.clientId}&state=${text}`, {}));
      }
      expect(await rowCounts(stage)).toEqual(before);
    });

    it.each([
      ['an address of 20 KB', `/authorize?state=${'x'.repeat(20_000)}`, {}],
      ['a header of 20 KB', '/authorize', { 'X-Long': 'x'.repeat(20_000) }],
      ['a cookie of 20 KB', '/authorize', { Cookie: `a=${'x'.repeat(20_000)}` }],
    ])('%s', async (_what, path, headers) => {
      expect(await statusOf(path, headers)).toBe(431);
    });
  });

  it.each<Record<string, string | string[]>>([
    {
      Cookie:
        'gatehouse_session=%00; gatehouse_engine=%00; gatehouse_engine.sig=%00; gatehouse_interaction=x',
    },
    { Cookie: 'gatehouse_session=\xff\xfe; gatehouse_form=\xff; __proto__=x; constructor=y; =; ;;' },
    { Cookie: Array(50).fill('gatehouse_session=x').join('; ') },
    { Authorization: '\xff\xfe' },
    { Authorization: 'Bearer' },
    { Authorization: 'Basic' },
    { Authorization: '' },
    { Authorization: 'DPoP x', DPoP: 'x' },
    { DPoP: ['x', 'y'] },
    { DPoP: 'e30.e30.e30' },
    { Accept: ';;;,,,' },
    { Accept: `${'a/b,'.repeat(2000)}text/html` },
    { 'Accept-Language': '*;q=x', 'User-Agent': '\xff' },
    { 'Content-Type': 'multipart/form-data' },
    { 'Content-Type': ';;;' },
    { 'If-None-Match': '"', 'If-Modified-Since': 'never', Range: 'bytes=0-0' },
    { Origin: 'x', 'Sec-Fetch-Site': '\xff' },
    { Expect: '100-continue' },
    { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' },
    { 'X-Request-Id': '../../x\t', 'X-HTTP-Method-Override': 'DELETE' },
  ])('with the headers %j is never a fault of ours', async (headers) => {
    for (const path of [
      '/authorize',
      authorizePath(app, { prompt: 'none' }),
      '/userinfo',
      '/session/end',
      '/jwks',
    ]) {
      expect(await statusOf(path, headers), path).toBeLessThan(500);
    }
    for (const path of [...ENDPOINTS, '/session/end/confirm', '/interaction/x/consent']) {
      expect(await statusOf(path, headers, 'POST'), path).toBeLessThan(500);
    }
  });

  /** The status of a request with headers that no well-behaved library sends. */
  function statusOf(
    path: string,
    headers: Readonly<Record<string, string | string[]>>,
    method = 'GET',
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const Host = new URL(stage.issuer).host;
      const options = {
        host: '127.0.0.1',
        port: stage.server.port,
        path,
        method,
        headers: { Host, ...headers },
      };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  }

  describe('every page about a request that does not work', () => {
    const pages: [string, () => string][] = [
      ['of an app nobody knows', () => '/authorize?client_id=nobody'],
      ['of no app', () => '/authorize'],
      ['with a strange return address', () => authorizePath(app, { redirect_uri: 'https://evil.example' })],
      ['that was resumed without its cookie', () => `/authorize/${'x'.repeat(21)}`],
      ['of an interaction of somebody else', () => `/interaction/${'x'.repeat(21)}`],
      ['to sign out with a broken hint', () => '/session/end?id_token_hint=x'],
      ['to sign out of an app nobody knows', () => '/session/end?client_id=nobody'],
      ['to be signed out of an app nobody knows', () => '/session/end/success?client_id=nobody'],
    ];
    it.each(pages)('%s has its headers, its reference and no way out', async (_what, path) => {
      const page = await new Visitor(stage.issuer).open(path());
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.status).toBeLessThan(500);
      expect(page.location).toBeUndefined();
      expect(page.text).toContain(String(page.headers.get('X-Request-Id')));
      expect([...page.links.values()].filter((link) => link.includes('evil'))).toEqual([]);
      const policy = String(page.headers.get('Content-Security-Policy'));
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
        expect(policy).toContain(rule);
      }
      expect(Object.fromEntries(page.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    });

    it('repeats nothing of the request unescaped', async () => {
      const text = '<img src=x onerror=alert(1)>';
      const paths = ['client_id', 'redirect_uri', 'response_type', 'id_token_hint'].flatMap((name) => [
        `/authorize?${new URLSearchParams({ client_id: app.clientId, [name]: text })}`,
        `/session/end?${new URLSearchParams({ [name]: text })}`,
      ]);
      for (const path of paths) {
        expect((await new Visitor(stage.issuer).open(path)).html).not.toContain('<img');
      }
    });
  });
});

const FORM = 'application/x-www-form-urlencoded';

function typed(type: string): Record<string, string> {
  return { 'Content-Type': type };
}

function multipart(): FormData {
  const form = new FormData();
  form.set('grant_type', 'client_credentials');
  return form;
}
