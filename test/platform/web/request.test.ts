import { afterAll, describe, expect, it } from 'vitest';
import { answering, bareApp } from './bare-app.ts';

const app = await bareApp(
  [
    answering((ctx) => [
      ctx.href,
      ctx.host,
      ctx.hostname,
      ctx.protocol,
      ctx.secure,
      ctx.origin,
      ctx.URL.href,
    ]),
  ],
  { issuer: 'https://id.example.com', internalHosts: ['gatehouse.internal:3000', '10.0.0.7'] },
);
afterAll(() => app[Symbol.asyncDispose]());

const seenFromIssuer = [
  'https://id.example.com/jwks?x=1',
  'id.example.com',
  'id.example.com',
  'https',
  true,
  'https://id.example.com',
  'https://id.example.com/jwks?x=1',
];

describe('the Host rule', () => {
  it.each([
    'evil.example',
    'id.example.com.evil.example',
    'evil.example:443',
    'id.example.com:443',
    'id.example.com:80',
    'id.example.com:8443',
    'id.example.com.',
    '.id.example.com',
    'www.id.example.com',
    'example.com',
    'localhost',
    'localhost:3000',
    '127.0.0.1',
    '[::1]',
    '0.0.0.0',
    'user@id.example.com',
    'id.example.com@evil.example',
    'id.example.com:443@evil.example',
    'evil.example#id.example.com',
    'evil.example/id.example.com',
    'id.example.com/evil',
    'id.example.com?evil',
    'id.example.com, evil.example',
    'evil.example, id.example.com',
    'id.example.com;evil',
    'id.example.com evil.example',
    'id\texample.com',
    'id.example.com\\evil',
    'id%2eexample.com',
    'id.example.com%00',
    'id.example.com:',
    'id.example.com:0443',
    'http://id.example.com',
    'https://id.example.com',
    '//id.example.com',
    'id-example.com',
    'idexample.com',
    'xn--id-example-com',
    'xn--d-jga.example.com',
    '*',
    '-',
    'null',
    'undefined',
    'gatehouse.internal',
    'gatehouse.internal:3001',
  ])('refuses %j with 421 and names the right address', async (host) => {
    const answer = await app.ask('/jwks?x=1', { host, headers: { 'x-forwarded-host': 'id.example.com' } });
    expect(answer.status).toBe(421);
    expect(JSON.parse(answer.body).detail).toContain('https://id.example.com');
  });

  it.each(['ID.EXAMPLE.COM', 'Id.Example.Com', ' id.example.com', 'id.example.com '])(
    'takes %j for what it is',
    async (host) => {
      const answer = await app.ask('/jwks?x=1', { host });
      expect(JSON.parse(answer.body)).toEqual(seenFromIssuer);
    },
  );

  it('refuses a request without any Host', async () => {
    expect(await app.raw('GET /jwks?x=1 HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
  });

  it('refuses a request with two Hosts', async () => {
    const answer = await app.raw(
      'GET / HTTP/1.1\r\nHost: id.example.com\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each(['http://evil.example/jwks', 'https://id.example.com/jwks', '*'])(
    'refuses the target %s',
    async (target) => {
      const method = target === '*' ? 'OPTIONS' : 'GET';
      const answer = await app.raw(
        `${method} ${target} HTTP/1.1\r\nHost: id.example.com\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    },
  );

  it('shows browsers a page', async () => {
    const answer = await app.ask('/', { host: 'evil.example', headers: { accept: 'text/html' } });
    expect(answer.status).toBe(421);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.body).toContain('https://id.example.com');
    expect(answer.body).not.toContain('evil');
  });
});

describe('every URL is the issuer’s, whatever is forwarded', () => {
  it.each([
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-proto': 'http' },
    { 'x-forwarded-port': '8080' },
    { 'x-forwarded-server': 'evil.example' },
    { 'x-forwarded-for': '1.2.3.4' },
    { 'x-original-host': 'evil.example' },
    { 'x-host': 'evil.example' },
    { 'x-original-url': '/evil' },
    { 'x-rewrite-url': '/evil' },
    { 'x-http-method-override': 'DELETE' },
    { forwarded: 'for=1.2.3.4;host=evil.example;proto=http' },
    { origin: 'https://evil.example' },
    { referer: 'https://evil.example/' },
    { ':authority': 'evil.example' },
  ])('with %j', async (headers) => {
    const legal = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
    const answer = await app.ask('/jwks?x=1', { headers: Object.fromEntries(legal) });
    expect(JSON.parse(answer.body)).toEqual(seenFromIssuer);
  });
});

describe('internal hosts', () => {
  it.each([
    ['POST', '/token'],
    ['POST', '/token/introspection'],
    ['POST', '/token/revocation'],
    ['GET', '/jwks'],
    ['GET', '/jwks?x=1'],
    ['HEAD', '/jwks'],
    ['GET', '/.well-known/openid-configuration'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/check'],
    ['DELETE', '/check/notes/17?x=1'],
    ['POST', '/check/'],
  ])('may call %s %s, and everything is still the issuer’s', async (method, path) => {
    for (const host of ['gatehouse.internal:3000', '10.0.0.7']) {
      const answer = await app.ask(path, { method, host });
      expect(answer.status).toBe(200);
      if (method !== 'HEAD') expect(JSON.parse(answer.body)[0]).toBe(`https://id.example.com${path}`);
    }
  });

  it.each([
    ['GET', '/'],
    ['GET', '/sign-in'],
    ['POST', '/sign-in'],
    ['GET', '/token'],
    ['POST', '/jwks'],
    ['POST', '/token/'],
    ['POST', '//token'],
    ['POST', '/token/introspection/x'],
    ['POST', '/.well-known/openid-configuration'],
    ['GET', '/authorize'],
    ['GET', '/JWKS'],
    ['GET', '/checks'],
    ['GET', '/Check'],
    ['POST', '//check'],
  ])('may not call %s %s', async (method, path) => {
    expect((await app.ask(path, { method, host: 'gatehouse.internal:3000' })).status).toBe(421);
  });
});

describe('a target that cannot be read', () => {
  it.each([
    '/?a=%00',
    '/?a=%',
    '/?a=%zz',
    '/?a=%c3',
    '/?a=%c0%80',
    '/?a=%ff',
    '/%00',
    '/a%',
    '/?%00=a',
    '/?a=%ed%a0%80',
  ])('is refused: %s', async (path) => {
    expect((await app.ask(path)).status).toBe(400);
  });

  it.each(['/?a=%2500', '/?a=%F0%9F%8F%B0', '/?a=+%2B', "/?a=b&a=c'"])('is not %s', async (path) => {
    expect((await app.ask(path)).status).toBe(200);
  });

  it('is one with bytes outside ASCII', async () => {
    const answer = await app.raw(
      'GET /?a=\xe9 HTTP/1.1\r\nHost: id.example.com\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the request id', () => {
  it('is kept where it is well-formed', async () => {
    const answer = await app.ask('/', { headers: { 'x-request-id': 'trace-0123.ABC_x' } });
    expect(answer.headers['x-request-id']).toBe('trace-0123.ABC_x');
  });

  it.each(['short', 'x'.repeat(65), 'white space', '<script>alert(1)</script>', 'a,b,c,d,e'])(
    'is ours instead of %j',
    async (given) => {
      const answer = await app.ask('/', { headers: { 'x-request-id': given } });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
