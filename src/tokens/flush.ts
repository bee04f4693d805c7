import type { Statement } from '../platform/database/statements.ts';
import { secondsAfter } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { addInBatches } from './artifact-batches.ts';
import { LIFETIMES } from './lifetimes.ts';
import { isEmpty, onlyAdds, type WriteSet } from './write-set.ts';

/**
 * `replayed`: a proof or assertion was used before, nothing was written.
 * `spent`: a single-use artifact was used before; nothing was issued, and the grant it belongs to has ended.
 */
export type FlushOutcome = 'written' | 'replayed' | 'spent';

/**
 * Writes the set as one statement and one commit. Racing requests meet at the row they spend: the second waits
 * for the first, sees the row spent, and this same statement then ends the grant instead of issuing (decision 5).
 */
export async function flushWriteSet(platform: Platform, set: WriteSet): Promise<FlushOutcome> {
  if (isEmpty(set)) return 'written';
  if (onlyAdds(set)) {
    await addInBatches(platform.sql, [...set.artifacts.values()]);
    return 'written';
  }
  const { statement, values } = flushStatement(set, platform.clock.now());
  const [verdict] = await retryDeadlock(() => platform.sql.run<Verdict>(statement, values));
  if (!verdict?.fresh) return 'replayed';
  return verdict.unspent ? 'written' : 'spent';
}

interface Verdict {
  fresh: boolean;
  unspent: boolean;
}

/** Two statements that lock the same chain can deadlock; the database undoes one, which is safe to run again. */
async function retryDeadlock<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if ((error as { code?: string }).code !== '40P01') throw error;
    return run();
  }
}

/** Collects the sections a set needs. The text depends only on which sections are present, never on their content. */
class Sections {
  readonly values: unknown[] = [];
  readonly ctes: string[] = [];
  readonly letters: string[] = [];

