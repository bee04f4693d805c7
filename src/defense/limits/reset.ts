import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { forgetRows, type OldRows } from '../../platform/database/forget-rows.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { LimitName } from './catalogue.ts';
import { storedKey } from './limit-in-force.ts';
import { forgetRefused } from './refused-now.ts';

/** Gives somebody their whole budget back. Answers whether anything had been counted. */
export async function resetLimit(
  platform: Platform,
  actor: Actor,
  { limit, subject }: { readonly limit: LimitName; readonly subject: string },
): Promise<boolean> {
  const key = storedKey(platform, limit, subject);
  const counted = await inTransaction(platform, async (tx) => {
    const counters = await tx.db.limitCounter.deleteMany({ where: { limit, key } });
    const leases = await tx.db.limitLease.deleteMany({ where: { limit, key } });
    if (counters.count + leases.count === 0) return false;
    await recordEvent(tx, actor, 'limit.reset', { kind: 'limit', id: limit });
    return true;
  });
  forgetRefused(platform, limit, subject);
  return counted;
}

const OVER: OldRows = { table: 'limit_counters', where: 'ends_at < $1' };
const LEASED: OldRows = { table: 'limit_leases', where: 'window_at < $1' };

/** Job: windows that are over. */
export async function forgetOldLimits(platform: Platform): Promise<number> {
  const now = platform.clock.now();
  const counters = await forgetRows(platform, OVER, now);
  return counters + (await forgetRows(platform, LEASED, secondsAfter(now, -86_400)));
}
