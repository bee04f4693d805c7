import type { AuditEntry } from '../audit/events.ts';
import { secondsAfter } from '../platform/clock.ts';
import type { Statement } from '../platform/database/statements.ts';
import { isNotHeld } from './holds.ts';
import { LIFETIMES } from './lifetimes.ts';
import type { ArtifactRow, GrantRow, WriteSet } from './write-set.ts';

/**
 * One statement for a whole write set: first a verdict (are all proofs new, is everything it spends unspent?),
 * then every change under that verdict. Its text depends only on which sections are present, never on their
 * content, so each shape is prepared once.
 */
export function flushStatement(set: WriteSet, now: Date): { statement: Statement; values: unknown[] } {
  const draft: Draft = { values: [], ctes: [], shape: '' };
  const at = parameter(draft, now, 'timestamptz');
  judge(draft, set, at, now);
  addArtifacts(draft, [...set.artifacts.values()]);
  destroyArtifacts(draft, [...set.destroyed.values()]);
  extendArtifacts(draft, [...set.extended.values()]);
  addGrants(draft, [...set.grants.values()], set.grantsOnlyWhile);
  noteKeys(draft, [...set.boundKeys]);
  revokeGrants(draft, set, at);
  recordEvents(draft, set);
  const text = `WITH ${draft.ctes.join(',\n')}\nSELECT fresh, unspent FROM verdict`;
  return { statement: { name: `flush_${draft.shape}`, text }, values: draft.values };
}

interface Draft {
  readonly values: unknown[];
  readonly ctes: string[];
  /** One letter for each section present. */
  shape: string;
}

function parameter(draft: Draft, value: unknown, type: string): string {
  draft.values.push(value);
  return `$${draft.values.length}::${type}`;
}

/** Rows as one array parameter a column: `[type, value of a row]`, in the order of the columns. */
function rowsOf<Row>(
  draft: Draft,
  rows: readonly Row[],
  columns: readonly [string, (row: Row) => unknown][],
): string {
  return `unnest(${columns.map(([type, pick]) => parameter(draft, rows.map(pick), `${type}[]`)).join(', ')})`;
}

function add(draft: Draft, letter: string, cte: string): void {
  draft.shape += letter;
  draft.ctes.push(cte);
}

/** Proofs first, then the artifacts this request spends: a replayed proof must not burn the code it came with. */
function judge(draft: Draft, set: WriteSet, at: string, now: Date): void {
  const fresh = insertProofs(draft, [...set.replays.values()]);
  const digests = [...set.consumptions.values()].map(({ digest }) => digest);
  if (digests.length === 0) {
    draft.ctes.push(`verdict AS (SELECT ${fresh} AS fresh, true AS unspent, ${at} AS judged_at)`);
    return;
  }
  const spending = parameter(draft, digests, 'bytea[]');
  const repeatable = parameter(draft, secondsAfter(now, LIFETIMES.refreshRepeat), 'timestamptz');
  add(
    draft,
    'c',
    `spent AS (
      UPDATE artifacts SET consumed_at = coalesce(consumed_at, ${at}),
        repeatable_until = CASE WHEN kind = 'refresh' AND consumed_at IS NULL THEN ${repeatable} ELSE repeatable_until END
      WHERE digest = ANY(${spending}) AND (consumed_at IS NULL OR repeatable_until > ${at}) AND ${fresh}
      RETURNING digest, predecessor_digest),
    verdict AS (
      SELECT ${fresh} AS fresh, (SELECT count(*) FROM spent) = cardinality(${spending}) AS unspent, ${at} AS judged_at),
    superseded AS (
      UPDATE artifacts SET repeatable_until = NULL
      WHERE digest IN (SELECT predecessor_digest FROM spent WHERE predecessor_digest IS NOT NULL))`,
  );
}

