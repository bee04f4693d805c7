import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { callbackOf } from '../support/relying-party.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApp, newPerson, signIn } from '../support/world.ts';
import {
  type Answer,
  issued,
  newPkce,
  openStage,
  type Params,
  type Pkce,
  post,
  redeem,
  rowCounts,
  type Stage,
} from './stage.ts';

const URN = 'urn:ietf:params:oauth:request_uri:';

/** RFC 9126: the request travels from server to server, and the browser carries its address alone. */
describe('a pushed authorization request', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let spa: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    app = await newApp(platform, stage.api, { firstParty: true });
    other = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  function push(from: App, params: Params = {}, { challenge }: Pkce = newPkce()): Promise<Answer> {
    const sound = {
      client_id: from.clientId,
      response_type: 'code',
      redirect_uri: from.redirectUri,
      scope: 'openid notes:read',
      state: 'pushed',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    };
    return post(stage, '/par', from, { ...sound, ...params });
  }

  const uriOf = (answer: Answer) => String(answer.body.request_uri);
  const send = (uri: string, from: App, params: Record<string, string> = {}, browser = stage.browser) =>
    browser.open(
      `/authorize?${new URLSearchParams({ client_id: from.clientId, request_uri: uri, ...params })}`,
    );

  function expectRefused(page: Page): void {
    expect(page.location ?? '').not.toContain('code=');
    if (page.location) expect(callbackOf(page)).toMatchObject({ iss: stage.issuer });
    else expect(page.status).toBe(400);
  }

  it('gets an address for a minute, and leads to a code', async () => {
    for (const from of [app, spa]) {
      const pkce = newPkce();
      const answer = await push(from, {}, pkce);
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({ request_uri: expect.stringMatching(/^urn:/), expires_in: 60 });
      expect(answer.headers.get('Cache-Control')).toBe('no-store');
      const { code = '', state } = callbackOf(await send(uriOf(answer), from));
      expect(state).toBe('pushed');
      expect((await redeem(stage, from, { code, verifier: pkce.verifier })).status).toBe(200);
    }
  });

  it('is good once', async () => {
    const uri = uriOf(await push(app));
    expect(callbackOf(await send(uri, app)).code).toBeDefined();
    const again = await send(uri, app);
    expectRefused(again);
    expect(callbackOf(again).error).toBe('invalid_request_uri');
  });

  it('is good once for twenty browsers at the same time', async () => {
    const uri = uriOf(await push(app));
    const pages = await Promise.all(Array.from({ length: 20 }, () => send(uri, app)));
    expect(pages.filter((page) => page.location?.includes('code=')).length).toBe(1);
    for (const page of pages.filter((one) => !one.location?.includes('code='))) expectRefused(page);
  });

  it('is spent by the code, not by the way there: signing in may take longer than its minute', async () => {
    const person = await newPerson(stage.server.platform);
    const browser = new Visitor(stage.issuer);
    const uri = uriOf(await push(app));
    const form = await send(uri, app, {}, browser);
    time = shiftTime(120);
    const page = await signIn(browser, person, form);
    expect(callbackOf(page).code).toBeDefined();
    expectRefused(await send(uri, app, {}, browser));
  });

  it('is over after a minute', async () => {
    const uri = uriOf(await push(app));
    time = shiftTime(61);
    const page = await send(uri, app);
    expectRefused(page);
    expect(callbackOf(page).error).toBe('invalid_request_uri');
  });

  it('is for the app that pushed it', async () => {
    const uri = uriOf(await push(app));
    expectRefused(await send(uri, other));
    expectRefused(await send(uri, spa));
    expectRefused(await send(uri, { ...app, clientId: 'nobody' }));
    expect(callbackOf(await send(uri, app)).code).toBeDefined();
  });

  it('counts alone: what stands beside its address does not', async () => {
    const pkce = newPkce();
    const uri = uriOf(await push(app, { nonce: 'inside' }, pkce));
    const page = await send(uri, app, {
      scope: 'openid email notes:write offline_access',
      nonce: 'outside',
      code_challenge: newPkce().challenge,
      redirect_uri: 'http://localhost:4321/callback',
      resource: 'https://elsewhere.example',
      prompt: 'consent',
      max_age: '0',
    });
    const { code = '', state } = callbackOf(page);
    expect(state).toBe('pushed');
    const tokens = issued(await redeem(stage, app, { code, verifier: pkce.verifier }));
    expect(tokens.scope).toBe('notes:read');
    expect(JSON.parse(atob(tokens.id_token.split('.')[1] ?? '')).nonce).toBe('inside');
    const { rows } = await stage.server.platform.pool.query(
      'SELECT ends_with_session FROM grants WHERE client_id = $1',
      [app.clientId],
    );
    expect(rows.at(-1)).toEqual({ ends_with_session: true });
  });

  it('without scopes takes none from beside it', async () => {
    const reader = await newApp(stage.server.platform, stage.api, { scopes: ['notes:read'] });
    const uri = uriOf(await push(reader, { scope: undefined }));
    const page = await send(uri, reader, { scope: 'offline_access notes:write' });
    expect(page.text).toContain('Read your notes');
    expect(page.text).not.toContain('Change your notes');
    expect(page.text).not.toContain('while you are away');
  });

  it('may ask for offline access, which its person is then asked for', async () => {
    const third = await newApp(stage.server.platform, stage.api);
    const uri = uriOf(await push(third, { scope: 'openid notes:read offline_access' }));
    expect((await send(uri, third)).text).toContain('while you are away');
  });

  it('cannot send a browser anywhere else', async () => {
    const uri = uriOf(await push(app));
    const page = await send(uri, app, { redirect_uri: 'https://evil.example/callback' });
    expect(page.location ?? app.redirectUri).toContain(app.redirectUri);
  });

  it.each([
    ['that was never given out', () => URN + newHandle('request', new Date())],
    ['of another kind of handle', () => URN + newHandle('code', new Date())],
    ['that is none', () => `${URN}x`],
    ['that is empty', () => URN],
    ['in capitals', () => URN.toUpperCase() + newHandle('request', new Date())],
    ['elsewhere', () => 'https://evil.example/request.jwt'],
    ['in a script', () => 'javascript:alert(1)'],
    ['on this machine', () => 'file:///etc/passwd'],
    ['inside the network', () => 'http://169.254.169.254/latest/meta-data'],
  ])('has an address of ours, not one %s', async (_what, uri) => {
    expectRefused(await send(uri(), app));
  });

  const refused: [string, string, Params][] = [
    ['without PKCE', 'invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with the plain method', 'invalid_request', { code_challenge_method: 'plain' }],
    ['for another response', 'unsupported_response_type', { response_type: 'token' }],
    ['by fragment', 'unsupported_response_mode', { response_mode: 'fragment' }],
    ['to an address that is not registered', 'invalid_request', { redirect_uri: 'https://evil.example' }],
    ['with another pushed request inside', 'request_uri_not_supported', { request_uri: `${URN}x` }],
    ['with a request object', 'request_not_supported', { request: 'e30.e30.' }],
    ['for an API nobody knows', 'invalid_target', { resource: 'https://nowhere.example' }],
    ['for a scope nobody may have', 'invalid_scope', { scope: 'a"b' }],
    ['with a prompt nobody knows', 'invalid_request', { prompt: 'none login' }],
    ['with a bad max_age', 'invalid_request', { max_age: '-1' }],
    ['in the name of another app', 'invalid_request', { client_id: 'app_abcdefghjkmnpqrstuvw' }],
  ];
  it.each(refused)('%s is refused on the spot: %s, and stores nothing', async (_what, error, params) => {
    const before = await rowCounts(stage);
    const answer = await push(app, params);
    expect([answer.status, answer.body.error]).toEqual([400, error]);
    expect(await rowCounts(stage)).toEqual(before);
  });

  it('of an app that keeps a secret needs it, and of an API is none', async () => {
    expect((await push({ ...app, secret: '' })).body.error).toBe('invalid_client');
    expect((await push({ ...app, secret: 'x' })).body.error).toBe('invalid_client');
    const api = { ...stage.api, redirectUri: app.redirectUri };
    expect((await push(api)).status).toBe(400);
  });

  it('is stored without its address, and without the secret it came with', async () => {
    const uri = uriOf(await push(app));
    const rows = await stage.server.platform.db.artifact.findMany({ where: { kind: 'request' } });
    expect(rows.length).toBeGreaterThan(0);
    for (const { payload } of rows) {
      const { request } = payload as { request: string };
      const parameters = Buffer.from(request.split('.')[1] ?? '', 'base64url').toString();
      expect(parameters).toContain('code_challenge');
      for (const secret of [uri.slice(URN.length), app.secret]) {
        expect(JSON.stringify(payload) + parameters).not.toContain(secret);
      }
    }
  });
});
