import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { shedLevel, watchOverload } from '../../../src/defense/limits/overload.ts';
import type { RunningServer } from '../../../src/main.ts';
import { introspect, postAs } from '../../support/relying-party.ts';
import { startTestServer } from '../../support/server.ts';
import { type App, newApi, newApp, type Notes } from '../../support/world.ts';

let server: RunningServer;
let api: Notes;
let machine: App;
/** The server runs in this process, whose event loop is busy for so long at a time. */
let busyMs = 0;
let stopped = false;
let work: Promise<void>;
beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
  machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
  watchOverload(server.platform);
  work = beBusy();
});
afterAll(async () => {
  stopped = true;
  await work;
  await server.stop();
});

async function beBusy(): Promise<void> {
  while (!stopped) {
    const until = performance.now() + busyMs;
    while (performance.now() < until);
    await (busyMs === 0 ? sleep(20) : turn());
  }
}

const SHED_IN_TURN = ['/sign-up', '/developers', '/sign-in'] as const;
/** Late enough that nothing is taken up again, and not so late that more is shed. */
const KEEPS_MS = 60;

async function untilLevel(level: number): Promise<void> {
  await vi.waitFor(() => expect(shedLevel(server.platform)).toBe(level), { timeout: 20_000, interval: 30 });
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
    busyMs = late;
    await untilLevel(level);
    busyMs = KEEPS_MS;
    expect(await whatIsShed()).toEqual(SHED_IN_TURN.slice(0, level));
    await expectTheRestToAnswer();
  }
  const refused = await ask('/sign-up');
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.text()).toContain('The service is very busy just now.');
  const alerts = await server.platform.db.alert.findMany({ where: { kind: 'overload' } });
  expect(alerts).toMatchObject([{ severity: 'page', count: 3, closedAt: null }]);
  busyMs = 0;
  await untilLevel(0);
  expect(await whatIsShed()).toEqual([]);
}, 90_000);
