import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, newOrganization } from '../support/world.ts';
import {
  anotherPerson,
  isActive,
  openStage,
  refresh,
  rowCounts,
  type Stage,
  type Tokens,
  tokensFor,
} from './stage.ts';

const BACK = 'http://localhost:4321/bye';
const NATIVE_BACK = 'http://127.0.0.1/bye';

/** RP-Initiated Logout, as somebody who wants to misuse it would try. */
describe('a request to sign out', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let native: App;
  let tokens: Tokens;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    app = await newApp(platform, stage.api, { firstParty: true, postLogoutRedirectUris: [BACK] });
    const organizationId = await newOrganization(platform, 'Somebody else');
    other = await newApp(platform, stage.api, { organizationId, firstParty: true, resources: [] });
    native = await newApp(platform, stage.api, {
      type: 'native',
      firstParty: true,
      redirectUris: ['http://127.0.0.1/callback'],
      postLogoutRedirectUris: [NATIVE_BACK],
    });
    tokens = await tokensFor(stage, app);
  });
  afterAll(() => stage.server.stop());

  const ask = (params: Readonly<Record<string, string>>, browser = stage.browser) =>
    browser.open(`/session/end?${new URLSearchParams(params)}`);
  const isSignedIn = async (browser: Visitor) =>
    (await browser.open('/account', { follow: false })).status === 200;

  it('ends nothing by itself, however it is put', async () => {
    for (const params of [
      {},
      { client_id: app.clientId },
      { id_token_hint: tokens.id_token },
      { id_token_hint: tokens.id_token, post_logout_redirect_uri: BACK, state: 's' },
      { client_id: app.clientId, logout: 'yes', xsrf: 'x' },
      { logout_hint: stage.person.email },
    ] as Record<string, string>[]) {
      const page = await ask(params);
      expect(page.location).toBeUndefined();
      expect(page.text).toContain('Sign out');
    }
    expect(await isSignedIn(stage.browser)).toBe(true);
    expect(await isActive(stage, tokens.access_token)).toBe(true);
  });

  it('ends everything but what was allowed to go on, once it is confirmed', async () => {
    const { browser } = await anotherPerson(stage);
    const bound = await tokensFor({ ...stage, browser }, app);
    const offline = await tokensFor({ ...stage, browser }, native, {
      scope: 'openid notes:read offline_access',
    });
    const page = await ask(
      { id_token_hint: bound.id_token, post_logout_redirect_uri: BACK, state: 'a&b=c' },
      browser,
    );
    const done = await browser.submit(page, 'Sign out');
    expect(done.location).toBe(`${BACK}?${new URLSearchParams({ state: 'a&b=c' })}`);
    expect(await isSignedIn(browser)).toBe(false);
    expect(await isActive(stage, bound.access_token)).toBe(false);
    expect((await refresh(stage, app, bound.refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(stage, native, offline.refresh_token)).status).toBe(200);
  });

  it.each([
    'http://localhost:4321/bye/',
    'http://localhost:4321/bye?x',
    'http://localhost:4321/callback',
    'http://localhost:4322/bye',
    'http://LOCALHOST:4321/bye',
    'http://localhost:4321@evil.example/bye',
    'https://evil.example',
    '//evil.example',
    '/account',
    'javascript:alert(1)',
    'data:text/html,x',
    NATIVE_BACK,
  ])('does not send a browser to %s, which nobody registered', async (uri) => {
    for (const who of [{ client_id: app.clientId }, { id_token_hint: tokens.id_token }] as Record<
      string,
      string
    >[]) {
      const page = await ask({ ...who, post_logout_redirect_uri: uri });
      expect([page.status, page.location]).toEqual([400, undefined]);
      expect([...page.links.values()].every((link) => !link.includes('evil'))).toBe(true);
    }
    expect(await isSignedIn(stage.browser)).toBe(true);
  });

  it('may be posted from the site of the app, and ends nothing by itself then either', async () => {
    const fields = { id_token_hint: tokens.id_token, post_logout_redirect_uri: BACK, state: 's' };
    const page = await stage.browser.post('/session/end', fields, { referrer: 'https://app.example.com' });
    expect(page.status).toBe(200);
    expect(page.text).toContain(`You are signed in as ${stage.person.email}`);
    expect(await isSignedIn(stage.browser)).toBe(true);
  });

  it('sends a native app back to its own machine with any port, and nowhere else', async () => {
    const to = (uri: string) => ask({ client_id: native.clientId, post_logout_redirect_uri: uri });
    expect((await to('http://127.0.0.1:5123/bye')).status).toBe(200);
    expect((await to('http://127.0.0.1:5123/other')).status).toBe(400);
    expect((await to('http://localhost:5123/bye')).status).toBe(400);
  });

  it('without an app sends a browser nowhere', async () => {
    const { browser } = await anotherPerson(stage);
    const page = await ask({ post_logout_redirect_uri: BACK, state: 's' }, browser);
    const done = await browser.submit(page, 'Sign out');
    expect(new URL(done.url).origin).toBe(stage.issuer);
    expect(done.location).toBeUndefined();
  });

  it.each<[string, () => Record<string, string>]>([
    ['that is no token', () => ({ id_token_hint: 'x' })],
    ['that is unsigned', () => ({ id_token_hint: unsigned(tokens.id_token) })],
    ['that is altered', () => ({ id_token_hint: `${tokens.id_token.slice(0, -6)}AAAAAA` })],
    ['that is an access token', () => ({ id_token_hint: tokens.access_token })],
    [
      'of another app than the one named',
      () => ({ id_token_hint: tokens.id_token, client_id: other.clientId }),
    ],
    ['given twice', () => ({})],
  ])('is refused with a hint %s', async (what, params) => {
    const query = new URLSearchParams(params());
    if (what === 'given twice') for (const hint of ['a', 'b']) query.append('id_token_hint', hint);
    const page = await stage.browser.open(`/session/end?${query}`);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  it('is refused for an API’s JWT in place of an ID token, although the same key signed it', async () => {
    const { platform } = stage.server;
    const { organizationId } = stage.api;
    const api = await newApi(platform, {
      organizationId,
      identifier: 'https://jwt.example',
      tokenFormat: 'jwt',
    });
    const { access_token } = await tokensFor(stage, await newApp(platform, api, { firstParty: true }));
    expect((await ask({ id_token_hint: access_token })).status).toBe(400);
  });

  describe('confirmed by somebody else', () => {
    it.each<[string, Record<string, string>]>([
      ['without the secret of the page', { logout: 'yes' }],
      ['with a secret of one’s own', { logout: 'yes', xsrf: 'x' }],
      ['with an empty secret', { logout: 'yes', xsrf: '' }],
    ])('%s ends nothing', async (_what, fields) => {
      await ask({ client_id: app.clientId });
      const page = await stage.browser.post('/session/end/confirm', fields);
      expect([page.status, page.location]).toEqual([400, undefined]);
      expect(await isSignedIn(stage.browser)).toBe(true);
    });

    it('with the page of another browser ends nothing', async () => {
      const { browser } = await anotherPerson(stage);
      const secret = String((await ask({}, browser)).forms[0]?.fields.get('xsrf'));
      await ask({});
      expect((await stage.browser.post('/session/end/confirm', { logout: 'yes', xsrf: secret })).status).toBe(
        400,
      );
      expect(await isSignedIn(stage.browser)).toBe(true);
      expect(await isSignedIn(browser)).toBe(true);
    });

    it('before any page was shown ends nothing', async () => {
      const { browser } = await anotherPerson(stage);
      const page = await browser.post('/session/end/confirm', { logout: 'yes', xsrf: 'x' });
      expect(page.status).toBe(400);
      expect(await isSignedIn(browser)).toBe(true);
    });

    it('from another site ends nothing, even with the secret', async () => {
      const { browser } = await anotherPerson(stage);
      const secret = String((await ask({}, browser)).forms[0]?.fields.get('xsrf'));
      const fields = { logout: 'yes', xsrf: secret };
      const page = await browser.post('/session/end/confirm', fields, { referrer: 'https://evil.example/' });
      expect(page.status).toBe(403);
      expect(await isSignedIn(browser)).toBe(true);
    });
  });

  it('of a visitor who is not signed in goes through quietly and stores one row for half an hour', async () => {
    const before = await rowCounts(stage);
    const visitor = new Visitor(stage.issuer);
    const page = await ask({ client_id: app.clientId, post_logout_redirect_uri: BACK, state: 's' }, visitor);
    expect(page.status).toBe(200);
    const after = await rowCounts(stage);
    expect(Number(after.artifacts) - Number(before.artifacts)).toBe(1);
    const soon = new Date(Date.now() + 3_600_000);
    const where = { kind: 'session', accountId: null, expiresAt: { gt: soon } };
    expect(await stage.server.platform.db.artifact.count({ where })).toBe(0);
    const [form] = page.forms;
    const done = await visitor.post(String(form?.action), Object.fromEntries(form?.fields ?? []));
    expect(done.location).toBe(`${BACK}?state=s`);
  });
});

function unsigned(token: string): string {
  const [, payload] = token.split('.');
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
}
