import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';

/** Long enough to see what comes back every season. */
const KEPT = 400 * 86_400;

/** Job: forgets suspensions that ended long ago, with their appeals. The trail keeps that there were any. */
export async function forgetOldSuspensions({ db, clock }: Platform): Promise<number> {
  const { count } = await db.suspension.deleteMany({
    where: { endedAt: { lt: secondsAfter(clock.now(), -KEPT) } },
  });
  return count;
}
