import type { Statement } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';
import type { FoundGrant } from './artifact-store.ts';
import type { ConsentEnd } from './consent-ends.ts';
import { isNotHeld } from './holds.ts';
import { LIFETIMES } from './lifetimes.ts';

const FIND: Statement = {
  name: 'find_grant',
  reads: true,
  text: `SELECT id, browser_session_id, payload, expires_at FROM grants g
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 AND ${isNotHeld('g', '$2')}`,
};

/** A live grant by its id; undefined once it was revoked or has expired, and while a suspension holds it. */
export async function findGrant({ sql, clock }: Platform, id: string): Promise<FoundGrant | undefined> {
  const [row] = await sql.run<{
    id: string;
    browser_session_id: string | null;
    payload: Record<string, unknown>;
    expires_at: Date;
  }>(FIND, [id, clock.now()]);
  return (
    row && {
      id: row.id,
      browserSessionId: row.browser_session_id,
      payload: row.payload,
      expiresAt: row.expires_at,
    }
  );
}

/**
 * Gives the live grants of an account to a client the end of their consent, sooner or later than before but never
 * past the age any grant has. Answers how many there are. What has ended stays ended.
 */
export async function moveGrantEnds(
  { db, clock }: Platform,
  { accountId, clientId }: { accountId: string; clientId: string },
  { until, unusedSeconds }: ConsentEnd,
): Promise<number> {
  return db.$executeRaw`
    UPDATE grants SET unused_seconds = ${unusedSeconds}::integer, expires_at = LEAST(
      created_at + make_interval(secs => ${LIFETIMES.grant}::float8),
      ${until}::timestamptz,
      GREATEST(created_at, last_used_at) + make_interval(secs => ${unusedSeconds}::float8))
    WHERE account_id = ${accountId}::uuid AND client_id = ${clientId} AND revoked_at IS NULL
      AND expires_at > ${clock.now()}`;
}

/** Part of a change that says why: ends the live grants of an account to a client and answers how many there were. */
export async function endGrants(
  { db, clock }: Platform,
  of: { readonly accountId: string; readonly clientId: string; readonly id?: string },
): Promise<number> {
  const now = clock.now();
  const { count } = await db.grant.updateMany({
    where: { ...of, revokedAt: null, expiresAt: { gt: now } },
    data: { revokedAt: now },
  });
  return count;
}

/** Whose grant it is, whether or not it still lives. */
export async function partiesOfGrant(
  { db }: Platform,
  id: string,
): Promise<{ accountId: string; clientId: string } | undefined> {
  const select = { accountId: true, clientId: true } as const;
  return (await db.grant.findUnique({ where: { id }, select })) ?? undefined;
}
