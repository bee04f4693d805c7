import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { programsOn, run } from '../developers/support/programs.ts';
import { freePort, startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { signUp } from '../support/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

function linkOn(page: Page, text: string): string {
  const link = page.links.get(text);
  if (!link) throw new Error(`no link "${text}" at ${page.url}: ${[...page.links.keys()].join(', ')}`);
  return link;
}

/** All that a newcomer does: links, forms, one program. No command line, no operator. */
it('a new developer signs up, makes an organization and an app, and gets a real token with the program of the guide', {
  timeout: 60_000,
}, async () => {
  const developer = new Visitor(server.url);
  const arrival = await developer.open('/developers');
  const { page: first } = await signUp(developer, arrival, 'newcomer@example.org');
  expect(new URL(first.url).pathname).toBe('/developers');

  const naming = await developer.open(linkOn(first, 'Create an organization'));
  const overview = await developer.submit(naming, 'Create it', {
    'Name of the organization': 'Paper & Pencil',
  });
  expect(overview.status).toBe(200);
  const cards = await developer.open(
    linkOn(await developer.open(linkOn(overview, 'Apps')), 'Register an app'),
  );
  const form = await developer.open(linkOn(cards, 'Web app'));
  const made = await developer.submit(form, 'Register it', {
    Name: 'Planner',
    'Redirect URI': `http://localhost:${await freePort()}/callback`,
  });
  const secret = /gate_secret_[\w-]+/.exec(made.text)?.[0] ?? '';

  const [javascript = ''] = programsOn(made);
  const program = await run('javascript', javascript, { CLIENT_SECRET: secret });
  const [address] = await program.says(/http:\/\/localhost:\d+\/authorize\?\S+/);
  const consent = await developer.open(address);
  const { location } = await developer.submit(consent, 'Allow');
  expect((await fetch(String(location))).status).toBe(200);
  const [, token = ''] = await program.says(/access_token["']?: ?["']([\w.-]+)["']/);
  await program.stop();

  const userinfo = await fetch(`${server.url}/userinfo`, { headers: { Authorization: `Bearer ${token}` } });
  expect(await userinfo.json()).toMatchObject({ email: 'newcomer@example.org' });
});
