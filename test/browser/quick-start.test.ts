import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { programsOn } from '../developers/support/programs.ts';
import { launchChromium, openWindow } from '../support/browser.ts';
import { introspect } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { newApi, newApp, newPerson, signIn } from '../support/world.ts';
import { signInHere } from './scene-steps.ts';

const PAGE = `<!doctype html><title>App</title><button>Sign in</button><script type="module">
import { signIn, finishSignIn } from './sign-in.js';
document.querySelector('button').onclick = signIn;
const tokens = await finishSignIn();
if (tokens) document.title = tokens.access_token;
</script>`;

it('the quick start of a single-page app gets a real token in a real browser', {
  timeout: 60_000,
}, async () => {
  const server = await startTestServer({ jobs: true });
  let program = '';
  const site = createServer((request, response) => {
    const script = request.url === '/sign-in.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ? program : PAGE);
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

  const api = await newApi(server.platform);
  const scopes = ['openid', 'notes:read'];
  const app = await newApp(server.platform, api, { type: 'spa', scopes, redirectUris: [`${origin}/`] });
  const member = await newPerson(server.platform);
  const row = { organizationId: api.organizationId, accountId: member.id, role: 'developer' };
  await server.platform.db.organizationMember.create({ data: { ...row, createdAt: new Date() } });
  const reader = new Visitor(server.url);
  await signIn(reader, member);
  [program = ''] = programsOn(await reader.open(`/docs/quick-start/spa?app=${app.clientId}`));

  const browser = await launchChromium();
  const { page, close } = await openWindow(browser, [origin, server.url]);
  await page.goto(origin);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/**`);
  await signInHere(page, await newPerson(server.platform));
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForFunction('document.title !== "App" && document.title !== ""');
  expect(await introspect(server.url, api, await page.title())).toMatchObject({
    active: true,
    scope: 'notes:read',
    client_id: app.clientId,
  });
  await close();
  await browser.close();
  site.close();
  await server.stop();
});
