import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/audit/actor.ts';
import { endSuspension } from '../../src/defense/suspensions/end.ts';
import { begin, pause, type Times } from '../../src/defense/suspensions/ladder.ts';
import { startSuspension, type SuspensionWish } from '../../src/defense/suspensions/start.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import { allow, relyingParty } from '../support/relying-party.ts';
import { type ShiftedServers, startShiftedServers } from '../support/shifted-servers.ts';
import { basic } from '../support/two-servers.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, OPERATOR, signIn } from '../support/world.ts';
import { PATIENCE } from '../support/patience.ts';

const JOB: Actor = { kind: 'job', id: 'watch' };
const MINUTE = 60;

/** What stands at the beginning: each since two minutes, so that more misuse is news. */
const STATES: Readonly<Record<string, (now: Date) => Times>> = {
  observe: (now) => begin('observe', 0, secondsAfter(now, -2 * MINUTE)),
  slow: (now) => begin('slow', 0, secondsAfter(now, -2 * MINUTE)),
  pause: (now) => pause(1, secondsAfter(now, -2 * MINUTE)),
  probe: (now) => pause(1, secondsAfter(now, -17 * MINUTE)),
  human: (now) => begin('human', 0, secondsAfter(now, -2 * MINUTE)),
  over: (now) => pause(1, secondsAfter(now, -31 * MINUTE)),
};
const EVENTS = ['nothing', 'misuse', 'operator stops', 'operator ends'] as const;

/** Whether the app is let through: at once, 20 minutes later and a day later. Everything else follows from the times. */
const EXPECTED: Readonly<Record<string, Readonly<Record<(typeof EVENTS)[number], string>>>> = {
  observe: { nothing: '111', misuse: '111', 'operator stops': '000', 'operator ends': '111' },
  slow: { nothing: '111', misuse: '011', 'operator stops': '000', 'operator ends': '111' },
  pause: { nothing: '011', misuse: '011', 'operator stops': '000', 'operator ends': '111' },
  probe: { nothing: '111', misuse: '001', 'operator stops': '000', 'operator ends': '111' },
  human: { nothing: '000', misuse: '000', 'operator stops': '000', 'operator ends': '111' },
  over: { nothing: '111', misuse: '111', 'operator stops': '000', 'operator ends': '111' },
};

interface Cell {
  readonly name: string;
  readonly app: App;
  readonly token: string;
  readonly expected: string;
}

let servers: ShiftedServers;
let api: Notes;
let apiId: string;
beforeAll(async () => {
  servers = await startShiftedServers();
  api = await newApi(servers.platform);
  apiId = (await findApi(servers.platform, api.identifier))?.id ?? '';
}, 120_000);
afterAll(() => servers.stop());

const wishFor = ({ clientId }: App): SuspensionWish => ({
  ...{ kind: 'access', ids: { clientId, apiId }, rule: 'rate-ignored', exactly: true },
  activeClients: 100_000,
});

const ask = async (turn: number, { clientId, secret }: App) => {
  const answer = await servers.post(
    turn,
    '/token',
    { grant_type: 'client_credentials' },
    basic({ clientId, secret }),
  );
  return answer.json();
};

const introspect = async (turn: number, token: string) =>
  (await servers.post(turn, '/token/introspection', { token }, basic(api))).json();

async function happen(event: (typeof EVENTS)[number], app: App, id: string): Promise<void> {
  const { platform } = servers;
  if (event === 'misuse') await startSuspension(platform, JOB, wishFor(app));
  if (event === 'operator stops') await startSuspension(platform, OPERATOR, wishFor(app));
  if (event === 'operator ends') await endSuspension(platform, OPERATOR, { id, confirmed: true });
}

async function aCell(state: string, event: (typeof EVENTS)[number]): Promise<Cell> {
  const { platform } = servers;
  const app = await newApp(platform, api, { type: 'machine', scopes: ['notes:read'] });
  const token = String((await ask(0, app)).access_token);
  const started = await startSuspension(platform, JOB, wishFor(app));
  if (!started.ok) throw new Error(started.sentence);
  const { id } = started.suspension;
  const data = STATES[state]?.(platform.clock.now());
  await platform.db.suspension.update({ where: { id }, data: { ...data } });
  await happen(event, app, id);
  return { name: `${state}, ${event}`, app, token, expected: EXPECTED[state]?.[event] ?? '' };
}

/** What both processes say of every cell, at a column of the table. */
async function seen(cells: readonly Cell[], column: number) {
  const lines = await Promise.all(
    cells.map(async ({ name, app, token }) => {
      const answers = await Promise.all([0, 1].map((turn) => ask(turn, app)));
      const tokens = column === 0 ? await Promise.all([0, 1].map((turn) => introspect(turn, token))) : [];
      const let_in = answers.map(({ access_token: issued, error }) => (issued ? '1' : String(error)));
      return [name, [...let_in, ...tokens.map(({ active }) => (active ? '1' : 'access_denied'))]] as const;
    }),
  );
  return Object.fromEntries(lines);
}

