import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { homePage } from '../../../src/accounts/area/home.pages.ts';
import type { Handler } from '../../../src/platform/web/context.ts';
import { renderPage } from '../../../src/platform/web/render.ts';
import { webRoutes } from '../../../src/platform/web/routes.ts';
import { bareApp } from './bare-app.ts';

const home: Handler = (ctx, next) => (ctx.path === '/' ? homePage(ctx, next) : next());
const app = await bareApp([webRoutes().routes() as Handler, home]);
afterAll(() => app[Symbol.asyncDispose]());

describe('the home page', () => {
  it('shows the ways in and sets no cookie', async () => {
    const { status, headers, body } = await app.ask('/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(headers['set-cookie']).toBeUndefined();
    expect(body).toContain('href="/sign-in"');
    expect(body).toContain('href="/mailbox"');
  });

  it('does not speak of a mailbox in production', async () => {
    await using production = await bareApp([home], {
      issuer: 'https://id.example.com',
      smtpUrl: 'smtps://mail.example.com',
    });
    expect((await production.ask('/')).body).not.toContain('mailbox');
  });
});

describe('our files', () => {
  it('are served under names that change with their content', async () => {
    const { body } = await app.ask('/');
    const [path = ''] = /\/assets\/gatehouse\.[0-9a-f]{12}\.css/.exec(body) ?? [];
    const { status, headers, body: css } = await app.ask(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(css).toBe(readFileSync('public/gatehouse.css', 'utf8'));
    expect(Buffer.byteLength(css)).toBeLessThan(20_000);
  });

  it.each([
    '/assets/',
    '/assets/gatehouse.css',
    '/assets/../package.json',
    '/assets/%2e%2e%2fpackage.json',
    '/assets/a/b',
  ])('are the only ones served: %s', async (path) => {
    expect((await app.ask(path)).status).toBe(404);
  });
});

describe('well-known addresses', () => {
  it('send password managers to the page that changes the password', async () => {
    const { status, headers } = await app.ask('/.well-known/change-password');
    expect([status, headers.location]).toEqual([303, '/account/sign-in-methods/password']);
  });

  it('keep crawlers out', async () => {
    expect((await app.ask('/robots.txt')).body).toContain('Disallow: /');
  });

  it('are not found where unknown', async () => {
    expect(
      (await app.ask('/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200'))
        .status,
    ).toBe(404);
  });
});

describe('the mailbox', () => {
  it.each<[what: string, settings: Parameters<typeof bareApp>[1], headers: Record<string, string>]>([
    ['in production', { issuer: 'https://id.example.com' }, {}],
    ['where letters really leave', { smtpUrl: 'smtp://localhost:2525' }, {}],
    ['behind a proxy', {}, { 'x-forwarded-for': '127.0.0.1' }],
    ['behind a proxy that speaks Forwarded', {}, { forwarded: 'for=127.0.0.1' }],
    ['behind a tunnel', {}, { 'x-forwarded-host': 'localhost:3000' }],
    ['behind a gateway', {}, { via: '1.1 gateway' }],
  ])('is not there %s', async (_what, settings, headers) => {
    await using other = await bareApp([webRoutes().routes() as Handler], settings);
    expect((await other.ask('/mailbox', { headers })).status).toBe(404);
  });
});

describe('every view', () => {
  const views = readdirSync('views', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.eta'),
  );

  it.each(views)('%s holds no inline code, style or foreign address', (name) => {
    const text = readFileSync(`views/${name}`, 'utf8');
    expect(text).not.toMatch(
      /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|(?:src|href)="(?:https?:)?\/\//i,
    );
  });
});

describe('a page', () => {
  const form: Handler = (ctx) =>
    renderPage(
      ctx,
      'errors/error',
      { title: '<i>T</i>', sentence: `"'<script>alert(1)</script>&`, problems: { email: 'x' } },
      { status: 422 },
    );

  it('escapes everything and says in its title that there are problems', async () => {
    await using other = await bareApp([form]);
    const { status, body } = await other.ask('/');
    expect(status).toBe(422);
    expect(body).toContain('&quot;&#39;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
    expect(body).not.toContain('<script');
    expect(body).toContain('<title>Error: &lt;i&gt;T&lt;/i&gt; · Gatehouse</title>');
  });

  it('that does not exist is a fault of ours', async () => {
    await using other = await bareApp([(ctx) => renderPage(ctx, 'no/such-view')]);
    expect((await other.ask('/')).status).toBe(500);
  });
});
