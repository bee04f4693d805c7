import * as oidc from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import type { RunningServer } from '../../src/main.ts';
import { type Hands, launchChromium, openWindow, withKeyboard, withPointer } from '../support/browser.ts';
import { CODES_SAVED } from '../support/people.ts';
import { introspect } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import {
  type App,
  codeOf,
  newApi,
  newApp,
  newOrganization,
  newPerson,
  type Notes,
  OPERATOR,
  type Person,
} from '../support/world.ts';
import { type RelyingApp, startRelyingApp } from './relying-app.ts';
import { PATIENCE } from '../support/patience.ts';

describe('in a real browser', { timeout: 60_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  let site: RelyingApp;
  let api: Notes;
  let app: App;
  beforeAll(async () => {
    [server, browser, site] = await Promise.all([
      startTestServer({ jobs: true }),
      launchChromium(),
      startRelyingApp(),
    ]);
    api = await newApi(server.platform);
    app = await newApp(server.platform, api, {
      organizationId: await newOrganization(server.platform, 'Somebody else'),
      redirectUris: [site.redirectUri],
      postLogoutRedirectUris: [site.signedOutUri],
    });
    await grantAccess(server.platform, OPERATOR, {
      clientId: app.clientId,
      apiIdentifier: api.identifier,
      scopes: ['notes:read'],
      origin: 'operator',
    });
    await site.connect(server.url, app, { scope: 'openid email notes:read offline_access' });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), site?.stop()]);
  });

  const newWindow = (javaScriptEnabled = true) =>
    openWindow(browser, [server.url, site.origin], { javaScriptEnabled });

  it.each<[how: string, scripts: boolean, hands: (page: Page) => Hands]>([
    ['with a pointer', true, withPointer],
    ['with JavaScript switched off', false, withPointer],
    ['with the keyboard alone', true, withKeyboard],
  ])('a newcomer goes all the way from the app to a token and back, %s', async (_how, scripts, handsOn) => {
    const { page, incidents, close } = await newWindow(scripts);
    const hands = handsOn(page);
    await page.goto(site.origin);
    await hands.follow('Sign in');
    await signUp(page, hands, `new-${crypto.randomUUID()}@example.org`);

    expect(await page.title()).toContain('Notebook');
    await hands.press('Allow');
    expect(page.url()).toBe(`${site.origin}/`);
    expect(await page.title()).toBe('You are in the app');
    await useTokens(site);

    await hands.follow('Sign out');
    expect(await page.title()).toContain('Sign out');
    await hands.press('Sign out');
    expect(page.url()).toBe(site.signedOutUri);
    await page.goto(`${server.url}/account`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(incidents).toEqual([]);
    await close();
  });

  it('a person who cancels is back at the app, and may be asked again', async () => {
    const { page, incidents, close } = await newWindow();
    const hands = withPointer(page);
    await page.goto(`${site.origin}/sign-in`);
    await signIn(hands, await newPerson(server.platform));
    await hands.press('Cancel');
    expect(page.url()).toBe(`${site.origin}/not-allowed?error=access_denied`);
    await hands.follow('Sign in');
    expect(await page.getByRole('button', { name: 'Allow' }).count()).toBe(1);
    expect(incidents).toEqual([]);
    await close();
  });

  it('a person whom nothing has to be asked goes from the one-time code straight to the app', async () => {
    const ours = await newApp(server.platform, api, { firstParty: true, redirectUris: [site.redirectUri] });
    await site.connect(server.url, ours);
    const { page, incidents, close } = await newWindow();
    await page.goto(`${site.origin}/sign-in`);
    await signIn(withPointer(page), await newPerson(server.platform));
    expect(await page.title()).toBe('You are in the app');
    expect(incidents).toEqual([]);
    await site.connect(server.url, app, { scope: 'openid email notes:read offline_access' });
    await close();
  });

  it.each([true, false])(
    'a person who is signed out already comes back to the app (scripts: %s)',
    async (scripts) => {
      const { page, incidents, close } = await newWindow(scripts);
      const there = { client_id: app.clientId, post_logout_redirect_uri: site.signedOutUri };
      await page.goto(`${server.url}/session/end?${new URLSearchParams(there)}`);
      if (!scripts) await withPointer(page).press('Continue');
      await page.waitForURL(site.signedOutUri);
      expect(incidents).toEqual([]);
      await close();
    },
  );

  it('the watch over a page sees what its policy blocks', async () => {
    const { page, incidents, close } = await newWindow();
    await page.goto(server.url);
    await page.evaluate(() => {
      document.body.append(
        Object.assign(document.createElement('img'), { src: 'http://elsewhere.example/' }),
      );
      document.body.append(
        Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }),
      );
    });
    await expect.poll(() => incidents.join(), PATIENCE).toMatch(/script-src.*img-src/s);
    expect(incidents).toContain('a request to http://elsewhere.example');
    await close();
  });

  // The reason for decision 13, and the proof that the tests above would notice.
  it('a form-action in the policy of the consent page would keep people from the app', async () => {
    const { page, incidents, close } = await newWindow();
    await page.goto(`${site.origin}/sign-in`);
    await signIn(withPointer(page), await newPerson(server.platform));
    await page.route('**/consent', async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      const response = await route.fetch();
      const headers = response.headers();
      const policy = `${headers['content-security-policy']}; form-action 'self'`;
      await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy } });
    });
    await page.reload();
    await page.getByRole('button', { name: 'Allow' }).click();
    await expect.poll(() => incidents.join(), PATIENCE).toContain('form-action');
    expect(new URL(page.url()).origin).toBe(server.url);
    await close();
  });

  it('a password can be looked at while it is typed, and is a password again when it is sent', async () => {
    const { page, incidents, close } = await newWindow();
    await page.goto(`${server.url}/sign-in`);
    const password = page.getByLabel('Password', { exact: true });
    await password.fill('a lantern in the harbour');
    await page.getByRole('button', { name: 'Show password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide password' }).click();
    expect(await password.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show password' }).click();
    await page.evaluate(() => document.forms[0]?.dispatchEvent(new SubmitEvent('submit')));
    expect(await password.getAttribute('type')).toBe('password');
    expect(incidents).toEqual([]);
    await close();
  });

  async function signUp(page: Page, hands: Hands, email: string): Promise<void> {
    await hands.follow('Create an account');
    await hands.fill('Name', 'New Person');
    await hands.fill('Email', email);
    await hands.fill('Password', 'a lantern in the harbour');
    await hands.press('Create account');
    await hands.fill('Verification code', await codeFromMailbox(page, email));
    await hands.press('Continue');
    await hands.unfold("Can't scan it?");
    const key = await page.locator('.key').textContent();
    await hands.fill('One-time code', await codeOf({ seed: String(key).replaceAll(' ', '') }));
    await hands.press('Continue');
    await hands.follow(CODES_SAVED);
  }

  async function signIn(hands: Hands, person: Person): Promise<void> {
    await hands.fill('Email', person.email);
    await hands.fill('Password', person.password);
    await hands.press('Sign in');
    await hands.fill('One-time code', await codeOf(person));
    await hands.press('Continue');
  }

  /** Reads the letter in another tab, as somebody trying the server out does. */
  async function codeFromMailbox(page: Page, email: string): Promise<string> {
    const tab = await page.context().newPage();
    await tab.goto(`${server.url}/mailbox`);
    const letter = await tab.locator('article', { hasText: email }).first().textContent();
    await tab.close();
    return /\b\d{4}[ -]?\d{4}\b/.exec(letter ?? '')?.[0] ?? '';
  }

  async function useTokens({ tokens }: RelyingApp): Promise<void> {
    const { access_token: access = '', refresh_token: refresh = '' } = tokens ?? {};
    expect(await introspect(server.url, api, access)).toMatchObject({ active: true, scope: 'notes:read' });
    const party = await site.connect(server.url, app, { scope: 'openid email notes:read offline_access' });
    const renewed = await party.refresh(refresh);
    expect(await introspect(server.url, api, renewed.access_token)).toMatchObject({ active: true });
    await oidc.tokenRevocation(party.config, renewed.access_token);
    expect(await introspect(server.url, api, renewed.access_token)).toEqual({ active: false });
  }
});
