import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';

/** The resource under which identity scopes (openid, profile, email, offline_access) are kept. */
export const IDENTITY = '';

/** What an account allows a client at one resource: an API identifier, or IDENTITY. */
export interface ConsentedScopes {
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** The consents of an account to a client that have not ended. */
export async function liveConsents(
  { db, clock }: Platform,
  accountId: string,
  clientId: string,
): Promise<ConsentedScopes[]> {
  const rows = await db.consent.findMany({
    where: { accountId, clientId, OR: [{ until: null }, { until: { gt: clock.now() } }] },
    select: { resource: true, scopes: true },
  });
  return rows;
}

/** Adds to what the account allowed the client before. An ended consent starts anew instead of coming back to life. */
export async function giveConsent(
  platform: Platform,
  actor: Actor,
  {
    accountId,
    clientId,
    allowed,
  }: { accountId: string; clientId: string; allowed: readonly ConsentedScopes[] },
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    const standing = await liveConsents(tx, accountId, clientId);
    for (const { resource, scopes } of allowed) {
      const before = standing.find((consent) => consent.resource === resource)?.scopes ?? [];
      await saveConsent(tx, accountId, clientId, resource, [...new Set([...before, ...scopes])]);
    }
    await recordEvent(
      tx,
      actor,
      'consent.given',
      { kind: 'client', id: clientId },
      {
        account: accountId,
        scopes: allowed.flatMap(({ resource, scopes }) =>
          scopes.map((scope) => `${resource} ${scope}`.trim()),
        ),
      },
    );
  });
}

async function saveConsent(
  { db, clock }: Platform,
  accountId: string,
  clientId: string,
  resource: string,
  scopes: string[],
): Promise<void> {
  await db.consent.upsert({
    where: { accountId_clientId_resource: { accountId, clientId, resource } },
    create: { id: newId(), accountId, clientId, resource, scopes, grantedAt: clock.now() },
    update: { scopes, grantedAt: clock.now(), until: null },
  });
}
