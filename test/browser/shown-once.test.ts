import { expect, it } from 'vitest';
import { openInspectorStage } from '../developers/insights/inspector-stage.ts';
import { launchChromium, openWindow, withPointer } from '../support/browser.ts';

it('loading a page again that shows a secret once makes no second one', { timeout: 60_000 }, async () => {
  const [stage, browser] = await Promise.all([openInspectorStage(), launchChromium()]);
  const { page, incidents, close } = await openWindow(browser, [stage.issuer]);
  const value = stage.browser.cookies.all().get('gatehouse_session') ?? '';
  await page.context().addCookies([{ name: 'gatehouse_session', value, url: stage.issuer }]);
  const secrets = () => stage.server.platform.db.clientSecret.count();
  const before = await secrets();
  await page.goto(`${stage.issuer}${stage.home}/credentials/secrets/new`);
  await page.getByRole('textbox').first().fill('Second');
  await withPointer(page).press('Make the secret');
  expect(await page.content()).toContain('gate_secret_');
  await page.reload();
  expect(await page.content()).not.toContain('gate_secret_');
  expect(await secrets()).toBe(before + 1);
  expect(incidents).toEqual([]);
  await close();
  await browser.close();
  await stage.server.stop();
});
