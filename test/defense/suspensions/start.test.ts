import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/audit/actor.ts';
import { endSuspension } from '../../../src/defense/suspensions/end.ts';
import { effectOf } from '../../../src/defense/suspensions/ladder.ts';
import { type SuspensionWish, startSuspension } from '../../../src/defense/suspensions/start.ts';
import { newId, newPublicId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { openTestPlatform } from '../../support/platform.ts';

const JOB: Actor = { kind: 'job', id: 'watch' };
const OPERATOR: Actor = { kind: 'cli', id: 'test' };

let clock: MovableClock;
let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
let ids: { clientId: string; apiId: string };
beforeEach(async () => {
  clock = clockAt();
  ids = { clientId: newPublicId('app'), apiId: newId() };
  await platform.pool.query('DELETE FROM appeals');
  await platform.pool.query('DELETE FROM suspensions');
});

const byRule = (wish: Partial<SuspensionWish> = {}) =>
  startSuspension(platform, JOB, { kind: 'client', ids, rule: 'burst', activeClients: 1000, ...wish });

async function started(wish: Partial<SuspensionWish> = {}) {
  const outcome = await byRule(wish);
  if (!outcome.ok) throw new Error(outcome.sentence);
  const { suspension, change } = outcome;
  return { ...suspension, change, effect: effectOf(suspension, clock.now()).state };
}

const events = async () => {
  const { rows } = await platform.pool.query<{ action: string }>(
    `SELECT action FROM audit_events WHERE target_kind = 'suspension' AND details->>'client' = $1 ORDER BY at, id`,
    [ids.clientId],
  );
  return rows.map(({ action }) => action);
};

describe('a rule that suspends', () => {
  it('begins by observing the smallest function and climbs a rung a minute', async () => {
    expect(await started()).toMatchObject({ kind: 'access-writes', effect: 'observe', change: 'started' });
    expect(await started()).toMatchObject({ effect: 'observe', change: 'none' });
    clock.forward(60);
    expect(await started()).toMatchObject({ effect: 'slow', change: 'moved' });
    clock.forward(60);
    expect(await started()).toMatchObject({ kind: 'access-writes', effect: 'pause', level: 1 });
    expect(await events()).toEqual(['suspension.started', 'suspension.moved', 'suspension.moved']);
  });

  it('pauses the next larger function where the misuse goes on although the smaller is paused', async () => {
    for (const _ of 'osp') {
      await started();
      clock.forward(60);
    }
    expect(await started()).toMatchObject({ kind: 'access', effect: 'pause', level: 1, change: 'started' });
    clock.forward(60);
    expect(await started({ kind: 'access' })).toMatchObject({ kind: 'access', change: 'none' });
    expect(await started()).toMatchObject({ kind: 'client', effect: 'pause', change: 'started' });
    const { rows } = await platform.pool.query('SELECT kind, ended_by FROM suspensions ORDER BY id');
    expect(rows).toEqual([
      { kind: 'access-writes', ended_by: 'superseded' },
      { kind: 'access', ended_by: 'superseded' },
      { kind: 'client', ended_by: null },
    ]);
  });

  it('doubles the pause of what misbehaves while it is tried, and of what does so soon after', async () => {
    for (const _ of 'osp') {
      await started({ kind: 'access', exactly: true });
      clock.forward(60);
    }
    clock.forward(15 * 60);
    expect(await started({ kind: 'access', exactly: true })).toMatchObject({ effect: 'pause', level: 2 });
    clock.forward(46 * 60);
    const anew = await started({ kind: 'access', exactly: true });
    expect(anew).toMatchObject({ effect: 'observe', level: 2, change: 'started' });
  });

  it('leaves to a human what misbehaves after the longest pause', async () => {
    for (const _ of 'osp') {
      await started({ kind: 'access', exactly: true });
      clock.forward(60);
    }
    await platform.pool.query('UPDATE suspensions SET level = 8 WHERE client_id = $1', [ids.clientId]);
    clock.forward(16 * 60);
    expect(await started({ kind: 'access', exactly: true })).toMatchObject({ effect: 'human' });
    const { rows } = await platform.pool.query(
      `SELECT count(*)::int AS waiting FROM alerts WHERE kind = 'suspension-waits'`,
    );
    expect(rows).toEqual([{ waiting: 1 }]);
  });

  it('never suspends an organization, an API or a network', async () => {
    for (const kind of ['organization', 'api', 'network'] as const) {
      const all = { ...ids, organizationId: newId(), network: '192.0.2.0/24' };
      expect(await byRule({ kind, ids: all })).toMatchObject({ ok: false, reason: 'people-only' });
    }
  });

  it('pauses at most the share of an hour, watches the others on, and pages an operator once', async () => {
    const pauseOne = async (clientId: string) => {
      let last: string | undefined;
      for (const _ of 'osp') {
        last = (await started({ kind: 'client', ids: { clientId }, activeClients: 50 })).effect;
        clock.forward(60);
      }
      return last;
    };
    const outcomes = [];
    for (const _ of '12345') outcomes.push(await pauseOne(newPublicId('app')));
    expect(outcomes).toEqual(['pause', 'pause', 'pause', 'slow', 'slow']);
    const { rows } = await platform.pool.query(
      `SELECT severity, count FROM alerts WHERE kind = 'suspensions-exceed-share'`,
    );
    expect(rows).toEqual([{ severity: 'page', count: 2 }]);
  });

  it('never exceeds the share with two processes at once', async () => {
    const clients = Array.from({ length: 10 }, () => newPublicId('app'));
    const all = () =>
      Promise.all(clients.map((clientId) => byRule({ ids: { clientId }, activeClients: 50 })));
    await all();
    clock.forward(60);
    await all();
    clock.forward(60);
    await all();
    const { rows } = await platform.pool.query(
      `SELECT count(*)::int AS paused FROM suspensions WHERE state = 'pause'`,
    );
    expect(rows).toEqual([{ paused: 3 }]);
  });

  it('does not touch what an operator began', async () => {
    await startSuspension(platform, OPERATOR, { kind: 'access-writes', ids });
    clock.forward(3600);
    expect(await started({ kind: 'access' })).toMatchObject({ rule: 'operator', change: 'none' });
  });
});

describe('an operator who suspends', () => {
  it('stops exactly what they name until a human ends it, whatever a rule began', async () => {
    await started();
    const outcome = await startSuspension(platform, OPERATOR, { kind: 'access', ids, note: 'Phishing.' });
    expect(outcome).toMatchObject({
      ok: true,
      suspension: { kind: 'access', state: 'human', note: 'Phishing.' },
    });
    expect(await startSuspension(platform, OPERATOR, { kind: 'access', ids })).toMatchObject({
      change: 'none',
    });
    expect(await events()).toEqual(['suspension.started', 'suspension.ended', 'suspension.started']);
  });

  it('make nothing shorter or smaller that waits for a human: its end takes two', async () => {
    await startSuspension(platform, OPERATOR, { kind: 'access', ids });
    const until = new Date(clock.now().getTime() + 3_600_000);
    for (const wish of [
      { kind: 'access', ids, until },
      { kind: 'access-writes', ids },
    ] as const)
      expect(await startSuspension(platform, OPERATOR, wish)).toMatchObject({ reason: 'second-person' });
    expect(await events()).toEqual(['suspension.started']);
  });

  it('ends it early: alone where it has an end, with a second person where it waits for a human', async () => {
    const human = await startSuspension(platform, OPERATOR, { kind: 'client', ids });
    if (!human.ok) throw new Error(human.sentence);
    const { id } = human.suspension;
    expect(await endSuspension(platform, OPERATOR, { id })).toMatchObject({ reason: 'second-person' });
    expect(await endSuspension(platform, JOB, { id })).toMatchObject({ reason: 'operator' });
    expect(await endSuspension(platform, OPERATOR, { id, confirmed: true })).toMatchObject({ ok: true });
    expect(await endSuspension(platform, OPERATOR, { id, confirmed: true })).toMatchObject({
      reason: 'suspension',
    });
  });
});

describe('races', () => {
  it('two that begin at once leave one row and one event', async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      ids = { clientId: newPublicId('app'), apiId: newId() };
      await Promise.all([byRule(), byRule(), byRule({ kind: 'access' })]);
      expect(await events()).toEqual(['suspension.started']);
    }
  });
});
