import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRequests } from '../../src/developers/insights/request-log.ts';
import { endTails } from '../../src/developers/insights/request-tail.ts';
import { post } from '../oidc/stage.ts';
import { launchChromium, openWindow } from '../support/browser.ts';
import { type InspectorStage, openInspectorStage } from '../developers/insights/inspector-stage.ts';

let stage: InspectorStage;
let browser: Browser;

beforeAll(async () => {
  [stage, browser] = await Promise.all([openInspectorStage(), launchChromium()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await stage?.server.stop();
});

const sessionCookie = () => {
  const value = stage.browser.cookies.all().get('gatehouse_session') ?? '';
  return { name: 'gatehouse_session', value, url: stage.issuer };
};

it('a request appears in an open list by itself, unless the list is paused', {
  timeout: 30_000,
}, async () => {
  const { page, incidents, close } = await openWindow(browser, [stage.issuer]);
  await page.context().addCookies([sessionCookie()]);
  await page.goto(`${stage.issuer}${stage.home}/requests`);
  await page.getByText('New requests appear by themselves.').waitFor();
  await post(stage, '/token', stage.app, { grant_type: 'urn:first' });
  await writeRequests(stage.server.platform);
  await page.getByText('unsupported_grant_type').waitFor();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused.').waitFor();
  await post(stage, '/token', stage.app, { grant_type: 'refresh_token', refresh_token: 'nonsense' });
  await writeRequests(stage.server.platform);
  await page.waitForTimeout(2_500);
  expect(await page.locator('#requests').getByText('invalid_grant').count()).toBe(0);
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.locator('#requests').getByText('invalid_grant').first().waitFor();
  expect(incidents).toEqual([]);
  await close();
});

it('only so many lists are followed at once, and a stopping server ends them', {
  timeout: 30_000,
}, async () => {
  const { name, value } = sessionCookie();
  const follow = (aborter: AbortController) =>
    fetch(`${stage.issuer}${stage.home}/requests/tail`, {
      headers: { accept: 'text/event-stream', cookie: `${name}=${value}` },
      redirect: 'manual',
      signal: aborter.signal,
    });
  const aborter = new AbortController();
  const answers = [];
  for (let n = 0; n < 5; n += 1) answers.push(await follow(aborter));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
  expect(answers[0]?.headers.get('Content-Type')).toContain('text/event-stream');
  endTails(stage.server.platform);
  const [first] = answers;
  expect(await first?.text()).toMatch(/^retry: 1000\n\n/);
  aborter.abort();
  const stranger = await fetch(`${stage.issuer}${stage.home}/requests/tail`, {
    headers: { accept: 'text/event-stream' },
    redirect: 'manual',
  });
  expect(stranger.status).toBe(303);
});
