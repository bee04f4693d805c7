import type { Statement, Statements } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from './lifetimes.ts';

/** Grants used since they were last written, by id: a token in steady use costs one row every few seconds. */
const collected = new WeakMap<Statements, Map<string, Date>>();

/** Remembers in this process that a grant was used now: a refresh, an introspection, a look at userinfo. */
export function noteUse({ sql, clock }: Platform, grantId: string): void {
  let uses = collected.get(sql);
  if (!uses) {
    uses = new Map();
    collected.set(sql, uses);
  }
  uses.set(grantId, clock.now());
}

/**
 * Consents first, then grants, each in the order of their ids: as everybody else locks them. The end of a grant is
 * indexed, so it moves by a minute at least.
 */
const WRITE: Statement = {
  name: 'write_last_used',
  text: `WITH used AS (SELECT * FROM unnest($1::text[], $2::timestamptz[]) AS u (grant_id, at)),
    apps AS (
      SELECT g.account_id, g.client_id, max(u.at) AS at FROM used u JOIN grants g ON g.id = u.grant_id GROUP BY 1, 2),
    consents_held AS MATERIALIZED (
      SELECT c.id, a.at FROM consents c JOIN apps a USING (account_id, client_id) ORDER BY c.id FOR UPDATE OF c),
    consents_used AS (
      UPDATE consents c SET last_used_at = GREATEST(c.last_used_at, h.at) FROM consents_held h WHERE c.id = h.id
      RETURNING 1),
    grants_held AS MATERIALIZED (
      SELECT g.id, u.at, CASE WHEN g.unused_seconds IS NOT NULL THEN LEAST(
          u.at + make_interval(secs => g.unused_seconds), g.created_at + make_interval(secs => $3)) END AS ends
      FROM grants g JOIN used u ON g.id = u.grant_id
      WHERE (SELECT count(*) FROM consents_used) >= 0 ORDER BY g.id FOR UPDATE OF g)
    UPDATE grants g SET last_used_at = GREATEST(g.last_used_at, h.at),
      expires_at = CASE WHEN h.ends > g.expires_at + interval '1 minute' THEN h.ends ELSE g.expires_at END
    FROM grants_held h
    WHERE g.id = h.id AND g.revoked_at IS NULL AND g.expires_at > h.at`,
};

const LARGEST_BATCH = 5_000;

/**
 * Job, and the last act of a stopping process: writes what was collected, and where disuse would end a grant, moves
 * that end ahead. What could not be written is kept for the next time. Answers how many grants were used.
 */
export async function writeLastUses({ sql }: Pick<Platform, 'sql'>): Promise<number> {
  const uses = collected.get(sql);
  collected.delete(sql);
  const entries = [...(uses ?? [])];
  for (let start = 0; start < entries.length; start += LARGEST_BATCH) {
    const batch = entries.slice(start, start + LARGEST_BATCH);
    try {
      await sql.run(WRITE, [batch.map(([id]) => id), batch.map(([, at]) => at), LIFETIMES.grant]);
    } catch (error) {
      keepForNextTime(sql, entries.slice(start));
      throw error;
    }
  }
  return entries.length;
}

function keepForNextTime(sql: Statements, entries: readonly (readonly [string, Date])[]): void {
  const since = collected.get(sql) ?? new Map();
  collected.set(sql, new Map([...entries, ...since]));
}
