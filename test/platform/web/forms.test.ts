import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Handler } from '../../../src/platform/web/context.ts';
import { formToken, sameOriginOnly } from '../../../src/platform/web/csrf.ts';
import { readForm } from '../../../src/platform/web/forms.ts';
import { type Answer, type Asking, bareApp } from './bare-app.ts';

const SCHEMA = z.object({
  email: z.string({ error: 'Enter your email.' }).min(3, { error: 'Enter your email.' }).max(254),
  password: z.string().min(8, { error: 'Use 8 characters or more.' }),
  name: z.string().max(100).optional(),
});

const formPage: Handler = async (ctx) => {
  const formPurpose = ctx.path === '/bound' ? ctx.get('X-Bound-To') : undefined;
  if (ctx.method === 'GET') ctx.body = formToken(ctx.state.platform, ctx, formPurpose);
  else ctx.body = await readForm(ctx, SCHEMA, { formPurpose });
};

const app = await bareApp([sameOriginOnly, formPage]);
afterAll(() => app[Symbol.asyncDispose]());

async function openForm(path = '/sign-in', headers = {}): Promise<{ cookie: string; token: string }> {
  const answer = await app.ask(path, { headers });
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { cookie, token: answer.body };
}

const own = await openForm();

function send(body: string | Buffer, headers: Asking['headers'] = {}, path = '/sign-in'): Promise<Answer> {
  return app.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: own.cookie, ...headers },
    body,
  });
}

const filledIn = (more = '') =>
  `form_token=${own.token}&email=ann%40example.com&password=correct+horse${more}`;

