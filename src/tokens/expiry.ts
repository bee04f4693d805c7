import { secondsAfter } from '../platform/clock.ts';
import type { Statement } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';

const BATCH = 1_000;

/** A spent or expired row stays a day, so that a late second use is still recognized as one. */
const KEPT_SECONDS = 86_400;

/** Several processes may sweep at once: each takes rows that no other holds, in small commits. */
const sweep = (table: string, key: string): Statement => ({
  name: `sweep_${table}`,
  text: `DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key} FROM ${table} WHERE expires_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING 1`,
});

const SWEEPS = [sweep('artifacts', 'digest'), sweep('grants', 'id'), sweep('replays', 'digest')];

/** Removes what expired more than a day ago. Answers the number of rows removed. */
export async function sweepExpiredArtifacts({ sql, clock }: Platform): Promise<number> {
  const before = secondsAfter(clock.now(), -KEPT_SECONDS);
  let removed = 0;
  for (const statement of SWEEPS) {
    let last: number;
    do {
      last = (await sql.run(statement, [before])).length;
      removed += last;
    } while (last === BATCH);
  }
  return removed;
}
