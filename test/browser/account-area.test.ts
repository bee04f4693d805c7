import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { type Hands, launchChromium, openWindow, withKeyboard, withPointer } from '../support/browser.ts';
import { startTestServer } from '../support/server.ts';
import { newPerson } from '../support/world.ts';
import { liveElsewhere } from './account-scenes.ts';
import { signInHere } from './scene-steps.ts';

const PHONE = { viewport: { width: 320, height: 640 } };

describe('the account area on a phone', { timeout: 60_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer({ jobs: true }), launchChromium()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it.each<[how: string, scripts: boolean, hands: (page: Page) => Hands]>([
    ['with the keyboard alone', true, withKeyboard],
    ['with JavaScript switched off', false, withPointer],
  ])('leads to every page of its own and signs another device out, %s', async (_how, scripts, handsOn) => {
    const person = await newPerson(server.platform);
    await liveElsewhere(server, person);
    const { page, incidents, close } = await openWindow(browser, [server.url], {
      ...PHONE,
      javaScriptEnabled: scripts,
    });
    await page.goto(`${server.url}/account`);
    await signInHere(page, person);

    const hands = handsOn(page);
    for (const [link, heading] of PAGES) {
      await hands.unfold('Your account: all pages');
      await hands.follow(link);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(heading);
    }
    await hands.unfold('Your account: all pages');
    await hands.follow('Sessions');
    await hands.press('Sign out everywhere else');
    expect(await page.getByRole('status').innerText()).toContain('signed out');
    expect(await page.getByRole('main').innerText()).toContain('You are signed in nowhere else.');
    expect(incidents).toEqual([]);
    await close();
  });

  it('offers a way past the list of pages to whoever uses the keyboard', async () => {
    const { page, close } = await openWindow(browser, [server.url], PHONE);
    await page.goto(`${server.url}/account`);
    await signInHere(page, await newPerson(server.platform));
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    await close();
  });
});

const PAGES = [
  ['Sign-in methods', 'Sign-in methods'],
  ['Sessions', 'Sessions'],
  ['Activity', 'Activity'],
  ['Apps', 'Connected apps'],
  ['Personal tokens', 'Personal access tokens'],
  ['Profile', 'Your profile'],
  ['Your data', 'Your data'],
  ['Overview', 'Your account'],
] as const;
