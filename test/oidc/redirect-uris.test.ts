import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, type Notes } from '../support/world.ts';
import { authorizePath, type Params } from './stage.ts';

const WEB = 'https://app.example.com/callback';
const WITH_QUERY = 'https://app.example.com/cb?tenant=1&lang=de';
const WITH_PORT = 'https://app.example.com:8443/callback';
const DEVELOPMENT = 'http://localhost:4321/callback';

/** Where a browser is sent with an answer, or is not. Nobody is signed in: an accepted address gets login_required. */
describe('a redirect URI', () => {
  let server: RunningServer;
  let web: App;
  let native: App;
  let api: Notes;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    const redirectUris = [WEB, WITH_QUERY, WITH_PORT, DEVELOPMENT];
    web = await newApp(server.platform, api, { redirectUris });
    native = await newApp(server.platform, api, {
      type: 'native',
      redirectUris: [
        'http://127.0.0.1/callback',
        'http://[::1]/callback',
        'http://localhost/callback',
        'http://127.0.0.1:7000/fixed?a=b',
        'com.example.app:/callback',
        'https://claimed.example.com/callback',
      ],
    });
  });
  afterAll(() => server.stop());

  const ask = (app: App, uri: string | readonly string[] | undefined, params: Params = {}) =>
    new Visitor(server.url).open(authorizePath(app, { prompt: 'none', redirect_uri: uri, ...params }));

  async function expectRefused(app: App, uri: string | readonly string[]): Promise<void> {
    const page = await ask(app, uri);
    expect(page.location).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.headers.get('Content-Type')).toContain('text/html');
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(page.headers.get('X-Request-Id')).toBeTruthy();
    expect(page.text).toContain('return address');
    expect(page.forms).toEqual([]);
  }

  async function expectAccepted(app: App, uri: string): Promise<void> {
    const page = await ask(app, uri);
    expect(page.status).toBe(303);
    const location = page.headers.get('Location') ?? '';
    expect(location.startsWith(uri), location).toBe(true);
    const added = new URLSearchParams(location.slice(uri.length + 1));
    expect(Object.fromEntries(added)).toMatchObject({ error: 'login_required', iss: server.url });
  }

  it.each([WEB, WITH_QUERY, WITH_PORT, DEVELOPMENT])('that is registered works: %s', async (uri) => {
    await expectAccepted(web, uri);
  });

  const mutations = [
    'https://app.example.com/callback/',
    'https://app.example.com/callback?',
    'https://app.example.com/callback?a=b',
    'https://app.example.com/callback#',
    'https://app.example.com/callback#code=1',
    'https://app.example.com/callback&a=b',
    'https://app.example.com/callback;a=b',
    'https://app.example.com/callback/..',
    'https://app.example.com/callback/../callback',
    'https://app.example.com/callback/..;/evil',
    'https://app.example.com/callback/%2e%2e/evil',
    'https://app.example.com/callback%2f..%2fevil',
    'https://app.example.com/callback%252fevil',
    'https://app.example.com/./callback',
    'https://app.example.com//callback',
    'https://app.example.com/x/../callback',
    'https://app.example.com/Callback',
    'https://app.example.com/%63allback',
    'https://app.example.com/callbac',
    'https://app.example.com/callback2',
    'https://app.example.com/callback%20',
    'https://app.example.com/callback ',
    ' https://app.example.com/callback',
    'https://app.example.com/callback\t',
    'https://app.example.com/call\tback',
    'https://app.example.com/callback\r\nSet-Cookie: a=b',
    'https://app.example.com/',
    'https://app.example.com',
    'https://app.example.com:443/callback',
    'https://app.example.com:80/callback',
    'https://app.example.com:8443/callback/',
    'https://app.example.com:80@evil.example/callback',
    'https://app.example.com@evil.example/callback',
    'https://evil.example@app.example.com/callback',
    'https://:@app.example.com/callback',
    'https://app.example.com.evil.example/callback',
    'https://evilapp.example.com/callback',
    'https://app.example.com.evil/callback',
    'https://app.example.comevil/callback',
    'https://appXexample.com/callback',
    'https://app.example.com./callback',
    'https://APP.example.com/callback',
    'HTTPS://app.example.com/callback',
    'https:app.example.com/callback',
    'https:/app.example.com/callback',
    'https:///app.example.com/callback',
    'https:\\\\app.example.com\\callback',
    'https://app.example.com\\@evil.example/callback',
    'https://evil.example\\@app.example.com/callback',
    'https://app.example.com%2fcallback@evil.example',
    'https://app.example.com%00.evil.example/callback',
    'https://app.ex\u0430mple.com/callback',
    'https://app\u3002example.com/callback',
    'https://app\uff0eexample\uff0ecom/callback',
    'https://app.example.com/callback\u200b',
    'https://xn--app-example-com/callback',
    'http://app.example.com/callback',
    '//app.example.com/callback',
    '/callback',
    'callback',
    '?code=1',
    'javascript:alert(1)//https://app.example.com/callback',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://app.example.com/callback',
    'ws://app.example.com/callback',
    'urn:ietf:wg:oauth:2.0:oob',
    'null',
    'about:blank',
    '*',
    'https://*.example.com/callback',
    'https://app.example.com/*',
    'https://app.example.com/cb',
    'https://app.example.com/cb?lang=de&tenant=1',
    'https://app.example.com/cb?tenant=1',
    'https://app.example.com/cb?tenant=1&lang=de&code=1',
    'https://app.example.com/cb?tenant=1;lang=de',
    'https://app.example.com/cb?tenant=%31&lang=de',
    'http://localhost:4322/callback',
    'http://localhost/callback',
    'http://127.0.0.1:4321/callback',
    'http://[::1]:4321/callback',
    'http://0x7f.1:4321/callback',
    'https://localhost:4321/callback',
    'http://localhost:4321',
    'x'.repeat(8000),
  ];
  it.each(mutations)('that is not registered to the letter gets no redirect: %j', async (uri) => {
    await expectRefused(web, uri);
  });

  it('that is given twice gets none', async () => {
    for (const pair of [
      [WEB, 'https://evil.example/'],
      ['https://evil.example/', WEB],
    ]) {
      const page = await ask(web, pair);
      expect([page.status, page.location]).toEqual([400, undefined]);
    }
  });

  it('that is left out gets none where the app has several', async () => {
    const page = await ask(web, undefined);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  it.each([
    'http://127.0.0.1:1/callback',
    'http://127.0.0.1:65535/callback',
    'http://127.0.0.1/callback',
    'http://[::1]:50123/callback',
    'http://localhost:50123/callback',
    'http://127.0.0.1:8000/fixed?a=b',
    'com.example.app:/callback',
    'https://claimed.example.com/callback',
  ])('of a native app works on its own machine with any port: %s', async (uri) => {
    await expectAccepted(native, uri);
  });

  it.each([
    'https://127.0.0.1:5000/callback',
    'http://127.0.0.1:5000/callback/',
    'http://127.0.0.1:5000/other',
    'http://127.0.0.1:5000/callback?a=b',
    'http://127.0.0.1:5000/callback#a',
    'http://user@127.0.0.1:5000/callback',
    'http://evil.example@127.0.0.1:5000/callback',
    'http://127.0.0.1:5000@evil.example/callback',
    'http://127.0.0.1:5000:6000/callback',
    'http://127.0.0.1:99999/callback',
    'http://127.0.0.1:-1/callback',
    'http://127.0.0.1:5000\\@evil.example/callback',
    'http://127.0.0.2:5000/callback',
    'http://127.1:5000/callback',
    'http://0:5000/callback',
    'http://2130706433:5000/callback',
    'http://0x7f000001:5000/callback',
    'http://[::ffff:127.0.0.1]:5000/callback',
    'http://[0:0:0:0:0:0:0:1]:5000/callback',
    'http://localhost.:5000/callback',
    'http://localhost.evil.example:5000/callback',
    'http://LOCALHOST:5000/callback',
    'http://127.0.0.1.evil.example/callback',
    'https://claimed.example.com:8443/callback',
    'com.example.app:8000/callback',
    'com.example.app:/callback/',
    'com.example.app://callback',
    'com.example.application:/callback',
    'COM.example.app:/callback',
  ])('of a native app bends in nothing but the port: %s', async (uri) => {
    await expectRefused(native, uri);
  });

  const strangers: [string, Params][] = [
    ['nobody', { client_id: 'nobody' }],
    ['an app that could be', { client_id: 'app_abcdefghjkmnpqrstuvw' }],
    ['a property', { client_id: '__proto__' }],
    ['an address', { client_id: 'https://evil.example/client.json' }],
    ['nothing', { client_id: undefined }],
    ['an empty name', { client_id: '' }],
    ['two', { client_id: ['nobody', 'somebody'] }],
    ['a long name', { client_id: 'a'.repeat(8000) }],
  ];
  it.each(strangers)('never counts for a client_id of %s', async (_what, params) => {
    const page = await ask(web, WEB, params);
    expect(page.location).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.headers.get('X-Request-Id')).toBeTruthy();
    expect(page.text).not.toContain('app.example.com');
  });

  const registrable: ['web' | 'spa' | 'native', string][] = [
    ['web', 'https://localhost/callback'],
    ['web', 'https://127.0.0.1/callback'],
    ['web', 'https://[::1]:8443/callback'],
    ['web', 'http://127.0.0.1:3000/callback'],
    ['web', 'https://app.example.com'],
    ['web', 'https://app.example.com/a/b/c?x=1&y=%20'],
    ['web', 'https://app'],
    ['web', 'https://192.0.2.1/callback'],
    ['web', 'https://xn--bcher-kva.example/callback'],
    ['spa', 'http://localhost:5173/'],
    ['native', 'http://localhost'],
    ['native', 'http://127.0.0.1/callback'],
    ['native', 'com.example.app:/'],
    ['native', 'com.example.app://callback'],
    ['native', 'com.example.app://callback/path?x=1'],
    ['native', 'https://app.example.com/callback'],
  ];
  it.each(registrable)('that a %s app may register works afterwards: %s', async (type, uri) => {
    const app = await newApp(server.platform, api, { type, redirectUris: [uri] });
    const page = await ask(app, uri);
    expect([page.status, page.headers.get('Location')?.includes('error=login_required')]).toEqual([
      303,
      true,
    ]);
  });

  it('of another app is not one’s own', async () => {
    await expectRefused(native, WEB);
    await expectRefused(web, 'com.example.app:/callback');
  });

  it('counts for nobody who signs nobody in: a machine and an API have none', async () => {
    const machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    for (const clientId of [machine.clientId, api.clientId]) {
      for (const uri of [WEB, DEVELOPMENT, undefined]) {
        const page = await ask({ ...machine, clientId }, uri);
        expect([page.status, page.location]).toEqual([400, undefined]);
      }
    }
  });

  it('is not looked up for a client_id in other letters', async () => {
    const capitals = { ...web, clientId: web.clientId.toUpperCase() };
    expect((await ask(capitals, WEB)).location).toBeUndefined();
  });
});
