import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Hands, launchChromium, openWindow, withKeyboard, withPointer } from '../support/browser.ts';
import { newPerson } from '../support/world.ts';
import { allowApp, apisOpen, connect } from './connection-scenes.ts';
import { type Exhibition, openExhibition } from './exhibition.ts';
import { toAccountPage } from './scene-steps.ts';

describe('on a small screen', { timeout: 60_000 }, () => {
  let world: Exhibition;
  let browser: Browser;
  let apiClientId: string;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openExhibition(), launchChromium()]);
    apiClientId = await apisOpen(world);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  const newWindow = (javaScriptEnabled: boolean) =>
    openWindow(browser, [world.url], { javaScriptEnabled, viewport: { width: 320, height: 640 } });

  describe.each<[how: string, scripts: boolean, hands: (page: Page) => Hands]>([
    ['with a finger', true, withPointer],
    ['with JavaScript switched off', false, withPointer],
    ['with the keyboard alone', true, withKeyboard],
  ])('%s', (_how, scripts, handsOn) => {
    it('a person looks through an app, changes when it ends, disconnects and removes it', async () => {
      const { page, incidents, close } = await newWindow(scripts);
      const hands = handsOn(page);
      const person = await newPerson(world.platform);
      await allowApp(world, person, world.notebook, 'unused-90-days');
      await connect(world, person, world.notebook, null);
      await toAccountPage(page, world, '/account/apps', person);

      await hands.follow('Change when it ends');
      await page.getByLabel('After 1 hour').check();
      await hands.press('Change the end');
      expect(await said(page)).toContain('The new end is in force.');

      await hands.unfold('Connected in 1 place');
      await hands.press('Disconnect here');
      expect(await said(page)).toContain('It is disconnected there.');

      await hands.press('Remove Notebook');
      expect(await said(page)).toContain('No app is connected.');
      expect(incidents).toEqual([]);
      await close();
    });

    it('a person makes a token, sees it once and revokes it', async () => {
      const { page, incidents, close } = await newWindow(scripts);
      const hands = handsOn(page);
      await toAccountPage(page, world, `/account/tokens/new?api=${apiClientId}`);

      await hands.fill('Name', 'Backup script');
      await page.getByRole('checkbox').first().check();
      await hands.press('Make the token');
      expect(await said(page)).toMatch(/gate_access_[\w-]{53}/);

      await hands.follow('To your personal access tokens');
      expect(await said(page)).not.toContain('gate_access');
      await hands.press('Revoke Backup script');
      expect(await said(page)).toContain('The token is revoked.');
      expect(incidents).toEqual([]);
      await close();
    });
  });
});

function said(page: Page): Promise<string> {
  return page.locator('main').innerText();
}