/** The condition under which every proof was new. */
function insertProofs(draft: Draft, replays: readonly { digest: Buffer; expiresAt: Date }[]): string {
  if (replays.length === 0) return 'true';
  const rows = rowsOf(draft, replays, [
    ['bytea', (replay) => replay.digest],
    ['timestamptz', (replay) => replay.expiresAt],
  ]);
  add(
    draft,
    'p',
    `proofs AS (INSERT INTO replays (digest, expires_at) SELECT * FROM ${rows} ON CONFLICT DO NOTHING RETURNING 1)`,
  );
  const expected = parameter(draft, replays.length, 'bigint');
  return `(SELECT count(*) FROM proofs) = ${expected}`;
}

const TAKES_EFFECT = '(SELECT fresh AND unspent FROM verdict)';
const WAS_SPENT = '(SELECT fresh AND NOT unspent FROM verdict)';

/** Only the engine's session and interaction are ever saved twice; a repeated successor is left as it stands. */
function addArtifacts(draft: Draft, rows: readonly ArtifactRow[]): void {
  if (rows.length === 0) return;
  const source = rowsOf(draft, rows, [
    ['bytea', (row) => row.digest],
    ['text', (row) => row.kind],
    ['text', (row) => row.grantId],
    ['text', (row) => row.clientId],
    ['uuid', (row) => row.accountId],
    ['json', (row) => JSON.stringify(row.payload)],
    ['timestamptz', (row) => row.expiresAt],
    ['bytea', (row) => row.predecessorDigest],
  ]);
  add(
    draft,
    'a',
    `added AS (
      INSERT INTO artifacts (digest, kind, grant_id, client_id, account_id, payload, expires_at, predecessor_digest)
      SELECT * FROM ${source} WHERE ${TAKES_EFFECT}
      ON CONFLICT (digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at
      WHERE artifacts.kind IN ('session', 'interaction'))`,
  );
}

function destroyArtifacts(draft: Draft, digests: readonly Buffer[]): void {
  if (digests.length === 0) return;
  const gone = parameter(draft, digests, 'bytea[]');
  add(draft, 'd', `destroyed AS (DELETE FROM artifacts WHERE digest = ANY(${gone}) AND ${TAKES_EFFECT})`);
}

function extendArtifacts(draft: Draft, rows: readonly { digest: Buffer; expiresAt: Date }[]): void {
  if (rows.length === 0) return;
  const later = rowsOf(draft, rows, [
    ['bytea', (row) => row.digest],
    ['timestamptz', (row) => row.expiresAt],
  ]);
  add(
    draft,
    'x',
    `extended AS (
      UPDATE artifacts SET expires_at = later.expires_at FROM ${later} AS later (digest, expires_at)
      WHERE artifacts.digest = later.digest AND ${TAKES_EFFECT})`,
  );
}

const GRANT_COLUMNS =
  'id, account_id, client_id, browser_session_id, ends_with_session, payload, created_at, expires_at, user_agent';

/**
 * The lock on the consent waits for a withdrawal or another end that is under way, so that no grant slips in behind
 * either. One row of it is enough: all consents of an account to a client end together.
 */
