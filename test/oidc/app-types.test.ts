import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteClient } from '../../src/developers/clients/deletion.ts';
import { ok } from '../support/developers.ts';
import { allow, callbackOf, introspect, postAs, relyingParty } from '../support/relying-party.ts';
import { newApp, OPERATOR } from '../support/world.ts';
import { authorizePath, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.server.stop());

const platform = () => stage.server.platform;

describe('an app that runs where its person is', () => {
  it.each(['cli', 'agent', 'native'] as const)(
    'of type %s comes back to any port of the loopback',
    async (type) => {
      const app = await newApp(platform(), stage.api, { type, redirectUris: ['http://127.0.0.1/callback'] });
      for (const redirectUri of ['http://127.0.0.1:51004/callback', 'http://127.0.0.1:8080/callback']) {
        const page = await stage.browser.open(authorizePath({ ...app, redirectUri }));
        const back = await allow(stage.browser, page);
        expect(back.location).toContain(`${redirectUri}?code=`);
      }
    },
  );

  it.each([
    'http://127.0.0.1:51004/other',
    'http://127.0.0.1:51004/callback/',
    'http://127.0.0.1.evil.example:51004/callback',
    'http://evil.example/callback',
    'https://127.0.0.1:51004/callback',
  ])('is sent nowhere by a request that names %s', async (redirectUri) => {
    const app = await newApp(platform(), stage.api, {
      ...{ type: 'cli', redirectUris: ['http://127.0.0.1/callback'] },
    });
    const page = await stage.browser.open(authorizePath({ ...app, redirectUri }), { follow: false });
    expect(page.location).toBeUndefined();
    expect(page.status).toBe(400);
  });

  it('of type agent may keep a secret, and then has to show it', async () => {
    const app = await newApp(platform(), stage.api, {
      ...{ type: 'agent', authMethod: 'client_secret_basic' },
      redirectUris: ['https://agent.example.com/callback'],
    });
    expect(app.secret).not.toBe('');
    const page = await allow(stage.browser, await stage.browser.open(authorizePath(app)));
    const { code = '' } = callbackOf(page);
    const answer = await fetch(new URL('/token', stage.issuer), {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code, client_id: app.clientId },
        redirect_uri: app.redirectUri,
      }),
    });
    expect(answer.status).toBe(401);
  });
});

describe('a web app with a redirect on the loopback', () => {
  it('comes back to the port that it registered, and to no other', async () => {
    const app = await newApp(platform(), stage.api, { redirectUris: ['http://localhost:4321/callback'] });
    const other = { ...app, redirectUri: 'http://localhost:4322/callback' };
    expect((await stage.browser.open(authorizePath(other), { follow: false })).status).toBe(400);
  });
});

describe('an app that was deleted', () => {
  it('has no working token a second later, and cannot come back', async () => {
    const app = await newApp(platform(), stage.api);
    const party = await relyingParty(stage.issuer, app);
    const request = await party.request({ scope: 'openid notes:read offline_access', prompt: 'consent' });
    const tokens = await party.redeem(
      request,
      await allow(stage.browser, await stage.browser.open(request.url)),
    );
    expect(await introspect(stage.issuer, stage.api, tokens.access_token)).toMatchObject({ active: true });
    ok(
      await deleteClient(platform(), OPERATOR, {
        ...{ organizationId: stage.api.organizationId, clientId: app.clientId, typedName: 'Notebook' },
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await introspect(stage.issuer, stage.api, tokens.access_token)).toEqual({ active: false });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
    expect((await postAs(stage.issuer, '/token', app, refresh)).status).toBe(401);
    expect((await stage.browser.open(authorizePath(app))).status).toBe(400);
    const { text } = await stage.browser.open('/account/apps');
    expect(text).not.toContain(app.clientId);
  });

  it('of type machine, too: its tokens belong to no grant', async () => {
    const app = await newApp(platform(), stage.api, { type: 'machine', scopes: ['notes:read'] });
    const answer = await postAs(stage.issuer, '/token', app, { grant_type: 'client_credentials' });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect(await introspect(stage.issuer, stage.api, token)).toMatchObject({ active: true });
    ok(
      await deleteClient(platform(), OPERATOR, {
        ...{ organizationId: stage.api.organizationId, clientId: app.clientId, typedName: 'Notebook' },
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await introspect(stage.issuer, stage.api, token)).toEqual({ active: false });
  });
});
