import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelClosing } from '../../src/accounts/area/closing.ts';
import { callbackOf, introspect, postAs, relyingParty } from '../support/relying-party.ts';
import { newApp } from '../support/world.ts';
import { anotherPerson, authorizePath, openStage, type Stage } from './stage.ts';

describe('an account that its owner is closing', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.server.stop());

  it('is nothing to apps from that moment on, and theirs again once it is kept', async () => {
    const { platform, url } = stage.server;
    const app = await newApp(platform, stage.api, { firstParty: true });
    const { browser, person } = await anotherPerson(stage);
    const party = await relyingParty(url, app);
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    const tokens = await party.redeem(request, await browser.open(request.url));
    expect(await introspect(url, stage.api, tokens.access_token)).toMatchObject({ active: true });

    const closing = await browser.open('/account/closing');
    await browser.submit(closing, 'Close my account', { email: person.email });
    expect(await introspect(url, stage.api, tokens.access_token)).toEqual({ active: false });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
    expect((await postAs(url, '/token', app, refresh)).status).toBe(400);
    const silent = await browser.open(authorizePath(app, { prompt: 'none' }));
    expect(callbackOf(silent).error).toBe('login_required');
    const page = await browser.open(authorizePath(app));
    expect(new URL(page.url).pathname).toBe('/account/closing');
    expect(page.text).toContain('Your account will be erased on');

    await cancelClosing(platform, { kind: 'account', id: person.id }, person.id);
    expect((await browser.open(authorizePath(app))).location).toContain('code=');
  });
});
