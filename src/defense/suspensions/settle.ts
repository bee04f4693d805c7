import type { Actor } from '../../audit/actor.ts';
import { recordEvents } from '../../audit/trail.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { releaseTokens } from '../../tokens/holds.ts';
import { detailsOf } from './changes.ts';
import { type Suspension, suspensionOf } from './suspension.ts';

const ACTOR: Actor = { kind: 'job', id: 'settle-suspensions' };
const BATCH = 200;

/**
 * Job: writes down what time has brought: pauses that became probes, and suspensions that ended. Nothing waits for it,
 * because every reader derives the same from the times; it is for the trail, and so for the letters. Each transition is
 * recorded once, whichever process comes first. Answers how many there were.
 */
export async function settleSuspensions(platform: Platform): Promise<number> {
  let settled = 0;
  while (await isDue(platform)) {
    settled += await inTransaction(platform, beginProbes);
    settled += await inTransaction(platform, endByTime);
  }
  return settled;
}

/** Most seconds bring nothing, and then nothing is locked. */
async function isDue({ sql, clock }: Platform): Promise<boolean> {
  return (await sql.run(DUE, [clock.now()])).length > 0;
}

const DUE: Statement = {
  name: 'find_due_suspension',
  reads: true,
  text: `SELECT 1 FROM suspensions WHERE ended_at IS NULL AND state <> 'human' AND coalesce(paused_until <= $1, true)
    AND (until <= $1 OR state = 'pause') LIMIT 1`,
};

/** One statement: a row that another process has just moved, or somebody has just ended, does not fit it any more. */
async function beginProbes(tx: Platform): Promise<number> {
  const now = tx.clock.now();
  const rows = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE suspensions SET state = 'probe', state_since = paused_until
     WHERE id IN (SELECT id FROM suspensions
                   WHERE ended_at IS NULL AND state = 'pause' AND paused_until <= ${now} AND until > ${now}
                   ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING id::text`;
  await record(tx, 'suspension.moved', rows);
  return rows.length;
}

async function endByTime(tx: Platform): Promise<number> {
  const now = tx.clock.now();
  const rows = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE suspensions SET state = 'ended', state_since = until, ended_at = until, ended_by = 'time'
     WHERE id IN (SELECT id FROM suspensions
                   WHERE ended_at IS NULL AND state <> 'human' AND until <= ${now} AND coalesce(paused_until <= ${now}, true)
                   ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING id::text`;
  if (rows.length === 0) return 0;
  await releaseTokens(
    tx,
    rows.map(({ id }) => id),
  );
  await record(tx, 'suspension.ended', rows);
  return rows.length;
}

async function record(
  tx: Platform,
  action: 'suspension.moved' | 'suspension.ended',
  rows: readonly { id: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  const found = await tx.db.suspension.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  const events = found.map(suspensionOf).map((suspension: Suspension) => ({
    target: { kind: 'suspension', id: suspension.id },
    details: { ...detailsOf(suspension), ...(suspension.endedBy && { by: suspension.endedBy }) },
  }));
  await recordEvents(tx, ACTOR, action, events);
}
