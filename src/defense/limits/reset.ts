import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
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

/** Job: windows that are over. */
export async function forgetOldLimits({ db, clock }: Platform): Promise<number> {
  const now = clock.now();
  const counters = await db.limitCounter.deleteMany({ where: { endsAt: { lt: now } } });
  const leases = await db.limitLease.deleteMany({
    where: { windowAt: { lt: new Date(now.getTime() - 86_400_000) } },
  });
  return counters.count + leases.count;
}
