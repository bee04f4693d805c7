import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/audit/actor.ts';
import { endSuspension } from '../../../src/defense/suspensions/end.ts';
import { forgetOldSuspensions } from '../../../src/defense/suspensions/forget-suspensions.ts';
import {
  followNetworks,
  isNetworkSuspended,
  readNetwork,
} from '../../../src/defense/suspensions/networks.ts';
import { settleSuspensions } from '../../../src/defense/suspensions/settle.ts';
import { startSuspension } from '../../../src/defense/suspensions/start.ts';
import { newId, newPublicId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';
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
beforeEach(async () => {
  clock = clockAt();
  await platform.pool.query('DELETE FROM suspensions');
  await platform.pool.query('DELETE FROM token_holds');
});

async function eventsOf(id: string): Promise<string[]> {
  const { rows } = await platform.pool.query<{ said: string }>(
    `SELECT action || coalesce(' ' || (details->>'state'), '') || coalesce(' by ' || (details->>'by'), '') AS said
       FROM audit_events WHERE target_id = $1 ORDER BY id`,
    [id],
  );
  return rows.map(({ said }) => said);
}

async function paused(ids = { grantId: newId(), accountId: newId() }): Promise<string> {
  let id = '';
  for (const _ of 'osp') {
    const outcome = await startSuspension(platform, JOB, { kind: 'grant', ids, rule: 'token-reused' });
    if (!outcome.ok) throw new Error(outcome.sentence);
    id = outcome.suspension.id;
    clock.forward(60);
  }
  return id;
}

const holds = async () => (await platform.pool.query('SELECT subject, until FROM token_holds')).rows;

describe('what time brings to a suspension', () => {
  it('is that it is forgotten 400 days after its end, and never while it stands', async () => {
    const ended = await paused();
    clock.forward(60 * 60);
    await settleSuspensions(platform);
    const ids = { organizationId: newId() };
    const standing = await startSuspension(platform, OPERATOR, { kind: 'organization', ids });
    clock.forward(399 * 86_400);
    expect(await forgetOldSuspensions(platform)).toBe(0);
    clock.forward(86_400);
    expect(await forgetOldSuspensions(platform)).toBe(1);
    const { rows } = await platform.pool.query('SELECT id::text FROM suspensions');
    expect(rows).toEqual([{ id: standing.ok && standing.suspension.id }]);
    expect(rows).not.toContainEqual({ id: ended });
  });

  it('is recorded once, however many processes look', async () => {
    const id = await paused();
    const all = () => Promise.all(Array.from({ length: 4 }, () => settleSuspensions(platform)));
    await all();
    clock.forward(15 * 60);
    await all();
    clock.forward(15 * 60);
    await all();
    await all();
    expect(await eventsOf(id)).toEqual([
      'suspension.started observe',
      'suspension.moved slow',
      'suspension.moved pause',
      'suspension.moved probe',
      'suspension.ended ended by time',
    ]);
  });

  it('is recorded as of the moment at which it came, however late the job runs', async () => {
    const id = await paused();
    clock.forward(10 * 3600);
    await settleSuspensions(platform);
    const { rows } = await platform.pool.query('SELECT ended_at, until FROM suspensions WHERE id = $1', [id]);
    expect(rows[0].ended_at).toEqual(rows[0].until);
  });

  it('takes back what was held for a grant', async () => {
    const ids = { grantId: newId(), accountId: newId() };
    await paused(ids);
    expect(await holds()).toMatchObject([{ subject: ids.grantId }]);
    clock.forward(3600);
    await settleSuspensions(platform);
    expect(await holds()).toEqual([]);
  });

  it('an end by an operator and one by time are one end', async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      const until = secondsAfter(clock.now(), 90);
      const ids = { clientId: newPublicId('app') };
      const outcome = await startSuspension(platform, OPERATOR, { kind: 'client', ids, until });
      if (!outcome.ok) throw new Error(outcome.sentence);
      const { id } = outcome.suspension;
      clock.forward(turn % 2 === 0 ? 89.999 : 90);
      await Promise.all([
        endSuspension(platform, OPERATOR, { id }),
        settleSuspensions(platform),
        endSuspension(platform, OPERATOR, { id }),
        startSuspension(platform, JOB, { kind: 'client', ids, rule: 'scopes-probed' }),
      ]);
      const ends = (await eventsOf(id)).filter((said) => said.startsWith('suspension.ended'));
      expect(ends).toHaveLength(1);
    }
  });

  it('an end and a next rung leave one of both', async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      const ids = { clientId: newPublicId('app') };
      const wish = { kind: 'client', ids, rule: 'scopes-probed' } as const;
      const outcome = await startSuspension(platform, JOB, wish);
      if (!outcome.ok) throw new Error(outcome.sentence);
      clock.forward(60);
      const [ended, raised] = await Promise.all([
        endSuspension(platform, OPERATOR, { id: outcome.suspension.id }),
        startSuspension(platform, JOB, wish),
      ]);
      expect(ended.ok && raised.ok).toBe(true);
      const { rows } = await platform.pool.query(
        'SELECT count(*)::int AS live FROM suspensions WHERE client_id = $1 AND ended_at IS NULL',
        [ids.clientId],
      );
      expect(rows[0].live).toBeLessThanOrEqual(1);
    }
  });
});

describe('blocked networks', () => {
  const block = async (network: string, until?: Date) => {
    const wish = { kind: 'network', ids: { network }, until } as const;
    const outcome = await startSuspension(platform, OPERATOR, wish);
    await followNetworks(platform);
    return outcome;
  };

  it('are known in memory, in both families, and free again by themselves', async () => {
    await block('192.0.2.0/24', secondsAfter(clock.now(), 3600));
    await block('2001:db8::/48');
    const addresses = ['192.0.2.7', '192.0.3.7', '2001:db8::1', '2001:db8:1::1', 'unknown'];
    expect(addresses.map((address) => isNetworkSuspended(platform, address))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    clock.forward(3600);
    await followNetworks(platform);
    expect(isNetworkSuspended(platform, '192.0.2.7')).toBe(false);
  });

  it.each([
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/7',
    '192.0.2.0/33',
    '192.0.2/24',
    'example.org',
    '',
    '192.0.2.1/x',
  ])('are never %s', async (text) => {
    expect(readNetwork(text)).toBeUndefined();
    expect(await block(text)).toMatchObject({ ok: false, reason: 'subject' });
  });

  it('are written one way', () => {
    expect(readNetwork('192.0.2.1')).toBe('192.0.2.1/32');
    expect(readNetwork('::ffff:192.0.2.0/24')).toBe('192.0.2.0/24');
    expect(readNetwork('2001:DB8:0::/48')).toBe('2001:db8::/48');
  });
});