const wanted = (cells: readonly Cell[], column: number) =>
  Object.fromEntries(
    cells.map(({ name, expected }) => {
      const word = expected[column] === '1' ? '1' : 'access_denied';
      return [name, new Array(column === 0 ? 4 : 2).fill(word)];
    }),
  );

describe('every state of a suspension, whatever happens in it', () => {
  let cells: Cell[];

  it('is in force on both processes within a second', { timeout: 120_000 }, async () => {
    cells = [];
    for (const state of Object.keys(STATES))
      for (const event of EVENTS) cells.push(await aCell(state, event));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await seen(cells, 0)).toEqual(wanted(cells, 0));
  });

  it('is the same after both were killed and started again', { timeout: 120_000 }, async () => {
    await servers.killAndStart(0);
    expect(await seen(cells, 0)).toEqual(wanted(cells, 0));
  });

  it.each([
    ['20 minutes', 20 * MINUTE, 1],
    ['a day', 24 * 60 * MINUTE, 2],
  ])('lifts by itself although nobody ran: %s later', { timeout: 120_000 }, async (_, seconds, column) => {
    await servers.killAndStart(seconds);
    expect(await seen(cells, column)).toEqual(wanted(cells, column));
  });

  it('is recorded once: what began, moved and ended', async () => {
    await expect
      .poll(async () => {
        const { rows } = await servers.platform.pool.query(
          `SELECT count(*)::int AS left FROM suspensions WHERE ended_at IS NULL AND state <> 'human'`,
        );
        return rows[0].left;
      }, PATIENCE)
      .toBe(0);
    const { rows } = await servers.platform.pool.query(
      `SELECT s.id, count(*) FILTER (WHERE e.action = 'suspension.started')::int AS started,
              count(*) FILTER (WHERE e.action = 'suspension.ended')::int AS ended, s.ended_at IS NOT NULL AS over
         FROM suspensions s LEFT JOIN audit_events e ON e.target_id = s.id::text GROUP BY s.id`,
    );
    const wrong = rows.filter(({ started, ended, over }) => started !== 1 || ended !== (over ? 1 : 0));
    expect(wrong).toEqual([]);
  });
});

describe('a suspended account', () => {
  const stored = async () => {
    const { rows } = await servers.platform.pool.query(
      `SELECT (SELECT json_agg(g ORDER BY id) FROM (SELECT id, payload::text, revoked_at, expires_at FROM grants) g) AS grants,
              (SELECT json_agg(c ORDER BY id) FROM (SELECT id, scopes, until FROM consents) c) AS consents,
              (SELECT json_agg(s ORDER BY id) FROM (SELECT id, digest, ended_at, expires_at FROM browser_sessions) s) AS sessions,
              (SELECT count(*)::int FROM artifacts WHERE kind IN ('refresh', 'access') AND consumed_at IS NULL) AS tokens`,
    );
    return rows[0];
  };

  it('can do nothing on either process, and afterwards has exactly what it had', {
    timeout: 120_000,
  }, async () => {
    const { platform, issuer } = servers;
    const web = await newApp(platform, api);
    const person = await newPerson(platform);
    const party = await relyingParty(issuer, web);
    const visitor = new Visitor(issuer);
    // The servers live in another time than this process, where codes of an authenticator are made.
    await servers.killAndStart(-servers.offset());
    await signIn(visitor, person);
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    const tokens = await party.redeem(request, await allow(visitor, await visitor.open(request.url)));
    const { access_token: access, refresh_token: refresh } = tokens as Record<string, string>;
    const refreshing = { grant_type: 'refresh_token', refresh_token: String(refresh) };
    const before = await stored();

    const wish: SuspensionWish = { kind: 'account', ids: { accountId: person.id }, note: 'Stolen tokens.' };
    const started = await startSuspension(platform, OPERATOR, wish);
    if (!started.ok) throw new Error(started.sentence);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const turn of [0, 1]) {
      expect(await introspect(turn, String(access))).toEqual({ active: false });
      const refused = await servers.post(turn, '/token', refreshing, basic(web));
      expect(refused.json()).toMatchObject({ error: 'invalid_grant' });
      const bearer = { Authorization: `Bearer ${access}` };
      expect((await servers.post(turn, '/userinfo', {}, bearer)).status).toBe(401);
    }
    expect((await visitor.open('/account')).url).toContain('/suspended-account');
    expect(await stored()).toEqual(before);

    await endSuspension(platform, OPERATOR, { id: started.suspension.id, confirmed: true });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await visitor.open('/account')).url).not.toContain('/suspended-account');
    for (const turn of [0, 1]) expect(await introspect(turn, String(access))).toMatchObject({ active: true });
    expect(await stored()).toEqual(before);
    const again = await servers.post(1, '/token', refreshing, basic(web));
    expect(again.json()).toMatchObject({ access_token: expect.any(String) });
  });
});
