import { secondsAfter } from '../platform/clock.ts';
import { forgetRows, type OldRows } from '../platform/database/forget-rows.ts';
import type { Platform } from '../platform/platform.ts';

/** As long as suspensions. */
const KEPT = 400 * 86_400;

const DECIDED: OldRows = { table: 'two_person_acts', where: 'decided_at < $1' };

/** Job: forgets acts of two people that were decided long ago. The trail keeps who asked for them and who confirmed. */
export function forgetOldActs(platform: Platform): Promise<number> {
  return forgetRows(platform, DECIDED, secondsAfter(platform.clock.now(), -KEPT));
}
