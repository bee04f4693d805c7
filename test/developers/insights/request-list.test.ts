import { afterAll, beforeAll, expect, it } from 'vitest';
import { anotherPerson, authorizePath, codeFor, post, redeem } from '../../oidc/stage.ts';
import { type InspectorStage, openInspectorStage, untilShown } from './inspector-stage.ts';

let stage: InspectorStage;

beforeAll(async () => {
  stage = await openInspectorStage();
});
afterAll(() => stage.server.stop());

it('a member sees what the app called', async () => {
  const code = await codeFor(stage, stage.app);
  expect((await redeem(stage, stage.app, code)).status).toBe(200);
  const page = await untilShown(
    stage,
    () => stage.browser.open(`${stage.home}/requests`),
    ({ text }) => text.includes('authorization_code'),
  );
  expect(page.status).toBe(200);
  expect(page.text).toMatch(/OK\s*Token\s*authorization_code/);
  expect(page.text).toMatch(/OK\s*Authorization/);
});

it('the list is filtered by the address, and a filter that cannot be understood says what would be', async () => {
  await post(stage, '/token', stage.app, { grant_type: 'authorization_code', code: 'x', redirect_uri: 'y' });
  const failed = await untilShown(
    stage,
    () => stage.browser.open(`${stage.home}/requests?result=failed&endpoint=token&error=invalid_grant`),
    ({ text }) => text.includes('ms'),
  );
  expect(failed.text).toContain('invalid_grant');
  expect(failed.text).not.toMatch(/OK\s*Authorization/);
  const odd = await stage.browser.open(`${stage.home}/requests?since=yesterday&error=%3Cscript%3E`);
  expect(odd.text).toContain('Write date and time like 2026-11-28T14:30.');
  expect(odd.html).not.toContain('<script>"');
});

it('to everybody else there is no such page', async () => {
  const { browser } = await anotherPerson(stage);
  expect((await browser.open(`${stage.home}/requests`)).status).toBe(404);
  expect((await browser.open(`${stage.home}/requests/tail`)).status).toBe(404);
  const foreign = stage.home.replace(stage.app.clientId, 'app_22222222222222222222');
  expect((await stage.browser.open(`${foreign}/requests`)).status).toBe(404);
});

it('a call that only names the app is kept without proof', async () => {
  const { browser } = await anotherPerson(stage);
  const page = await browser.open(authorizePath(stage.app, { redirect_uri: 'https://evil.example/' }));
  expect(page.status).toBe(400);
  const list = await untilShown(
    stage,
    () => stage.browser.open(`${stage.home}/requests`),
    ({ text }) => text.includes('invalid_redirect_uri'),
  );
  expect(list.text).toMatch(/invalid_redirect_uri\s*Named this client without proof/);
});
