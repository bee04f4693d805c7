import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import type { RunningServer } from '../../src/main.ts';
import { allow, callbackOf, introspect, postAs, relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, type Notes, newApi, newApp, newOrganization, OPERATOR, signUp } from '../support/world.ts';

describe('from a clone to a third-party token', () => {
  let server: RunningServer;
  let api: Notes;
  let app: App;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    const organizationId = await newOrganization(server.platform, 'Somebody else');
    app = await newApp(server.platform, api, { organizationId, name: 'Notebook' });
    await grantAccess(server.platform, OPERATOR, {
      clientId: app.clientId,
      apiIdentifier: api.identifier,
      scopes: ['notes:read'],
      origin: 'operator',
    });
  });
  afterAll(() => server.stop());

  it('a new person signs up, allows a third-party app, which reads, refreshes and gives its token back', async () => {
    const { url: issuer } = server;
    const party = await relyingParty(issuer, app);
    const visitor = new Visitor(issuer);
    const request = await party.request({ scope: 'openid email notes:read offline_access' });

    const { page: consent } = await signUp(visitor, await visitor.open(request.url), 'new@example.org');
    expect(consent.title).toContain('Notebook');
    expect(consent.text).toContain('Read your notes');
    expect(consent.text).toContain('localhost:4321');
    expect(consent.text).toContain('Somebody else');
    const callback = await allow(visitor, consent);
    expect(callbackOf(callback).iss).toBe(issuer);

    const tokens = await party.redeem(request, callback);
    expect(tokens.claims()).toMatchObject({ email: 'new@example.org', email_verified: true, acr: 'aal2' });
    expect(tokens.scope).toBe('notes:read');
    const seen = await introspect(issuer, api, tokens.access_token);
    expect(seen).toMatchObject({
      active: true,
      aud: api.identifier,
      scope: 'notes:read',
      client_id: app.clientId,
    });
    expect(seen.sub).not.toBe(tokens.claims()?.sub);

    const renewed = await party.refresh(String(tokens.refresh_token));
    expect(await introspect(issuer, api, renewed.access_token)).toMatchObject({ active: true, acr: 'aal2' });

    await oidc.tokenRevocation(party.config, renewed.access_token);
    expect(await introspect(issuer, api, renewed.access_token)).toEqual({ active: false });
    await expect(party.refresh(String(tokens.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
    });

    const out = await visitor.open(
      oidc.buildEndSessionUrl(party.config, { id_token_hint: String(tokens.id_token) }).href,
    );
    expect(out.text).toContain('Notebook');
    const done = await visitor.submit(out, 'Sign out');
    expect(done.title).toContain('signed out');
    const again = await party.request({ prompt: 'none' });
    expect(callbackOf(await visitor.open(again.url))).toMatchObject({ error: 'login_required', iss: issuer });
  });

  it('a person who cancels sends the app away with access_denied', async () => {
    const party = await relyingParty(server.url, app);
    const visitor = new Visitor(server.url);
    const request = await party.request();
    const { page: consent } = await signUp(visitor, await visitor.open(request.url), 'other@example.org');
    const callback = callbackOf(await visitor.submit(consent, 'Cancel'));
    expect(callback).toMatchObject({ error: 'access_denied', state: request.state, iss: server.url });
  });

  it('a scope outside the access of the app is refused with the reason', async () => {
    const party = await relyingParty(server.url, app);
    const request = await party.request({ scope: 'openid notes:write' });
    const callback = callbackOf(await new Visitor(server.url).open(request.url));
    expect(callback).toMatchObject({ error: 'invalid_scope', state: request.state });
    expect(callback.error_description).toContain('was not given the scope notes:write');
  });

  it('a machine gets a token of its own and needs no person', async () => {
    const machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    const response = await postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
    const { access_token: token, scope } = (await response.json()) as { access_token: string; scope: string };
    expect(scope).toBe('notes:read');
    expect(await introspect(server.url, api, token)).toMatchObject({
      active: true,
      client_id: machine.clientId,
    });
  });
});
