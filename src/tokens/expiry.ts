import { secondsAfter } from '../platform/clock.ts';
import type { Statement } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from './lifetimes.ts';

const BATCH = 1_000;

/** What can be used a second time is kept a day longer, so that a late second use is still recognized as one. */
const REMEMBERED_SECONDS = 86_400;

/** Several processes may sweep at once: each takes rows that no other holds, in small commits. */
const sweep = (name: string, table: string, key: string, condition: string): Statement => ({
  name: `sweep_${name}`,
  text: `DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key} FROM ${table} WHERE expires_at < $1 AND ${condition} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING 1`,
});

const ONCE = sweep('passing_artifacts', 'artifacts', 'digest', `kind NOT IN ('code', 'refresh')`);
const REMEMBERED = [
  sweep('artifacts', 'artifacts', 'digest', 'true'),
  sweep('grants', 'grants', 'id', 'true'),
  sweep('replays', 'replays', 'digest', 'true'),
];

const ENDED_CONSENTS: Statement = {
  name: 'sweep_consents',
  text: `DELETE FROM consents WHERE id IN (
      SELECT id FROM consents
      WHERE COALESCE(until, COALESCE(last_used_at, granted_at) + make_interval(secs => unused_seconds)) < $1
      LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING 1`,
};

/** Removes what expired: most of it at once, codes, refresh tokens, grants, proofs and consents a day later. */
export async function sweepExpiredArtifacts(platform: Platform): Promise<number> {
  const now = platform.clock.now();
  let removed = await drain(platform, ONCE, secondsAfter(now, -LIFETIMES.clockTolerance));
  for (const statement of [...REMEMBERED, ENDED_CONSENTS]) {
    removed += await drain(platform, statement, secondsAfter(now, -REMEMBERED_SECONDS));
  }
  return removed;
}

async function drain({ sql }: Platform, statement: Statement, before: Date): Promise<number> {
  let removed = 0;
  for (;;) {
    const { length } = await sql.run(statement, [before]);
    removed += length;
    if (length < BATCH) return removed;
  }
}
