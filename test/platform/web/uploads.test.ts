import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Handler } from '../../../src/platform/web/context.ts';
import { formToken, sameOriginOnly } from '../../../src/platform/web/csrf.ts';
import { readUpload } from '../../../src/platform/web/uploads.ts';
import { type Asking, bareApp } from './bare-app.ts';

const SCHEMA = z.object({ name: z.string().min(1) });
const LIMITS = { file: 'picture', maxBytes: 1000 };

const formPage: Handler = async (ctx) => {
  if (ctx.method === 'GET') {
    ctx.body = formToken(ctx.state.platform, ctx);
    return;
  }
  const { upload, ...form } = await readUpload(ctx, SCHEMA, LIMITS);
  ctx.body = { ...form, upload: upload && { tooLarge: upload.tooLarge, text: upload.bytes.toString() } };
};

const app = await bareApp([sameOriginOnly, formPage]);
afterAll(() => app[Symbol.asyncDispose]());

const opened = await app.ask('/logo', { headers: {} });
const own = { cookie: opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '', token: opened.body };

type Part = readonly [name: string, content: string, filename?: string];

function partsOf(parts: readonly Part[], boundary = 'line'): string {
  const written = parts.map(([name, content, filename]) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: image/png`;
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
  });
  return `${written.join('')}--${boundary}--\r\n`;
}

function send(body: string, headers: Asking['headers'] = {}) {
  const type = 'multipart/form-data; boundary=line';
  return app.ask('/logo', {
    method: 'POST',
    headers: { 'content-type': type, cookie: own.cookie, ...headers },
    body,
  });
}

const TOKEN: Part = ['form_token', own.token];
const NAME: Part = ['name', 'Ann'];

describe('a form with a file', () => {
  it('is read and judged like any other, and brings the file', async () => {
    const answer = await send(partsOf([TOKEN, NAME, ['picture', 'bytes', '../../x.png']]));
    expect(JSON.parse(answer.body)).toEqual({
      ...{ ok: true, value: { name: 'Ann' } },
      upload: { tooLarge: false, text: 'bytes' },
    });
  });

  it('may come without the file, and not with a field in its place', async () => {
    for (const parts of [[], [['picture', '', 'x.png']], [['picture', 'text']]] as Part[][]) {
      const answer = await send(partsOf([TOKEN, NAME, ...parts]));
      expect(JSON.parse(answer.body)).toEqual({ ok: true, value: { name: 'Ann' } });
    }
  });

  it('says that the file is too large, and keeps none of it', async () => {
    const answer = await send(partsOf([TOKEN, NAME, ['picture', 'x'.repeat(1001), 'x.png']]));
    expect(JSON.parse(answer.body).upload).toEqual({ tooLarge: true, text: '' });
  });

  it.each([
    [403, 'without our token', partsOf([NAME])],
    [413, 'far too large', partsOf([TOKEN, ['picture', 'x'.repeat(80_000), 'x.png']])],
    [400, 'a field twice', partsOf([TOKEN, NAME, NAME])],
    [400, 'two files', partsOf([TOKEN, NAME, ['picture', 'a', 'a'], ['picture', 'b', 'b']])],
    [400, 'too many parts', partsOf(Array.from({ length: 60 }, (_, i): Part => [`n${i}`, 'x']))],
    [400, 'NUL in a field', partsOf([TOKEN, ['name', 'a\0']])],
    [400, 'no end', '--line\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnn'],
    [400, 'another line', partsOf([TOKEN, NAME], 'other')],
    [400, 'nothing', ''],
  ])('answers %i to %s', async (status, _what, body) => {
    expect((await send(body)).status).toBe(status);
  });

  it('is refused as another media type, compressed, or without its line', async () => {
    const body = partsOf([TOKEN, NAME]);
    expect((await send(body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await send(body, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send(body, { 'content-type': 'multipart/form-data' })).status).toBe(415);
    expect((await send(body, { 'content-type': 'multipart/form-data; x=y' })).status).toBe(400);
  });
});
