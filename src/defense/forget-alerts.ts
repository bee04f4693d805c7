import { secondsAfter } from '../platform/clock.ts';
import { forgetRows, type OldRows } from '../platform/database/forget-rows.ts';
import type { Platform } from '../platform/platform.ts';

/** As long as suspensions, so that what comes back every season is seen. */
const KEPT = 400 * 86_400;

/** Job: forgets alerts that were closed, or last raised, long ago. The trail keeps that there were any. */
export async function forgetOldAlerts(platform: Platform): Promise<number> {
  const before = secondsAfter(platform.clock.now(), -KEPT);
  return (await forgetRows(platform, CLOSED, before)) + (await forgetRows(platform, LEFT_OPEN, before));
}

const CLOSED: OldRows = { table: 'alerts', where: 'closed_at < $1' };
const LEFT_OPEN: OldRows = { table: 'alerts', where: 'closed_at IS NULL AND last_at < $1' };
