import type { Platform } from '../platform/platform.ts';

/**
 * Ends the grants that live only as long as this browser session; those with offline access go on.
 * Every token of an ended grant is dead at its next use, because tokens are read together with their grant.
 */
export async function revokeGrantsOfSession(
  { db, clock }: Platform,
  browserSessionId: string,
): Promise<number> {
  const { count } = await db.grant.updateMany({
    where: { browserSessionId, endsWithSession: true, revokedAt: null },
    data: { revokedAt: clock.now() },
  });
  return count;
}

/** Ends every grant of the account that was not given in this browser session, personal tokens among them. */
export async function revokeOtherGrants(
  { db, clock }: Platform,
  accountId: string,
  keepSessionId: string,
): Promise<number> {
  const now = clock.now();
  const given = { OR: [{ browserSessionId: null }, { browserSessionId: { not: keepSessionId } }] };
  const { count } = await db.grant.updateMany({
    where: { accountId, revokedAt: null, expiresAt: { gt: now }, ...given },
    data: { revokedAt: now },
  });
  return count;
}

/** Ends every grant of an account, those with offline access included: whoever held them may not be its owner. */
export async function revokeGrantsOfAccount({ db, clock }: Platform, accountId: string): Promise<number> {
  const { count } = await db.grant.updateMany({
    where: { accountId, revokedAt: null },
    data: { revokedAt: clock.now() },
  });
  return count;
}

/** Ends every grant that anybody gave to a client. */
export async function revokeGrantsOfClient({ db, clock }: Platform, clientId: string): Promise<number> {
  const { count } = await db.grant.updateMany({
    where: { clientId, revokedAt: null },
    data: { revokedAt: clock.now() },
  });
  return count;
}
