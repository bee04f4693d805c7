import { z } from 'zod';
import { digestOf, type IssuedSecret, newHandle } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { defineSetting } from '../platform/settings.ts';

export const PERSONAL_TOKENS = defineSetting({
  name: 'personal-tokens',
  schema: z.boolean(),
  fallback: true,
  about: 'Whether people may make personal access tokens for APIs; while false, existing ones do not work.',
});

/** Whether there are such tokens at present: while not, none works and no page speaks of them. */
export function personalTokensAllowed({ settings }: Pick<Platform, 'settings'>): boolean {
  return settings.get(PERSONAL_TOKENS);
}

/** A token that a person made for themselves. The payloads are the engine's, without the handle. */
export interface NewPersonalToken {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly name: string;
  readonly grantPayload: object;
  readonly tokenPayload: object;
  readonly expiresAt: Date;
}

/** Live ones a person may have at a time. */
export const MOST_PERSONAL_TOKENS = 50;

/**
 * Stores an access token with a grant of its own, so that reading, last use, revocation and "end everything" work as for
 * any other. Part of the change that calls for it; undefined where the person has as many as they may.
 */
export async function addPersonalToken(
  { db, clock }: Platform,
  { grantId, accountId, clientId, name, grantPayload, tokenPayload, expiresAt }: NewPersonalToken,
): Promise<IssuedSecret | undefined> {
  const now = clock.now();
  // Two at once wait for each other here, or both would count the same number.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`personal tokens ${accountId}`}, 0))`;
  const live = { accountId, clientId, revokedAt: null, expiresAt: { gt: now } };
  if ((await db.grant.count({ where: live })) >= MOST_PERSONAL_TOKENS) return undefined;
  const secret = newHandle('access', now);
  const shared = { accountId, clientId, expiresAt };
  await db.grant.create({
    data: { ...shared, id: grantId, name, payload: grantPayload, createdAt: now, endsWithSession: false },
  });
  await db.artifact.create({
    data: { ...shared, digest: digestOf(secret), kind: 'access', grantId, payload: tokenPayload },
  });
  return { secret };
}
