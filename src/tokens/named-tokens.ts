import type { Platform } from '../platform/platform.ts';

/** Whose an access token was that an API names to us. */
export interface NamedToken {
  readonly clientId: string;
  /** Null where an app came for itself. */
  readonly grantId: string | null;
}

/**
 * The opaque access token of this audience with this SHA-256, alive, ended or expired just now. Whoever names a digest
 * holds no token, so nothing but whose it was is answered; of other audiences nothing at all.
 */
export async function findTokenByDigest(
  { db }: Platform,
  digest: Buffer,
  audience: string,
): Promise<NamedToken | undefined> {
  const [row] = await db.$queryRaw<NamedToken[]>`
    SELECT client_id AS "clientId", grant_id AS "grantId" FROM artifacts
     WHERE digest = ${digest} AND kind IN ('access', 'service') AND payload->>'aud' = ${audience}`;
  return row;
}
