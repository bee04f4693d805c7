import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authorizePath,
  codeFor,
  introspected,
  issued,
  post,
  redeem,
  refresh,
  tokensFor,
} from '../../oidc/stage.ts';
import { newApp } from '../../support/world.ts';
import { type InspectorStage, openInspectorStage, untilShown } from './inspector-stage.ts';

let stage: InspectorStage;

beforeAll(async () => {
  stage = await openInspectorStage();
});
afterAll(() => stage.server.stop());

/** The page of the latest call with this error. */
async function explanation(query: string, home = stage.home) {
  const list = await untilShown(
    stage,
    () => stage.browser.open(`${home}/requests?${query}`),
    ({ html }) => /requests\/\d+-\d+/.test(html),
  );
  const [, key] = /requests\/(\d+-\d+)/.exec(list.html) ?? [];
  expect(key, list.text).toBeDefined();
  return stage.browser.open(`${home}/requests/${key}`);
}

describe('the seven most common mistakes are explained', () => {
  it('a redirect URI that is not registered: the difference, and a way to add it', async () => {
    const sent = 'http://localhost:4321/callback/';
    const error = await stage.browser.open(authorizePath(stage.app, { redirect_uri: sent }));
    expect(error.status).toBe(400);
    const page = await explanation('error=invalid_redirect_uri');
    expect(page.text).toContain('The redirect URI is none of those this app registered.');
    expect(page.text).toContain('Only the slash at the end differs.');
    expect(page.text).toMatch(
      /✓ The client is known passed\s*✗ Redirect URI failed\s*– Form of the request not reached/,
    );
    expect(page.text).toContain(error.headers.get('X-Request-Id'));
    expect([...page.links.keys()]).toContain('Add this URI');
    expect(page.text).toContain('RFC 9700 §2.1');
  });

  it('no PKCE', async () => {
    const params = { code_challenge: undefined, code_challenge_method: undefined };
    await stage.browser.open(authorizePath(stage.app, params));
    const page = await explanation('error=invalid_request&endpoint=authorization');
    expect(page.text).toContain('The request has no code_challenge.');
    expect(page.text).toMatch(/✓ Redirect URI passed[\s\S]*✗ PKCE failed/);
  });

  it('a wrong secret', async () => {
    await post(stage, '/token', { ...stage.app, secret: 'nonsense' }, { grant_type: 'client_credentials' });
    const page = await explanation('error=invalid_client');
    expect(page.text).toContain('The client secret is not one of those that are valid now.');
    expect(page.text).toMatch(/✓ The client is known passed\s*✗ Client authentication failed/);
    expect(page.text).not.toContain('nonsense');
  });

  it('a code that was used before', async () => {
    const code = await codeFor(stage, stage.app);
    expect((await redeem(stage, stage.app, code)).status).toBe(200);
    expect((await redeem(stage, stage.app, code)).status).toBe(400);
    const page = await explanation('error=invalid_grant');
    expect(page.text).toContain('The code was used before.');
    expect(page.text).toMatch(/✓ PKCE passed[\s\S]*✗ Used for the first time failed/);
    expect(page.html).not.toContain(code.code);
  });

  it('a scope that the API does not have', async () => {
    const app = await newApp(stage.server.platform, stage.ownApi, { type: 'machine' });
    const home = stage.home.replace(stage.app.clientId, app.clientId);
    await post(stage, '/token', app, { grant_type: 'client_credentials', scope: 'notes:burn' });
    const page = await explanation('error=invalid_scope', home);
    expect(page.text).toContain('The API has no scope of this name');
    expect(page.text).toMatch(/✓ Access to the API passed\s*✗ Scopes failed/);
  });

  it('an API whose owner has not approved the app', async () => {
    const app = await newApp(stage.server.platform, stage.ownApi, { type: 'machine' });
    const home = stage.home.replace(stage.app.clientId, app.clientId);
    const params = { grant_type: 'client_credentials', resource: stage.api.identifier };
    await post(stage, '/token', app, params);
    const page = await explanation('error=invalid_target', home);
    expect(page.text).toContain('This app has no access to the API');
    expect(page.text).toMatch(/✓ Grant type passed\s*✗ Access to the API failed/);
  });

  it('a token for another API', async () => {
    const other = await newApp(stage.server.platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    const { access_token } = issued(await post(stage, '/token', other, { grant_type: 'client_credentials' }));
    expect(await introspected(stage, stage.ownApi, access_token)).toBe('{"active":false}');
    const { rows } = await stage.server.platform.pool.query<{ id: string }>(
      'SELECT id FROM apis WHERE client_id = $1',
      [stage.ownApi.clientId],
    );
    const home = `/developers/organizations/${stage.organizationId}/apis/${rows[0]?.id}`;
    const page = await explanation('error=inactive', home);
    expect(page.text).toContain('The token was issued for another API than the one that asks.');
    expect(page.text).toMatch(/✓ Token passed\s*✗ Audience of the token failed/);
    expect(page.html).not.toContain(access_token);
  });
});

it('also a refresh token that was replaced, a wrong verifier and a consent that has ended', async () => {
  const app = await newApp(stage.server.platform, stage.ownApi, { type: 'spa' });
  const home = stage.home.replace(stage.app.clientId, app.clientId);
  const code = await codeFor(stage, app);
  await redeem(stage, app, code, { code_verifier: 'x'.repeat(43) });
  expect((await explanation('error=invalid_grant', home)).text).toContain('The code_verifier does not match');

  const { refresh_token } = await tokensFor(stage, app);
  const next = issued(await refresh(stage, app, refresh_token));
  await refresh(stage, app, next.refresh_token);
  await refresh(stage, app, refresh_token);
  await refresh(stage, app, next.refresh_token);
  const page = await untilShown(
    stage,
    () => explanation('error=invalid_grant&endpoint=token', home),
    ({ text }) => text.includes('refresh'),
  );
  expect(page.text).toMatch(/used again|What the person allowed has ended/);
});

it('only a call whose client is proven is kept as often as it comes', async () => {
  const page = await explanation('error=invalid_client');
  expect(page.text).toContain('named the client without proving anything');
});
