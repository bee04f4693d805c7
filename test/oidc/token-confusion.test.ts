import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, type Notes } from '../support/world.ts';
import {
  answerOf,
  authorizePath,
  codeFor,
  type IssuedCode,
  introspected,
  issued,
  newPkce,
  openStage,
  post,
  redeem,
  refresh,
  rowCounts,
  type Stage,
  tokensFor,
} from './stage.ts';

const PUSHED = 'urn:ietf:params:oauth:request_uri:';

/** Every kind of thing the server gives out, and where it belongs; nowhere else may it pass (C08). */
const KINDS = {
  'an authorization code': ['code'],
  'an access token for an API': ['introspection by its API', 'introspection by its app', 'revocation'],
  'an access token for userinfo': ['userinfo', 'introspection by its app', 'revocation'],
  'a token of a machine': ['introspection by its API'],
  'a refresh token': ['refresh_token', 'introspection by its app', 'revocation'],
  'an ID token': ['id_token_hint'],
  'a JWT access token': [],
  'the address of a pushed request': ['request_uri'],
  'the handle of a pushed request': [],
  'a client secret': ['client_secret'],
  'the secret of an API': [],
  'the cookie of a session': ['session cookie'],
  'the cookie of a browser': [],
  'the cookie of a form': [],
  'the cookie of the engine': [],
  'the cookie of an interaction': [],
  'the id of the app': [],
  'nothing like it': [],
} as const satisfies Record<string, readonly string[]>;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

