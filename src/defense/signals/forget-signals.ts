import { secondsAfter } from '../../platform/clock.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { ALL_NETWORKS } from './subject.ts';

const BATCH = 5_000;

/** The longest window of a rule is a day; the console shows a week of counts. Whom they were about is kept for two days. */
const COUNTS_KEPT = 8 * 86_400;
const MEMBERS_KEPT = 2 * 86_400;
/** Of addresses somebody can make up many, and no rule looks back further than this. */
const ADDRESSES_KEPT = 2 * 3_600;

const forget = (table: string, column: string): Statement => ({
  name: `forget_${table}`,
  text: `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
    RETURNING 1`,
});

const FORGET_ADDRESSES: Statement = {
  name: 'forget_signal_addresses',
  text: `DELETE FROM signal_counts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM signal_counts WHERE minute < $1 AND subject_kind IN ('address', 'network')
         AND subject <> '${ALL_NETWORKS}' LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
    RETURNING 1`,
};
const FORGET_COUNTS = forget('signal_counts', 'minute');
const FORGET_MEMBERS = forget('signal_members', 'hour');

/** Job: removes counts of more than a week ago, those of addresses after two hours, and whom they were about after two days. */
export async function forgetOldSignals(platform: Platform): Promise<number> {
  const now = platform.clock.now();
  const addresses = await drain(platform, FORGET_ADDRESSES, secondsAfter(now, -ADDRESSES_KEPT));
  const counts = await drain(platform, FORGET_COUNTS, secondsAfter(now, -COUNTS_KEPT));
  return addresses + counts + (await drain(platform, FORGET_MEMBERS, secondsAfter(now, -MEMBERS_KEPT)));
}

async function drain({ sql }: Platform, statement: Statement, before: Date): Promise<number> {
  let removed = 0;
  for (;;) {
    const { length } = await sql.run(statement, [before]);
    removed += length;
    if (length < BATCH) return removed;
  }
}
