import { secondsAfter } from '../../platform/clock.ts';
import { forgetRows, type OldRows } from '../../platform/database/forget-rows.ts';
import type { Platform } from '../../platform/platform.ts';
import { ALL_NETWORKS } from './subject.ts';

/** The longest window of a rule is a day; the console shows a week of counts. Whom they were about is kept for two days. */
const COUNTS_KEPT = 8 * 86_400;
const MEMBERS_KEPT = 2 * 86_400;
/** Of addresses somebody can make up many, and no rule looks back further than this. */
const ADDRESSES_KEPT = 2 * 3_600;

const COUNTS: OldRows = { table: 'signal_counts', where: 'minute < $1' };
const MEMBERS: OldRows = { table: 'signal_members', where: 'hour < $1' };
const ADDRESSES: OldRows = {
  table: 'signal_counts',
  where: `minute < $1 AND subject_kind IN ('address', 'network') AND subject <> '${ALL_NETWORKS}'`,
};

/** Job: removes counts of more than a week ago, those of addresses after two hours, and whom they were about after two days. */
export async function forgetOldSignals(platform: Platform): Promise<number> {
  const ago = (seconds: number) => secondsAfter(platform.clock.now(), -seconds);
  const addresses = await forgetRows(platform, ADDRESSES, ago(ADDRESSES_KEPT));
  const counts = await forgetRows(platform, COUNTS, ago(COUNTS_KEPT));
  return addresses + counts + (await forgetRows(platform, MEMBERS, ago(MEMBERS_KEPT)));
}
