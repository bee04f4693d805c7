import { secondsAfter } from '../../platform/clock.ts';
import { forgetRows, type OldRows } from '../../platform/database/forget-rows.ts';
import type { Platform } from '../../platform/platform.ts';

/** Long enough to see what comes back every season. */
const KEPT = 400 * 86_400;

/** Job: forgets suspensions that ended long ago, with their appeals. The trail keeps that there were any. */
export function forgetOldSuspensions(platform: Platform): Promise<number> {
  return forgetRows(platform, ENDED, secondsAfter(platform.clock.now(), -KEPT));
}

const ENDED: OldRows = { table: 'suspensions', where: 'ended_at < $1' };