describe('a form', () => {
  it('is read and judged', async () => {
    const answer = await send(filledIn('&name=%C3%84nne&unknown=x'));
    expect(JSON.parse(answer.body)).toEqual({
      ok: true,
      value: { email: 'ann@example.com', password: 'correct horse', name: 'Änne' },
    });
  });

  it('may come with a charset and with raw UTF-8', async () => {
    const type = 'Application/X-WWW-Form-Urlencoded; Charset="UTF-8"';
    const answer = await send(filledIn('&name=Änne'), { 'content-type': type });
    expect(JSON.parse(answer.body).value.name).toBe('Änne');
  });

  it('that can be put right answers one sentence a field and what was entered, but no secrets', async () => {
    const fields =
      'email=&password=short&name=Ann&new_password=x&one_time_code=123456&client_secret=s&CODE=1';
    const answer = await send(`form_token=${own.token}&${fields}`);
    expect(JSON.parse(answer.body)).toEqual({
      ok: false,
      problems: { email: 'Enter your email.', password: 'Use 8 characters or more.' },
      entered: { email: '', name: 'Ann' },
    });
  });

  it('has plain sentences where the schema brings none', async () => {
    const answer = await send(`form_token=${own.token}&email=ann&name=${'x'.repeat(101)}`);
    expect(JSON.parse(answer.body).problems).toEqual({
      name: 'forms.too-long',
      password: 'forms.empty',
    });
  });

  it('with an array for a text is asked for the text', async () => {
    const answer = await send(`form_token=${own.token}&email[]=a&email[x]=b&password=correct+horse`);
    expect(JSON.parse(answer.body).problems).toEqual({ email: 'Enter your email.' });
  });

  it('cannot reach into objects', async () => {
    const answer = await send(filledIn('&__proto__=x&constructor=y&__proto__[admin]=1'));
    expect(JSON.parse(answer.body).ok).toBe(true);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});

describe('what no page of ours sends', () => {
  const big = 'x'.repeat(64 * 1024);
  it.each<[what: string, body: () => string | Buffer, headers: Asking['headers'], status: number]>([
    ['JSON', () => '{"email":"a"}', { 'content-type': 'application/json' }, 415],
    ['multipart', () => '--x--', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['text', () => 'email=a', { 'content-type': 'text/plain' }, 415],
    ['no media type', () => 'email=a', { 'content-type': '' }, 415],
    [
      'a foreign charset',
      () => filledIn(),
      { 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' },
      415,
    ],
    ['a compressed body', () => filledIn(), { 'content-encoding': 'gzip' }, 415],
    ['a body over 64 KiB', () => filledIn(`&name=${big}`), {}, 413],
    ['10 MB', () => filledIn(`&name=${'x'.repeat(10_000_000)}`), {}, 413],
    ['10 MB in chunks', () => 'x'.repeat(10_000_000), { 'transfer-encoding': 'chunked' }, 413],
    ['10 MB of another type', () => 'x'.repeat(10_000_000), { 'content-type': 'application/json' }, 415],
    ['a repeated field', () => filledIn('&email=b'), {}, 400],
    ['a repeated field in other letters', () => filledIn('&%65mail=b'), {}, 400],
    ['a repeated token', () => filledIn('&form_token=b'), {}, 400],
    ['NUL in a value', () => filledIn('&name=a%00b'), {}, 400],
    ['NUL in a name', () => filledIn('&a%00=b'), {}, 400],
    ['a raw NUL', () => filledIn('&name=a\0b'), {}, 400],
    ['invalid UTF-8', () => Buffer.from(filledIn('&name=\xff'), 'latin1'), {}, 400],
    ['encoded invalid UTF-8', () => filledIn('&name=%ff'), {}, 400],
    ['overlong UTF-8', () => filledIn('&name=%c0%af'), {}, 400],
    ['half an encoding', () => filledIn('&name=%2'), {}, 400],
    ['very many fields', () => filledIn('&a=1'.repeat(500)), {}, 400],
    ['no form token', () => 'email=a&password=correct+horse', {}, 403],
    ['an empty form token', () => 'form_token=&email=a', {}, 403],
    ['a made-up form token', () => `form_token=${'A'.repeat(43)}&email=a`, {}, 403],
    ['no cookie', () => filledIn(), { cookie: '' }, 403],
    ['a made-up cookie', () => filledIn(), { cookie: `gatehouse_form=${'A'.repeat(43)}` }, 403],
    ['an empty body', () => '', {}, 403],
  ])('is refused: %s', async (_what, body, headers, status) => {
    const answer = await send(body(), headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).detail).toMatch(/^[A-Z].*\.$/);
    expect(app.logged).toEqual([]);
  });

  it('is refused: a body that ends too early', async () => {
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const head = `POST /sign-in HTTP/1.1\r\nHost: localhost:3000\r\n${type}\r\nContent-Length: 100\r\n\r\n`;
    await app.raw(`${head}form_token=x`);
    expect(app.logged).toMatchObject([{ level: 'info', msg: 'a connection broke' }]);
  });
});

describe('a form token', () => {
  it('of another browser does not count', async () => {
    const other = await openForm();
    expect(other.cookie).not.toBe(own.cookie);
    expect((await send(filledIn(), { cookie: other.cookie })).status).toBe(403);
  });

  it('of another page does not count', async () => {
    expect((await send(filledIn(), {}, '/sign-up')).status).toBe(403);
  });

  it('can be bound to more than the path', async () => {
    const { cookie, token } = await openForm('/bound', { 'x-bound-to': 'session one' });
    const body = `form_token=${token}&email=ann%40example.com&password=correct+horse`;
    expect((await send(body, { cookie, 'x-bound-to': 'session one' }, '/bound')).status).toBe(200);
    expect((await send(body, { cookie, 'x-bound-to': 'session two' }, '/bound')).status).toBe(403);
  });

  it('of a browser stays the same while its cookie does', async () => {
    const again = await app.ask('/sign-in', { headers: { cookie: own.cookie } });
    expect(again.body).toBe(own.token);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  it('comes with a cookie that scripts cannot read', async () => {
    const { headers } = await app.ask('/sign-in');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^gatehouse_form=[\w-]{43}; path=\/; samesite=lax; httponly$/),
    ]);
  });

  it('comes with a __Host- cookie where the issuer is https', async () => {
    await using secure = await bareApp([formPage], { issuer: 'https://id.example.com' });
    const { headers } = await secure.ask('/sign-in');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-form=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/),
    ]);
  });
});

describe('a change asked for', () => {
  it.each<[from: string, headers: Record<string, string>, status: number]>([
    ['by a program', {}, 200],
    ['from here', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }, 200],
    ['from here under no-referrer', { 'sec-fetch-site': 'same-origin', origin: 'null' }, 200],
    ['by typing', { 'sec-fetch-site': 'none' }, 200],
    ['from another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['from another site that hides', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 403],
    ['from another site without origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:4000' }, 403],
    ['with a contradiction', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 403],
    ['with nonsense', { 'sec-fetch-site': 'nonsense' }, 403],
    ['by an old browser here', { origin: 'http://localhost:3000' }, 200],
    ['by an old browser elsewhere', { origin: 'https://evil.example' }, 403],
    ['by an old browser in a frame', { origin: 'null' }, 403],
    ['from another port', { origin: 'http://localhost:3001' }, 403],
    ['from another scheme', { origin: 'https://localhost:3000' }, 403],
    ['from a longer name', { origin: 'http://localhost:3000.evil.example' }, 403],
  ])('%s', async (_from, headers, status) => {
    expect((await send(filledIn(), headers)).status).toBe(status);
  });

  it('may always be looked at first', async () => {
    expect((await app.ask('/sign-in', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  });
});
