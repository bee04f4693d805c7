import { Prisma } from '../../prisma/generated/client.ts';
import { digestOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { isNotHeld } from './holds.ts';

/** What the API that a token is meant for may know of it, alive or not. */
export interface TokenFacts {
  readonly clientId: string;
  /** Null where an app came for itself. */
  readonly accountId: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  /** Revoked, or its grant has ended or is held by a suspension. */
  readonly ended: boolean;
  /** It belongs to a key: whoever presents it has to prove that they hold it. */
  readonly bound: boolean;
}

const IS_NOT_HELD = Prisma.raw(isNotHeld('g', 't.now'));

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
             SELECT FROM grants g WHERE g.id = a.grant_id AND g.revoked_at IS NULL AND g.expires_at > t.now AND ${IS_NOT_HELD})) AS ended
      FROM artifacts a CROSS JOIN (SELECT ${now}::timestamptz AS now) t
     WHERE a.digest = ${digestOf(handle)} AND a.kind IN ('access', 'service') AND a.payload->>'aud' = ${audience}`;
  if (!row) return undefined;
  const { scope, ...facts } = row;
  return { ...facts, scopes: scope?.split(' ').filter((name) => name !== '') ?? [] };
}
