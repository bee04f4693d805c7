import { secondsAfter } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';

/** As long as suspensions, so that what comes back every season is seen. */
const KEPT = 400 * 86_400;

/** Job: forgets alerts that were closed, or last raised, long ago. The trail keeps that there were any. */
export async function forgetOldAlerts({ db, clock }: Platform): Promise<number> {
  const before = secondsAfter(clock.now(), -KEPT);
  const { count } = await db.alert.deleteMany({
    where: { OR: [{ closedAt: { lt: before } }, { closedAt: null, lastAt: { lt: before } }] },
  });
  return count;
}
