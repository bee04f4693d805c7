import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, effectOf, pause } from '../../src/defense/suspensions/ladder.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { grantAccess } from '../../src/developers/access/access.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { askCheck } from '../support/ask-check.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';

describe('the check over two processes', () => {
  let servers: TwoServers;
  let api: Notes;
  let guest: App;
  let token: string;
  beforeAll(async () => {
    servers = await startTwoServers();
    const { platform } = servers;
    api = await newApi(platform);
    const organizationId = await newOrganization(platform, 'Guests');
    const wish = { organizationId, type: 'machine', scopes: ['notes:read', 'notes:write'] } as const;
    guest = await newApp(platform, api, { ...wish, scopes: [...wish.scopes] });
    const access = { clientId: guest.clientId, apiIdentifier: api.identifier, origin: 'operator' } as const;
    const scopes = ['notes:read', 'notes:write'];
    await grantAccess(platform, OPERATOR, { ...access, scopes, requestsPerMinute: 60 });
    const form = { grant_type: 'client_credentials', scope: scopes.join(' ') };
    token = String((await servers.post(0, '/token', form, basic(guest))).json().access_token);
  }, 60_000);
  afterAll(() => servers.stop());

  const ask = (turn: number, method = 'GET', presented = token) => {
    const { port } = servers.servers[turn % 2 === 0 ? 0 : 1];
    const host = new URL(servers.issuer).host;
    return askCheck(`http://localhost:${port}`, { api, token: presented, host, method });
  };

  const minuteNow = () => Math.floor(Date.now() / 60_000);

  /** Calls at once, until some are refused, and of how many minutes the budgets were: a minute may end in between. */
  async function burst(calls: number, presented = token) {
    const began = minuteNow();
    const replies: Awaited<ReturnType<typeof ask>>[] = [];
    while (replies.every(({ status }) => status === 200)) {
      const more = Array.from({ length: calls }, (_, turn) => ask(turn, 'GET', presented));
      replies.push(...(await Promise.all(more)));
    }
    return { replies, minutes: minuteNow() - began + 1 };
  }

  it('lets through what a minute allows and no more, whoever is asked', async () => {
    const { replies, minutes } = await burst(90);
    const allowed = replies.filter(({ status }) => status === 200);
    expect(allowed.length).toBeLessThanOrEqual(60 * minutes);
    // A process may be left with the last of its share.
    expect(allowed.length).toBeGreaterThanOrEqual(45);
    for (const { headers } of replies.filter(({ status }) => status !== 200))
      expect(headers).toMatchObject({ 'gatehouse-reason': 'rate', 'retry-after': expect.any(String) });
  });

  it('stops an access within a second everywhere, its writes alone first', async () => {
    const { platform } = servers;
    await platform.db.access.updateMany({ data: { requestsPerMinute: 100_000 } });
    await sleep(1_000);
    const apiId = String((await findApi(platform, api.identifier))?.id);
    const ids = { clientId: guest.clientId, apiId };
    for (const turn of [0, 1]) {
      expect((await ask(turn)).status).toBe(200);
      expect((await ask(turn, 'POST')).status).toBe(200);
    }
    expect(await startSuspension(platform, OPERATOR, { kind: 'access-writes', ids })).toMatchObject({
      ok: true,
    });
    await sleep(1_000);
    for (const turn of [0, 1]) {
      expect((await ask(turn)).status).toBe(200);
      const write = await ask(turn, 'POST');
      expect([write.status, write.headers['gatehouse-reason']]).toEqual([403, 'writes-suspended']);
    }
    expect(await startSuspension(platform, OPERATOR, { kind: 'access', ids })).toMatchObject({ ok: true });
    await sleep(1_000);
    for (const turn of [0, 1]) {
      const read = await ask(turn);
      expect([read.status, read.headers['gatehouse-reason']]).toEqual([403, 'access-suspended']);
      expect(read.headers['gatehouse-message']).toMatch(/\S/);
    }
  });

  const RUNGS = [
    { state: 'slow', calls: 40, requestsPerMinute: 40, left: 20 },
    { state: 'probe', calls: 40, requestsPerMinute: 100, left: 10 },
    // An access without a limit of its own counts as one of 600 calls a minute.
    { state: 'slow', calls: 330, requestsPerMinute: undefined, left: 300 },
    { state: 'probe', calls: 90, requestsPerMinute: undefined, left: 60 },
  ] as const;

  it.each(RUNGS)('leaves an access that is at $state its share: $left calls a minute', async (rung) => {
    const { platform } = servers;
    const organizationId = await newOrganization(platform, 'Slowed');
    const app = await newApp(platform, api, { organizationId, type: 'machine', scopes: ['notes:read'] });
    const access = { clientId: app.clientId, apiIdentifier: api.identifier, origin: 'operator' } as const;
    const { requestsPerMinute } = rung;
    await grantAccess(platform, OPERATOR, { ...access, scopes: ['notes:read'], requestsPerMinute });
    const apiId = String((await findApi(platform, api.identifier))?.id);
    const wish = { kind: 'access', ids: { clientId: app.clientId, apiId }, rule: 'rate-ignored' } as const;
    const started = await startSuspension(
      platform,
      { kind: 'job', id: 'run-rules' },
      { ...wish, exactly: true },
    );
    if (!started.ok) throw new Error(started.sentence);
    const now = platform.clock.now();
    const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
    const times = rung.state === 'slow' ? begin('slow', 0, minutesAgo(2)) : pause(1, minutesAgo(17));
    const { id } = started.suspension;
    await platform.db.suspension.update({ where: { id }, data: times });
    expect(effectOf({ ...started.suspension, ...times }, now).state).toBe(rung.state);
    const form = { grant_type: 'client_credentials', scope: 'notes:read' };
    const its = String((await servers.post(0, '/token', form, basic(app))).json().access_token);
    const { replies, minutes } = await burst(rung.calls, its);
    const allowed = replies.filter(({ status }) => status === 200).length;
    expect(allowed).toBeLessThanOrEqual(rung.left * minutes);
    // Either process may be left with the last of what it took.
    expect(allowed).toBeGreaterThanOrEqual(Math.floor(rung.left * 0.7));
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.headers['gatehouse-message']).toContain(`${rung.left} calls a minute`);
    expect(refused?.headers['gatehouse-message']).toContain('while it is slowed down');
  });
});
