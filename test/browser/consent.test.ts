import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import type { RunningServer } from '../../src/main.ts';
import { type Hands, launchChromium, openWindow, withKeyboard, withPointer } from '../support/browser.ts';
import { startTestServer } from '../support/server.ts';
import { type App, newApi, newApp, newPerson, OPERATOR } from '../support/world.ts';
import { type RelyingApp, startRelyingApp } from './relying-app.ts';
import { signInHere } from './scene-steps.ts';

describe('in a real browser, an app', { timeout: 60_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  let site: RelyingApp;
  let app: App;
  beforeAll(async () => {
    [server, browser, site] = await Promise.all([
      startTestServer({ jobs: true }),
      launchChromium(),
      startRelyingApp(),
    ]);
    const api = await newApi(server.platform);
    const optional = { apiIdentifier: api.identifier, name: 'notes:write', optional: true };
    await changeScope(server.platform, OPERATOR, optional);
    app = await newApp(server.platform, api, { redirectUris: [site.redirectUri] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), site?.stop()]);
  });

  const ask = (params: Record<string, string> = {}) =>
    site.connect(server.url, app, { scope: 'openid notes:read notes:write offline_access', ...params });

  it.each<[how: string, scripts: boolean, hands: (page: Page) => Hands]>([
    ['with JavaScript switched off', false, withPointer],
    ['with the keyboard alone', true, withKeyboard],
  ])('is allowed a part of what it asked for, for a day, %s', async (_how, javaScriptEnabled, handsOn) => {
    const window = await openWindow(browser, [server.url, site.origin], { javaScriptEnabled });
    const { page } = window;
    const hands = handsOn(page);
    const person = await newPerson(server.platform);
    await ask();
    await page.goto(`${site.origin}/sign-in`);
    await signInHere(page, person);
    await hands.unfold('Change');
    await page.getByLabel('Change your notes').uncheck();
    await page.getByLabel('After 1 day').check();
    await hands.press('Allow');
    expect(await page.title()).toBe('You are in the app');
    expect(site.tokens?.scope).toBe('notes:read');
    const parties = { accountId: person.id, clientId: app.clientId };
    const { expiresAt } = await server.platform.db.grant.findFirstOrThrow({ where: parties });
    expect((expiresAt.getTime() - Date.now()) / 3_600_000).toBeCloseTo(24, 1);
    expect(window.incidents).toEqual([]);
    await window.close();
  });

  it('hears of it when its person does not confirm who they are', async () => {
    const window = await openWindow(browser, [server.url, site.origin]);
    const { page } = window;
    const hands = withPointer(page);
    await ask();
    await page.goto(`${site.origin}/sign-in`);
    await signInHere(page, await newPerson(server.platform));
    await hands.press('Allow');
    await ask({ prompt: 'login' });
    await page.goto(`${site.origin}/sign-in`);
    expect(await page.locator('h1').textContent()).toBe("Confirm it's you");
    await hands.press('Cancel');
    expect(await page.title()).toBe('Not allowed: access_denied');
    await ask({ acr_values: 'phr' });
    await page.goto(`${site.origin}/sign-in`);
    await hands.press('Cancel');
    expect(await page.title()).toBe('Not allowed: unmet_authentication_requirements');
    expect(window.incidents).toEqual([]);
    await window.close();
  });
});