function addGrants(draft: Draft, rows: readonly GrantRow[], onlyWhile = 'true'): void {
  if (rows.length === 0) return;
  const source = rowsOf(draft, rows, [
    ['text', (row) => row.id],
    ['uuid', (row) => row.accountId],
    ['text', (row) => row.clientId],
    ['uuid', (row) => row.browserSessionId],
    ['boolean', (row) => row.endsWithSession],
    ['json', (row) => JSON.stringify(row.payload)],
    ['timestamptz', (row) => row.createdAt],
    ['timestamptz', (row) => row.expiresAt],
    ['text', (row) => row.userAgent],
    ['boolean', (row) => row.needsConsent],
  ]);
  add(
    draft,
    onlyWhile === 'true' ? 'g' : 'G',
    `granted AS (
      INSERT INTO grants (${GRANT_COLUMNS}, unused_seconds)
      SELECT g.id, g.account_id, g.client_id, g.browser_session_id, g.ends_with_session, g.payload, g.created_at,
        LEAST(g.expires_at, c.until, g.created_at + make_interval(secs => c.unused_seconds)),
        g.user_agent, c.unused_seconds
      FROM ${source} AS g (${GRANT_COLUMNS}, needs_consent)
      LEFT JOIN LATERAL (
        SELECT true AS stands, c.until, c.unused_seconds FROM consents c
        WHERE g.needs_consent AND c.account_id = g.account_id AND c.client_id = g.client_id
        ORDER BY c.id LIMIT 1 FOR SHARE) AS c ON true
      WHERE ${TAKES_EFFECT} AND ${onlyWhile} AND (c.stands OR NOT g.needs_consent)
        AND ${isNotHeld('g', '(SELECT judged_at FROM verdict)')}
      ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, ends_with_session = excluded.ends_with_session
      WHERE grants.revoked_at IS NULL)`,
  );
}

/** Which key a grant is bound to, for the person's own list of installations. */
function noteKeys(draft: Draft, keys: readonly (readonly [grantId: string, thumbprint: string])[]): void {
  if (keys.length === 0) return;
  const bound = rowsOf(draft, keys, [
    ['text', ([grantId]) => grantId],
    ['text', ([, thumbprint]) => thumbprint],
  ]);
  add(
    draft,
    'k',
    `bound AS (
      UPDATE grants SET key_thumbprint = key.thumbprint FROM ${bound} AS key (grant_id, thumbprint)
      WHERE grants.id = key.grant_id AND ${TAKES_EFFECT})`,
  );
}

/** What the request revokes, and the family of whatever it spent for the second time. */
function revokeGrants(draft: Draft, set: WriteSet, at: string): void {
  const families = [...set.consumptions.values()].map(({ grantId }) => grantId).filter((id) => id !== null);
  if (set.revokedGrants.size === 0 && families.length === 0) return;
  const revoked = parameter(draft, [...set.revokedGrants], 'text[]');
  const reused = parameter(draft, families, 'text[]');
  add(
    draft,
    'r',
    `revoked AS (
      UPDATE grants SET revoked_at = ${at}
      WHERE revoked_at IS NULL AND (id = ANY(${revoked}) OR (id = ANY(${reused}) AND ${WAS_SPENT})))`,
  );
}

const EVENT_COLUMNS =
  'id, at, actor_kind, actor_id, action, target_kind, target_id, request_id, details, digest';

function recordEvents(draft: Draft, { events, reuseEvents }: WriteSet): void {
  const rows = [
    ...events.map((entry) => ({ entry, onReuse: false })),
    ...reuseEvents.map((entry) => ({ entry, onReuse: true })),
  ];
  if (rows.length === 0) return;
  const of = (pick: (entry: AuditEntry) => unknown) => (row: (typeof rows)[number]) => pick(row.entry);
  const source = rowsOf(draft, rows, [
    ['uuid', of((entry) => entry.id)],
    ['timestamptz', of((entry) => entry.at)],
    ['text', of((entry) => entry.actorKind)],
    ['text', of((entry) => entry.actorId)],
    ['text', of((entry) => entry.action)],
    ['text', of((entry) => entry.targetKind)],
    ['text', of((entry) => entry.targetId)],
    ['text', of((entry) => entry.requestId)],
    ['json', of((entry) => JSON.stringify(entry.details))],
    ['bytea', of((entry) => entry.digest)],
    ['boolean', (row) => row.onReuse],
  ]);
  add(
    draft,
    'e',
    `recorded AS (
      INSERT INTO audit_events (${EVENT_COLUMNS})
      SELECT ${EVENT_COLUMNS} FROM ${source} AS entry (${EVENT_COLUMNS}, on_reuse)
      WHERE CASE WHEN on_reuse THEN ${WAS_SPENT} ELSE ${TAKES_EFFECT} END)`,
  );
}
