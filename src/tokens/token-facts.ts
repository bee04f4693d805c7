import { digestOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';

/** What the API that a token is meant for may know of it, alive or not. */
export interface TokenFacts {
  readonly clientId: string;
  /** Null where an app came for itself. */
  readonly accountId: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  /** Revoked, or its grant has ended. */
  readonly ended: boolean;
  /** It belongs to a key: whoever presents it has to prove that they hold it. */
  readonly bound: boolean;
}

/** An opaque access token for this audience; undefined for every other, as for none. */
export async function findTokenFor(
  { db, clock }: Platform,
  handle: string,
  audience: string,
): Promise<TokenFacts | undefined> {
  const now = clock.now();
  const [row] = await db.$queryRaw<(Omit<TokenFacts, 'scopes'> & { scope: string | null })[]>`
    SELECT a.client_id AS "clientId", a.account_id AS "accountId", a.payload->>'scope' AS scope,
           a.expires_at AS "expiresAt", a.payload->>'jkt' IS NOT NULL AS bound,
           a.consumed_at IS NOT NULL OR (a.grant_id IS NOT NULL AND NOT EXISTS (
             SELECT FROM grants g WHERE g.id = a.grant_id AND g.revoked_at IS NULL AND g.expires_at > ${now})) AS ended
      FROM artifacts a
     WHERE a.digest = ${digestOf(handle)} AND a.kind IN ('access', 'service') AND a.payload->>'aud' = ${audience}`;
  if (!row) return undefined;
  const { scope, ...facts } = row;
  return { ...facts, scopes: scope?.split(' ').filter((name) => name !== '') ?? [] };
}
