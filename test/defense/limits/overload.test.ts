import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eventLoopDelay, shedLevel, watchOverload } from '../../../src/defense/limits/overload.ts';
import type { RunningServer } from '../../../src/main.ts';
import { introspect, postAs } from '../../support/relying-party.ts';
import { atConsole } from '../../support/console.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, signIn } from '../../support/world.ts';
import { PATIENCE } from '../../support/patience.ts';

let server: RunningServer;
let api: Notes;
let machine: App;
/** What the server is told of how late it is. */
let lateMs = 0;
beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
  machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
  watchOverload(server.platform, () => lateMs);
});
afterAll(() => server.stop());

const SHED_IN_TURN = ['/sign-up', '/developers', '/sign-in'] as const;
/** Late enough that nothing is taken up again, and not so late that more is shed. */
const KEEPS_MS = 60;

async function untilLevel(level: number): Promise<void> {
  await vi.waitFor(() => expect(shedLevel(server.platform)).toBe(level), PATIENCE);
}

const ask = (path: string) =>
  fetch(`${server.url}${path}`, { redirect: 'manual', headers: { Accept: 'text/html' } });

async function whatIsShed(): Promise<string[]> {
  const answers = await Promise.all(SHED_IN_TURN.map(ask));
  return SHED_IN_TURN.filter((_, at) => answers[at]?.status === 503);
}

/** Tokens, what APIs ask, keys, discovery and the console, whatever else is shed. */
async function expectTheRestToAnswer(): Promise<void> {
  const issued = await postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
  expect(issued.status).toBe(200);
  const { access_token: token } = (await issued.json()) as { access_token: string };
  expect(await introspect(server.url, api, token)).toMatchObject({ active: true });
  for (const path of ['/jwks', '/.well-known/openid-configuration'])
    expect((await ask(path)).status).toBe(200);
  // To whoever is not signed in the console answers with the way to sign in.
  expect((await ask('/admin')).status).toBe(303);
}

it('a busy process sheds registration, then the portal, then sign-in, says so, tells operators once, and takes all up again', async () => {
  await untilLevel(0);
  expect(await whatIsShed()).toEqual([]);
  for (const [level, late] of [
    [1, 150],
    [2, 300],
    [3, 600],
  ] as const) {
    lateMs = late;
    await untilLevel(level);
    lateMs = KEEPS_MS;
    expect(await whatIsShed()).toEqual(SHED_IN_TURN.slice(0, level));
    await expectTheRestToAnswer();
  }
  const refused = await ask('/sign-up');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.text()).toContain('The service is very busy just now.');
  const alerts = await server.platform.db.alert.findMany({ where: { kind: 'overload' } });
  expect(alerts).toMatchObject([{ severity: 'page', count: 3, closedAt: null }]);
  lateMs = 0;
  await untilLevel(0);
  expect(await whatIsShed()).toEqual([]);
}, 90_000);

it('an operator who is signed in proves anew who they are while sign-in is shed, and nobody else gets there', async () => {
  const { browser, person } = await atConsole(server, 'security');
  const visitor = new Visitor(server.url);
  await signIn(visitor, await newPerson(server.platform));
  const long = new Date(server.platform.clock.now().getTime() - 3_600_000);
  await server.platform.db.browserSession.updateMany({ data: { authenticatedAt: long } });
  // As if the code of their sign-in were an old one by now.
  await server.platform.db.totpDevice.updateMany({ where: { accountId: person.id }, data: { lastStep: 0 } });
  lateMs = 600;
  await untilLevel(3);
  lateMs = KEEPS_MS;
  const proof = await browser.open('/admin/suspensions/new');
  expect(proof.status).toBe(200);
  const second = await browser.submit(proof, 'Sign in', { Email: person.email, Password: person.password });
  const form = await browser.submit(second, 'Continue', { 'One-time code': person.code() });
  expect(form.url).toBe(`${server.url}/admin/suspensions/new`);
  for (const path of ['/admin', '/admin/suspensions/new']) {
    const way = await new Visitor(server.url).open(path, { follow: false });
    expect((await ask(String(way.location).replace(server.url, ''))).status).toBe(503);
  }
  const own = await visitor.open('/account/credentials/password', { follow: false });
  expect(own.status).toBe(503);
  lateMs = 0;
  await untilLevel(0);
}, 90_000);

it('an event loop that is held up is measured as late', async () => {
  const late = eventLoopDelay();
  for (let times = 0; times < 5; times += 1) {
    const until = performance.now() + 200;
    while (performance.now() < until);
    await turn();
  }
  expect(late()).toBeGreaterThan(100);
});
