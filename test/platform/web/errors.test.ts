import Router from '@koa/router';
import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { REFUSAL_STATUS, Refusal, type RefusalKind } from '../../../src/platform/errors.ts';
import type { Handler, RequestState } from '../../../src/platform/web/context.ts';
import { renderErrorPage } from '../../../src/platform/web/errors.ts';
import { formsStayHere } from '../../../src/platform/web/security-headers.ts';
import { type Answer, answering, bareApp } from './bare-app.ts';

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const SAYS = { key: 'errors.wrong-host', values: { address: 'Tom & Co' } } as const;

const throwing = (error: unknown): Handler => {
  return () => {
    throw error;
  };
};

describe('a refusal', () => {
  it.each(Object.entries(REFUSAL_STATUS) as [RefusalKind, number][])(
    'of kind %s answers %i',
    async (kind, status) => {
      await using app = await bareApp([throwing(new Refusal(kind, SAYS))]);
      const page = await app.ask('/', { headers: html });
      expect(page.status).toBe(status);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.body).toContain('This server answers only at Tom &amp; Co. Use that address.');
      expect(page.body).toContain(page.headers['x-request-id']);

      const problem = await app.ask('/');
      expect(problem.status).toBe(status);
      expect(problem.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(problem.body)).toEqual({
        type: 'about:blank',
        title: expect.any(String),
        status,
        detail: 'This server answers only at Tom & Co. Use that address.',
        request_id: problem.headers['x-request-id'],
      });
      for (const answer of [page, problem]) expectSafe(answer);
    },
  );

  it('says when to come back', async () => {
    await using app = await bareApp([
      throwing(new Refusal('too-many', 'errors.try-soon', { retryAfterSeconds: 30.2 })),
    ]);
    expect((await app.ask('/')).headers['retry-after']).toBe('31');
  });

  it('is not logged', async () => {
    await using app = await bareApp([throwing(new Refusal('forbidden', 'errors.other-site'))]);
    await app.ask('/');
    expect(app.logged).toEqual([]);
  });

  it('takes back what was already prepared', async () => {
    const prepare: Handler = async (ctx, next) => {
      ctx.redirect('https://evil.example');
      ctx.set('Set-Cookie', 'a=b');
      ctx.set('ETag', '"x"');
      await next();
    };
    await using app = await bareApp([prepare, throwing(new Refusal('conflict', 'errors.other-site'))]);
    const { status, headers } = await app.ask('/');
    expect(status).toBe(409);
    expect([headers.location, headers['set-cookie'], headers.etag]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a fault', () => {
  it.each([new Error('password=hunter2 at /srv/x'), 'thrown text', undefined, null, 7, { status: 404 }])(
    'never shows its cause: %s',
    async (error) => {
      await using app = await bareApp([throwing(error)]);
      for (const headers of [html, {}]) {
        const answer = await app.ask('/?code=topsecret', { headers });
        expect(answer.status).toBe(500);
        expect(answer.body).toContain(answer.headers['x-request-id']);
        expect(answer.body).not.toMatch(/hunter2|srv|thrown text|at .*\.ts/);
        expectSafe(answer);
      }
      expect(app.logged).toHaveLength(2);
      expect(JSON.stringify(app.logged)).not.toMatch(/hunter2|topsecret/);
    },
  );

  it('is logged once, under the request id that the visitor sees', async () => {
    await using app = await bareApp([throwing(new Error('boom'))]);
    const { headers } = await app.ask('/');
    expect(app.logged).toMatchObject([
      { level: 'error', requestId: headers['x-request-id'], err: { name: 'Error' } },
    ]);
  });

  it('is logged with the pattern of its route and not with what the path holds', async () => {
    const router = new Router<RequestState>();
    router.get('/thing/:id', throwing(new Error('x')) as never);
    await using app = await bareApp([router.routes() as Handler]);
    await app.ask('/thing/hunter2');
    expect(app.logged).toMatchObject([{ level: 'error', route: '/thing/:id' }]);
    expect(JSON.stringify(app.logged)).not.toContain('hunter2');
  });

  it.each([
    Object.assign(new Error('x'), { code: 'P1001' }),
    Object.assign(new Error('x'), { code: 'P2024' }),
    Object.assign(new Error('x'), { code: '57P01' }),
    Object.assign(new Error('x'), { code: '53300' }),
    Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new Error('wrapped', { cause: Object.assign(new Error('x'), { code: '08006' }) }),
    Object.assign(new Error('x'), { name: 'DriverAdapterError', cause: { kind: 'DatabaseNotReachable' } }),
  ])('of the database (%o) asks to come back', async (error) => {
    await using app = await bareApp([throwing(error)]);
    const answer = await app.ask('/');
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(app.logged).toHaveLength(1);
    expectSafe(answer);
  });

  it.each([
    Object.assign(new Error('x'), { code: 'P2002' }),
    Object.assign(new Error('x'), { code: '23505' }),
    Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' }),
  ])('of another kind is ours: %o', async (error) => {
    await using app = await bareApp([throwing(error)]);
    expect((await app.ask('/')).status).toBe(500);
  });
});

describe('an address without an answer', () => {
  const router = new Router<RequestState>();
  router.get(
    '/thing/:id',
    answering(() => 'here'),
  );
  router.get('/empty', (ctx) => {
    ctx.status = 204;
  });
  const routes = [router.routes(), router.allowedMethods()] as Handler[];

  it.each<[method: string, path: string, status: number]>([
    ['GET', '/nothing', 404],
    ['POST', '/nothing', 404],
    ['GET', '/.well-known/nothing', 404],
    ['POST', '/thing/1', 405],
    ['DELETE', '/thing/1', 405],
    ['PROPFIND', '/thing/1', 405],
    ['GET', '/empty', 204],
    ['GET', '/thing/1', 200],
  ])('%s %s is %i', async (method, path, status) => {
    await using app = await bareApp(routes);
    const answer = await app.ask(path, { method, headers: html });
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers.allow).toContain('GET');
    expectSafe(answer);
  });

  it('has no body for HEAD', async () => {
    await using app = await bareApp(routes);
    const answer = await app.ask('/nothing', { method: 'HEAD', headers: html });
    expect([answer.status, answer.body]).toEqual([404, '']);
  });
});

describe('headers', () => {
  it('add HSTS only where the issuer is https', async () => {
    await using plain = await bareApp([answering(() => 'x')]);
    await using secure = await bareApp([answering(() => 'x')], { issuer: 'https://id.example.com' });
    expect((await plain.ask('/')).headers['strict-transport-security']).toBeUndefined();
    expect((await secure.ask('/')).headers['strict-transport-security']).toBe(
      'max-age=31536000; includeSubDomains',
    );
  });

  it('say nothing about form-action unless a route keeps its forms here', async () => {
    await using open = await bareApp([answering(() => 'x')]);
    await using closed = await bareApp([formsStayHere, answering(() => 'x')]);
    expect((await open.ask('/')).headers['content-security-policy']).not.toContain('form-action');
    expect((await closed.ask('/')).headers['content-security-policy']).toMatch(/; form-action 'self'$/);
  });
});

it('the error page works on a Koa context of another app', async () => {
  const engine = new Koa();
  engine.use((ctx) => {
    const details = { error: 'invalid_request', '<b>': '<script>alert(1)</script>' };
    renderErrorPage(ctx, {
      status: 400,
      title: 'errors.title-unreadable',
      sentence: 'errors.cannot-read',
      details,
    });
  });
  const mounted: Handler = async (ctx) => {
    ctx.respond = false;
    await engine.callback()(ctx.req, ctx.res);
  };
  await using app = await bareApp([mounted]);
  const answer = await app.ask('/', { headers: html });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('invalid_request');
  expect(answer.body).toContain(answer.headers['x-request-id']);
  expect(answer.body).not.toContain('<script');
  expectSafe(answer);
});

function expectSafe({ status, headers }: Answer): void {
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|form-action/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  if (status >= 400) expect(headers['cache-control']).toBe('no-store');
}
