import { secondsAfter } from '../../../platform/clock.ts';
import { forgetRows, type OldRows } from '../../../platform/database/forget-rows.ts';
import type { Platform } from '../../../platform/platform.ts';

const DAY = 86_400;
const REPORTS_KEPT = 90 * DAY;
/** As long as suspensions, which a key may have had a part in. */
const ENDED_KEYS_KEPT = 400 * DAY;

const REPORTS: OldRows = { table: 'abuse_reports', where: 'received_at < $1' };
const ENDED_KEYS: OldRows = { table: 'api_report_keys', where: 'ended_at < $1' };

/**
 * Job: forgets reports that no rule counts any more, and keys that ended long ago. A jti may come again then; the time in
 * a report is judged first.
 */
export async function forgetOldReports(platform: Platform): Promise<number> {
  const ago = (seconds: number) => secondsAfter(platform.clock.now(), -seconds);
  const reports = await forgetRows(platform, REPORTS, ago(REPORTS_KEPT));
  return reports + (await forgetRows(platform, ENDED_KEYS, ago(ENDED_KEYS_KEPT)));
}