describe('a thing of one kind', () => {
  let stage: Stage;
  let app: App;
  let machine: App;
  let jwtApi: Notes;
  let code: IssuedCode;
  let values: Record<Kind, string>;

  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    jwtApi = await newApi(platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
    app = await newApp(platform, stage.api, {
      resources: [stage.api.identifier],
      firstParty: true,
    });
    const { organizationId } = jwtApi;
    const jwtApp = await newApp(platform, jwtApi, { organizationId, firstParty: true });
    machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    code = await codeFor(stage, app);
    const tokens = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    const identity = await tokensFor(stage, app, { scope: 'openid email' });
    const service = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
    const pushed = await push();
    const visitor = new Visitor(stage.issuer);
    await visitor.open(authorizePath(app, {}));
    const cookie = (name: string, from = stage.browser) => String(from.cookies.all().get(name));
    values = {
      'an authorization code': code.code,
      'an access token for an API': tokens.access_token,
      'an access token for userinfo': identity.access_token,
      'a token of a machine': issued(service).access_token,
      'a refresh token': tokens.refresh_token,
      'an ID token': tokens.id_token,
      'a JWT access token': (await tokensFor(stage, jwtApp)).access_token,
      'the address of a pushed request': pushed,
      'the handle of a pushed request': pushed.slice(PUSHED.length),
      'a client secret': app.secret,
      'the secret of an API': stage.api.secret,
      'the cookie of a session': cookie('gatehouse_session'),
      'the cookie of a browser': cookie('gatehouse_browser'),
      'the cookie of a form': cookie('gatehouse_form'),
      'the cookie of the engine': cookie('gatehouse_engine'),
      'the cookie of an interaction': cookie('gatehouse_interaction', visitor),
      'the id of the app': app.clientId,
      'nothing like it': 'x',
    };
    const missing = kinds.filter((kind) => values[kind] === 'undefined');
    expect(missing).toEqual([]);
  });
  afterAll(() => stage.server.stop());

  async function push(): Promise<string> {
    const answer = await post(stage, '/par', app, {
      client_id: app.clientId,
      response_type: 'code',
      redirect_uri: app.redirectUri,
      scope: 'openid notes:read',
      code_challenge: newPkce().challenge,
      code_challenge_method: 'S256',
    });
    return String(answer.body.request_uri);
  }

  /** Tries a value in one place; true where it passed. Anything but a clean refusal fails the test. */
  const INPUTS: Record<string, (value: string) => Promise<boolean>> = {
    code: async (value) => passed(await redeem(stage, app, { ...code, code: value }), 'invalid_grant'),
    refresh_token: async (value) => passed(await refresh(stage, app, value), 'invalid_grant'),
    'introspection by its API': async (value) => isActive(await introspected(stage, stage.api, value)),
    'introspection by its app': async (value) => isActive(await introspected(stage, app, value)),
    userinfo: async (value) => {
      const headers = { Authorization: `Bearer ${value}` };
      const answer = await answerOf(await fetch(`${stage.issuer}/userinfo`, { headers }));
      const refusals = ['invalid_token', 'insufficient_scope'];
      return passed(answer, ...refusals);
    },
    revocation: async (value) => {
      const before = await rowCounts(stage);
      const answer = await post(stage, '/token/revocation', app, { token: value });
      if (answer.status !== 200) return passed(answer, 'unsupported_token_type');
      const { rows } = await stage.server.platform.pool.query(
        'SELECT 1 FROM grants WHERE revoked_at IS NOT NULL',
      );
      return rows.length > 0 || (await rowCounts(stage)).artifacts !== before.artifacts;
    },
    request_uri: async (value) => {
      const query = new URLSearchParams({ client_id: app.clientId, request_uri: value });
      const page = await stage.browser.open(`/authorize?${query}`);
      if (page.location?.includes('code=')) return true;
      expect(page.location).toMatch(/error=(invalid_request_uri|request_uri_not_supported)/);
      return false;
    },
    id_token_hint: async (value) => {
      const page = await stage.browser.open(authorizePath(app, { id_token_hint: value, prompt: 'none' }));
      if (page.location?.includes('code=')) return true;
      expect(page.location).toContain('error=invalid_request');
      return false;
    },
    // The right secret gets as far as the refresh token, which is none.
    client_secret: async (value) => {
      const { body } = await refresh(stage, { ...app, secret: value }, 'x');
      expect(['invalid_client', 'invalid_grant', 'invalid_request']).toContain(body.error);
      return body.error === 'invalid_grant';
    },
    'session cookie': async (value) => {
      const visitor = new Visitor(stage.issuer);
      visitor.cookies.set(stage.issuer, 'gatehouse_session', value);
      const page = await visitor.open('/account', { follow: false });
      if (page.status === 200) return true;
      expect([page.status, page.location?.startsWith(`${stage.issuer}/sign-in`)]).toEqual([303, true]);
      return false;
    },
  };

  function passed({ status, body, text }: Awaited<ReturnType<typeof post>>, ...refusals: string[]): boolean {
    if (status === 200) return true;
    expect(status, text).toBeLessThan(500);
    expect(refusals, text).toContain(body.error);
    return false;
  }

  function isActive(text: string): boolean {
    const answer = JSON.parse(text) as { active: boolean };
    if (!answer.active) expect(text).toBe('{"active":false}');
    return answer.active;
  }

  const inputs = [
    'code',
    'refresh_token',
    'introspection by its API',
    'introspection by its app',
    'userinfo',
    'revocation',
    'request_uri',
    'id_token_hint',
    'client_secret',
    'session cookie',
  ];
  const belongs = (kind: Kind, input: string) => (KINDS[kind] as readonly string[]).includes(input);

  it.each(inputs)('does not pass as %s unless that is what it is', async (input) => {
    for (const kind of kinds.filter((one) => !belongs(one, input))) {
      expect(await INPUTS[input]?.(values[kind]), kind).toBe(false);
    }
  });

  // After all of that: whatever was misused above is as good as before where it belongs. (Giving back: revocation.test.ts)
  it.each(inputs)('passes as %s where it is', async (input) => {
    for (const kind of kinds.filter((one) => belongs(one, input) && input !== 'revocation')) {
      expect(await INPUTS[input]?.(values[kind]), kind).toBe(true);
    }
  });
});
