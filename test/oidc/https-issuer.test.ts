import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';
import { type App, newApi, newApp } from '../support/world.ts';
import { authorizePath } from './stage.ts';

const HOST = 'auth.example.com';

/** In production a proxy ends TLS, and the server sees plain HTTP under the name of the issuer. */
describe('behind a proxy, under an https issuer', () => {
  let server: RunningServer;
  let app: App;
  beforeAll(async () => {
    server = await startTestServer({ issuer: `https://${HOST}`, production: true });
    const redirectUris = ['https://app.example.com/callback'];
    app = await newApp(server.platform, await newApi(server.platform), { redirectUris });
  });
  afterAll(() => server.stop());

  function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
    return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path, headers: { Host: HOST, ...headers } };
      request(options, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      })
        .on('error', reject)
        .end();
    });
  }

  it('every address is https and under the issuer', async () => {
    const { body } = await ask('/.well-known/openid-configuration');
    for (const [name, value] of Object.entries(JSON.parse(body) as Record<string, unknown>)) {
      if (/^issuer$|_endpoint$|_uri$/.test(name))
        expect(String(value)).toMatch(/^https:\/\/auth\.example\.com/);
    }
  });

  it('every cookie is Secure, HttpOnly and for this host alone', async () => {
    const first = await ask(authorizePath(app));
    expect(first.status).toBe(303);
    const cookies = [...(first.headers['set-cookie'] ?? [])];
    const signIn = await ask(String(first.headers.location), { Cookie: headerOf(cookies) });
    const next = await ask(
      new URL(String(signIn.headers.location), 'https://x').href.slice('https://x'.length),
      {
        Cookie: headerOf(cookies),
      },
    );
    cookies.push(...(signIn.headers['set-cookie'] ?? []), ...(next.headers['set-cookie'] ?? []));
    expect(next.status).toBe(200);
    expect(cookies.length).toBeGreaterThan(3);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__(Host|Secure)-/);
      expect(cookie).toMatch(/; secure/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=lax/i);
      expect(cookie).not.toMatch(/; domain=/i);
    }
  });

  it('every answer tells browsers to stay with https', async () => {
    for (const path of ['/', '/jwks', '/authorize', '/sign-in', '/nothing', '/session/end']) {
      expect((await ask(path)).headers['strict-transport-security']).toContain('max-age=31536000');
    }
  });

  it('errors go back with the https issuer', async () => {
    const { headers } = await ask(authorizePath(app, { prompt: 'none' }));
    expect(new URL(String(headers.location)).searchParams.get('iss')).toBe(`https://${HOST}`);
  });

  it('the mailbox of development is not there', async () => {
    expect((await ask('/mailbox')).status).toBe(404);
  });
});

function headerOf(cookies: readonly string[]): string {
  return cookies.map((cookie) => cookie.split(';')[0]).join('; ');
}
