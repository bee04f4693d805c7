import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackOf } from '../support/relying-party.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApp } from '../support/world.ts';
import {
  authorize,
  authorizePath,
  newPkce,
  openStage,
  type Params,
  post,
  type Stage,
  tokensFor,
} from './stage.ts';

describe('an authorization request', () => {
  let stage: Stage;
  let web: App;
  let spa: App;
  let native: App;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    web = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { type: 'spa', firstParty: true });
    const redirectUris = ['com.example.app:/callback'];
    native = await newApp(platform, stage.api, { type: 'native', firstParty: true, redirectUris });
  });
  afterAll(() => stage.server.stop());

  const ask = (params: Params = {}, app = web, browser = stage.browser): Promise<Page> =>
    browser.open(authorizePath(app, params));

  /** The answer in a redirect to the app: each name once, and the issuer among them (RFC 9207). */
  function answerIn(page: Page): Record<string, string> {
    const [, answer = ''] = /[?#](.*)$/.exec(page.location ?? '') ?? [];
    const names = [...new URLSearchParams(answer).keys()];
    expect(new Set(names).size, page.location).toBe(names.length);
    const named = Object.fromEntries(new URLSearchParams(answer));
    expect(named.iss).toBe(stage.issuer);
    return named;
  }

  it('that is sound gets a code, its state back and the issuer, and nothing else', async () => {
    const page = await ask({ state: 'a b+c/d?=&é' });
    expect(page.status).toBe(303);
    const answer = answerIn(page);
    expect(Object.keys(answer).sort()).toEqual(['code', 'iss', 'state']);
    expect(answer.state).toBe('a b+c/d?=&é');
    expect(page.headers.get('Cache-Control')).toBe('no-store');
    expect(page.headers.get('Referrer-Policy')).toBe('no-referrer');
  });

  const sound = newPkce().challenge;
  const withoutPkce: [string, Params][] = [
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with the plain method', { code_challenge_method: 'plain' }],
    ['with the method in small letters', { code_challenge_method: 's256' }],
    ['with another method', { code_challenge_method: 'S512' }],
    ['with a challenge but no method', { code_challenge_method: undefined }],
    ['with a method but no challenge', { code_challenge: undefined }],
    ['with an empty challenge', { code_challenge: '' }],
    ['with a challenge that is too short', { code_challenge: sound.slice(1) }],
    ['with a challenge that is too long', { code_challenge: 'x'.repeat(129) }],
    ['with a challenge in other characters', { code_challenge: `${sound.slice(1)}+` }],
    ['with a padded challenge', { code_challenge: `${sound}=` }],
    ['with two challenges', { code_challenge: [sound, sound] }],
  ];
  it.each(withoutPkce)('%s is refused, whatever the type of the app', async (_what, params) => {
    for (const app of [web, spa, native]) {
      const page = await ask(params, app);
      expect(page.location?.startsWith(`${app.redirectUri}?`)).toBe(true);
      expect(answerIn(page)).toMatchObject({ error: 'invalid_request', state: 'somewhere' });
    }
  });

  const refused: [string, string, Params][] = [
    ...['token', 'id_token', 'id_token token', 'code token', 'code id_token', 'none', 'CODE'].map(
      (type): [string, string, Params] => [
        `for ${type}`,
        'unsupported_response_type',
        { response_type: type, nonce: 'n' },
      ],
    ),
    ['for nothing', 'invalid_request', { response_type: undefined }],
    ['for code twice', 'invalid_request', { response_type: ['code', 'code'] }],
    ['by fragment', 'unsupported_response_mode', { response_mode: 'fragment' }],
    ['by message', 'unsupported_response_mode', { response_mode: 'web_message' }],
    ['by signed answer', 'unsupported_response_mode', { response_mode: 'jwt' }],
    ['by no known way', 'unsupported_response_mode', { response_mode: '__proto__' }],
    ['with prompt none beside another', 'invalid_request', { prompt: 'none login' }],
    ['with a prompt nobody knows', 'invalid_request', { prompt: 'create' }],
    ['with prompts in capitals', 'invalid_request', { prompt: 'LOGIN' }],
    ['with a prompt that is a property', 'invalid_request', { prompt: 'constructor' }],
    ['with max_age below zero', 'invalid_request', { max_age: '-1' }],
    ['with max_age in words', 'invalid_request', { max_age: 'soon' }],
    ['with half a second of max_age', 'invalid_request', { max_age: '0.5' }],
    ['with endless max_age', 'invalid_request', { max_age: '1e400' }],
    ['with max_age that is not a number', 'invalid_request', { max_age: 'NaN' }],
    ['with two states', 'invalid_request', { state: ['a', 'b'] }],
    ['with two scopes', 'invalid_scope', { scope: 'openid notes:read"' }],
    ['with scope twice', 'invalid_request', { scope: ['openid', 'notes:read'] }],
    ['with a line break in scope', 'invalid_scope', { scope: 'openid\nnotes:read' }],
    ['with a request object', 'request_not_supported', { request: 'e30.e30.' }],
    [
      'with a request object elsewhere',
      'request_uri_not_supported',
      { request_uri: 'https://evil.example/r' },
    ],
    ['with a pushed request nobody pushed', 'invalid_request_uri', { request_uri: `${PUSHED}x` }],
    ['with metadata of its own', 'registration_not_supported', { registration: '{}' }],
    ['with a hint that is no token', 'invalid_request', { id_token_hint: 'hint' }],
    ['with an unsigned hint', 'invalid_request', { id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }],
    ['with a hint but without openid', 'invalid_request', { scope: 'notes:read', max_age: '1' }],
    ['for an API that is relative', 'invalid_target', { resource: '/notes' }],
    ['for an API that does not exist', 'invalid_target', { resource: 'https://nowhere.example' }],
    [
      'for more APIs than anyone has',
      'invalid_target',
      { resource: Array(21).fill('https://notes.example') },
    ],
  ];
  it.each(refused)('%s goes back to the app with an error: %s', async (_what, error, params) => {
    for (const browser of [stage.browser, new Visitor(stage.issuer)]) {
      const page = await ask(params, web, browser);
      expect(page.location?.startsWith(web.redirectUri)).toBe(true);
      const answer = answerIn(page);
      expect(answer.error).toBe(error);
      expect(answer).not.toHaveProperty('code');
    }
  });

  it('for a scope outside what the app may have names the reason', async () => {
    const read = await newApp(stage.server.platform, stage.api, { scopes: ['notes:read'], firstParty: true });
    const answer = answerIn(await ask({ scope: 'openid notes:write' }, read));
    expect(answer.error).toBe('invalid_scope');
    expect(answer.error_description).toContain('notes:write');
  });

  it('without scope gets the registered read scopes of the default API', async () => {
    const scopes = ['notes:read', 'notes:write'];
    const app = await newApp(stage.server.platform, stage.api, { scopes, firstParty: true });
    expect((await tokensFor(stage, app, { scope: undefined })).scope).toBe('notes:read');
  });

  it('without scope is refused where the app has no default, without naming an empty one', async () => {
    const answer = answerIn(await ask({ scope: undefined }));
    expect(answer.error).toBe('invalid_scope');
    expect(answer).not.toHaveProperty('scope');
  });

  it('with scopes nobody knows gets the known ones', async () => {
    expect((await tokensFor(stage, web, { scope: 'openid notes:read notes:fly' })).scope).toBe('notes:read');
  });

  it('by form_post comes back in a form that holds what it must, escaped', async () => {
    const state = '"><script>alert(1)</script>';
    const page = await ask({ response_mode: 'form_post', state });
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('<script>alert');
    const [form] = page.forms;
    expect(form?.action).toBe(web.redirectUri);
    expect(Object.fromEntries(form?.fields ?? [])).toMatchObject({ iss: stage.issuer, state });
    expect(page.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('Content-Security-Policy')).not.toContain('unsafe-inline');
  });

  it('that goes wrong by form_post carries the issuer too', async () => {
    const page = await ask({ response_mode: 'form_post', prompt: 'none' }, web, new Visitor(stage.issuer));
    expect(Object.fromEntries(page.forms[0]?.fields ?? [])).toMatchObject({
      error: 'login_required',
      iss: stage.issuer,
    });
  });

  describe('with prompt=none', () => {
    const silent: [string, Params][] = [
      ['', {}],
      [' and an old session wanted fresh', { max_age: '0' }],
      [' and a hint at an address', { login_hint: 'somebody@example.org' }],
      [' and a strength', { acr_values: 'phr' }],
      [' and pages in a language', { ui_locales: 'de', display: 'popup' }],
    ];
    it.each(silent)('shows no page to a stranger%s', async (_what, params) => {
      const page = await ask({ ...params, prompt: 'none' }, web, new Visitor(stage.issuer));
      expect(page.status).toBe(303);
      expect(answerIn(page).error).toBe('login_required');
      expect(page.headers.getSetCookie().filter((cookie) => cookie.includes('interaction'))).toEqual([]);
    });

    it('grants nothing that was not allowed before', async () => {
      const app = await newApp(stage.server.platform, stage.api);
      expect(answerIn(await ask({ prompt: 'none' }, app)).error).toBe('consent_required');
      await authorize(stage, app, { scope: 'openid notes:read' });
      expect(answerIn(await ask({ prompt: 'none' }, app)).code).toBeDefined();
      const more = { prompt: 'none', scope: 'openid email notes:read' };
      expect(answerIn(await ask(more, app)).error).toBe('consent_required');
      const write = { prompt: 'none', scope: 'openid notes:write' };
      expect(answerIn(await ask(write, app)).error).toBe('consent_required');
    });

    it('answers login_required, not silence, when max_age is nothing', async () => {
      expect(answerIn(await ask({ prompt: 'none', max_age: '0' })).error).toBe('login_required');
    });
  });

  it.each<[string, Params]>([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
    ['prompt=login consent', { prompt: 'login consent' }],
  ])('with %s asks whoever is signed in to sign in again', async (_what, params) => {
    const page = await ask(params);
    expect(new URL(page.url).pathname).toBe('/sign-in');
  });

  it('with prompt=consent asks again what was allowed before', async () => {
    const app = await newApp(stage.server.platform, stage.api);
    await authorize(stage, app);
    const page = await ask({ prompt: 'consent' }, app);
    expect(page.text).toContain('Read your notes');
    expect(answerIn(await stage.browser.submit(page, 'Cancel')).error).toBe('access_denied');
  });

  it('may be posted from the site of the app, whose browser then asks again with its cookies (OpenID Connect Core §3.1.2.1)', async () => {
    const fields = new URL(authorizePath(web, { state: 'a b+c&é' }), stage.issuer).searchParams;
    const elsewhere = { referrer: 'https://app.example.com' };
    const asked = await new Visitor(stage.issuer).post('/authorize', fields, { ...elsewhere, follow: false });
    expect([asked.status, asked.location]).toEqual([303, `${stage.issuer}/authorize?${fields}`]);
    expect(asked.headers.getSetCookie()).toEqual([]);
    const page = await stage.browser.post('/authorize', fields, elsewhere);
    expect(answerIn(page)).toMatchObject({ code: expect.any(String), state: 'a b+c&é' });
  });

  it.each<[string, number, RequestInit]>([
    ['JSON', 415, { body: '{}', headers: { 'Content-Type': 'application/json' } }],
    ['nothing', 415, {}],
    ['nine kilobytes', 413, { body: new URLSearchParams({ state: 'x'.repeat(9000) }) }],
    ['a name twice', 400, { body: new URLSearchParams('state=a&state=b') }],
  ])('posted with %s is refused with %i', async (_what, status, init) => {
    const request = { ...init, method: 'POST', redirect: 'manual' } as const;
    expect((await fetch(`${stage.issuer}/authorize`, request)).status).toBe(status);
  });

  describe('with prompt=select_account', () => {
    it('shows who is signed in and lets them be somebody else, also where the app was allowed before', async () => {
      const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
      await authorize(stage, app);
      const page = await ask({ prompt: 'select_account' }, app);
      expect(page.text).toContain(`You are signed in as ${stage.person.email}`);
      expect(page.text).toContain('Use another account');
      expect(answerIn(await stage.browser.submit(page, 'Allow'))).toHaveProperty('code');
    });

    it('and login confirms the person once, where they may be somebody else too', async () => {
      const page = await ask({ prompt: 'login select_account' });
      expect(page.text).toContain('Use another account');
      expect(page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text))).toContain('Sign in');
    });

    it('leads a stranger to sign in, which is the choice', async () => {
      const page = await ask({ prompt: 'select_account' }, web, new Visitor(stage.issuer));
      expect(page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text))).toContain('Sign in');
    });

    it('cannot be asked silently', async () => {
      expect(answerIn(await ask({ prompt: 'none select_account' })).error).toBe('invalid_request');
    });

    it('may be pushed', async () => {
      const { searchParams } = new URL(authorizePath(web, { prompt: 'select_account' }), stage.issuer);
      const pushed = await post(stage, '/par', web, Object.fromEntries(searchParams));
      const request = { client_id: web.clientId, request_uri: String(pushed.body.request_uri) };
      const page = await stage.browser.open(`/authorize?${new URLSearchParams(request)}`);
      expect(page.text).toContain('Use another account');
      expect(answerIn(await stage.browser.submit(page, 'Allow'))).toHaveProperty('code');
    });
  });

  it('with a hint that is no address still leads to sign-in and back to the app', async () => {
    const page = await ask({ login_hint: 'x'.repeat(10_000) }, web, new Visitor(stage.issuer));
    expect(page.text).toContain('Notebook');
    expect(page.html).not.toContain('xxxxxxxxxx');
  });

  it('with a hint prefills the form with it, as text and nothing more', async () => {
    const hint = '"><script>alert(1)</script>@example.org';
    const page = await ask({ login_hint: hint }, web, new Visitor(stage.issuer));
    expect(page.html).not.toContain('<script>alert');
    expect([...(page.forms[0]?.fields.values() ?? [])]).toContain(hint);
  });

  it('a native app of somebody else is asked for every time, because anyone can take its place', async () => {
    const app = await newApp(stage.server.platform, stage.api, {
      type: 'native',
      redirectUris: ['com.example.other:/callback'],
    });
    expect(callbackOf(await authorize(stage, app)).code).toBeDefined();
    expect((await ask({}, app)).text).toContain('Read your notes');
  });
});

const PUSHED = 'urn:ietf:params:oauth:request_uri:';