  parameter(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  add(letter: string, cte: string): void {
    this.letters.push(letter);
    this.ctes.push(cte);
  }
}

function flushStatement(set: WriteSet, now: Date): { statement: Statement; values: unknown[] } {
  const sections = new Sections();
  const at = sections.parameter(now, 'timestamptz');
  judge(sections, set, at, now);
  addArtifacts(sections, set);
  changeArtifacts(sections, set);
  writeGrants(sections, set, at);
  writeEvents(sections, set);
  return {
    statement: {
      name: `flush_${sections.letters.join('')}`,
      text: `WITH ${sections.ctes.join(',\n')}\nSELECT fresh, unspent FROM verdict`,
    },
    values: sections.values,
  };
}

/** Proofs first, then the artifacts this request spends: a replayed proof must not burn the code it came with. */
function judge(sections: Sections, set: WriteSet, at: string, now: Date): void {
  const replays = [...set.replays.values()];
  let fresh = 'true';
  if (replays.length > 0) {
    const digests = sections.parameter(
      replays.map((replay) => replay.digest),
      'bytea[]',
    );
    const expiries = sections.parameter(
      replays.map((replay) => replay.expiresAt),
      'timestamptz[]',
    );
    sections.add(
      'p',
      `proofs AS (
      INSERT INTO replays (digest, expires_at) SELECT * FROM unnest(${digests}, ${expiries})
      ON CONFLICT DO NOTHING RETURNING 1)`,
    );
    fresh = `(SELECT count(*) FROM proofs) = cardinality(${digests})`;
  }
  const spending = [...set.consumptions.values()];
  if (spending.length > 0) {
    const digests = sections.parameter(
      spending.map((consumption) => consumption.digest),
      'bytea[]',
    );
    const repeatable = sections.parameter(secondsAfter(now, LIFETIMES.refreshRepeat), 'timestamptz');
    sections.add(
      'c',
      `spent AS (
      UPDATE artifacts SET consumed_at = coalesce(consumed_at, ${at}),
        repeatable_until = CASE WHEN kind = 'refresh' AND consumed_at IS NULL THEN ${repeatable}
                                ELSE repeatable_until END
      WHERE digest = ANY(${digests}) AND (consumed_at IS NULL OR repeatable_until > ${at}) AND ${fresh}
      RETURNING digest, predecessor_digest),
    verdict AS (
      SELECT ${fresh} AS fresh, (SELECT count(*) FROM spent) = cardinality(${digests}) AS unspent, ${at} AS judged_at),
    superseded AS (
      UPDATE artifacts SET repeatable_until = NULL
      WHERE digest IN (SELECT predecessor_digest FROM spent WHERE predecessor_digest IS NOT NULL))`,
    );
  } else {
    sections.ctes.push(`verdict AS (SELECT ${fresh} AS fresh, true AS unspent, ${at} AS judged_at)`);
  }
}

const TAKES_EFFECT = '(SELECT fresh AND unspent FROM verdict)';
const WAS_SPENT = '(SELECT fresh AND NOT unspent FROM verdict)';

function addArtifacts(sections: Sections, set: WriteSet): void {
  const rows = [...set.artifacts.values()];
  if (rows.length === 0) return;
  const source = [
    sections.parameter(
      rows.map((row) => row.digest),
      'bytea[]',
    ),
    sections.parameter(
      rows.map((row) => row.kind),
      'text[]',
    ),
    sections.parameter(
      rows.map((row) => row.grantId),
      'text[]',
    ),
    sections.parameter(
      rows.map((row) => row.clientId),
      'text[]',
    ),
    sections.parameter(
      rows.map((row) => row.accountId),
      'uuid[]',
    ),
    sections.parameter(
      rows.map((row) => JSON.stringify(row.payload)),
      'json[]',
    ),
    sections.parameter(
      rows.map((row) => row.expiresAt),
      'timestamptz[]',
    ),
    sections.parameter(
      rows.map((row) => row.predecessorDigest),
      'bytea[]',
    ),
  ];
  // Only the engine's session and interaction are ever saved twice; a repeated successor is left as it stands.
  sections.add(
    'a',
    `added AS (
    INSERT INTO artifacts (digest, kind, grant_id, client_id, account_id, payload, expires_at, predecessor_digest)
    SELECT * FROM unnest(${source.join(', ')}) WHERE ${TAKES_EFFECT}
    ON CONFLICT (digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at
    WHERE artifacts.kind IN ('session', 'interaction'))`,
  );
}

function changeArtifacts(sections: Sections, set: WriteSet): void {
  if (set.destroyed.size > 0) {
    const digests = sections.parameter([...set.destroyed.values()], 'bytea[]');
    sections.add(
      'd',
      `destroyed AS (DELETE FROM artifacts WHERE digest = ANY(${digests}) AND ${TAKES_EFFECT})`,
    );
  }
  const extended = [...set.extended.values()];
  if (extended.length > 0) {
    const digests = sections.parameter(
      extended.map((row) => row.digest),
      'bytea[]',
    );
    const expiries = sections.parameter(
      extended.map((row) => row.expiresAt),
      'timestamptz[]',
    );
    sections.add(
      'x',
      `extended AS (
      UPDATE artifacts SET expires_at = later.expires_at
      FROM unnest(${digests}, ${expiries}) AS later (digest, expires_at)
      WHERE artifacts.digest = later.digest AND ${TAKES_EFFECT})`,
    );
  }
}

function writeGrants(sections: Sections, set: WriteSet, at: string): void {
  const rows = [...set.grants.values()];
  if (rows.length > 0) {
    const source = [
      sections.parameter(
        rows.map((row) => row.id),
        'text[]',
      ),
      sections.parameter(
        rows.map((row) => row.accountId),
        'uuid[]',
      ),
      sections.parameter(
        rows.map((row) => row.clientId),
        'text[]',
      ),
      sections.parameter(
        rows.map((row) => row.browserSessionId),
        'uuid[]',
      ),
      sections.parameter(
        rows.map((row) => row.endsWithSession),
        'boolean[]',
      ),
      sections.parameter(
        rows.map((row) => JSON.stringify(row.payload)),
        'json[]',
      ),
      sections.parameter(
        rows.map((row) => row.createdAt),
        'timestamptz[]',
      ),
      sections.parameter(
        rows.map((row) => row.expiresAt),
        'timestamptz[]',
      ),
    ];
    sections.add(
      'g',
      `granted AS (
      INSERT INTO grants (id, account_id, client_id, browser_session_id, ends_with_session, payload, created_at, expires_at)
      SELECT * FROM unnest(${source.join(', ')}) WHERE ${TAKES_EFFECT}
      ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, ends_with_session = excluded.ends_with_session
      WHERE grants.revoked_at IS NULL)`,
    );
  }
  const families = [...set.consumptions.values()]
    .map((consumption) => consumption.grantId)
    .filter((id) => id !== null);
  if (set.revokedGrants.size > 0 || families.length > 0) {
    const revoked = sections.parameter([...set.revokedGrants], 'text[]');
    const reused = sections.parameter(families, 'text[]');
    sections.add(
      'r',
      `revoked AS (
      UPDATE grants SET revoked_at = ${at}
      WHERE revoked_at IS NULL AND (id = ANY(${revoked}) OR (id = ANY(${reused}) AND ${WAS_SPENT})))`,
    );
  }
}

function writeEvents(sections: Sections, set: WriteSet): void {
  const entries = [
    ...set.events.map((entry) => ({ entry, onReuse: false })),
    ...set.reuseEvents.map((entry) => ({ entry, onReuse: true })),
  ];
  if (entries.length === 0) return;
  const column = (pick: (entry: (typeof entries)[number]['entry']) => unknown, type: string) =>
    sections.parameter(
      entries.map(({ entry }) => pick(entry)),
      type,
    );
  const source = [
    column((entry) => entry.id, 'uuid[]'),
    column((entry) => entry.at, 'timestamptz[]'),
    column((entry) => entry.actorKind, 'text[]'),
    column((entry) => entry.actorId, 'text[]'),
    column((entry) => entry.action, 'text[]'),
    column((entry) => entry.targetKind, 'text[]'),
    column((entry) => entry.targetId, 'text[]'),
    column((entry) => entry.requestId, 'text[]'),
    column((entry) => JSON.stringify(entry.details), 'json[]'),
    column((entry) => entry.digest, 'bytea[]'),
    sections.parameter(
      entries.map(({ onReuse }) => onReuse),
      'boolean[]',
    ),
  ];
  const columns = 'id, at, actor_kind, actor_id, action, target_kind, target_id, request_id, details, digest';
  sections.add(
    'e',
    `recorded AS (
    INSERT INTO audit_events (${columns})
    SELECT ${columns} FROM unnest(${source.join(', ')}) AS entry (${columns}, on_reuse)
    WHERE CASE WHEN on_reuse THEN ${WAS_SPENT} ELSE ${TAKES_EFFECT} END)`,
  );
}
