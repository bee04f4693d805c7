import type { Grant } from '../../prisma/generated/client.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { type ConsentedScopes, IDENTITY } from './consents.ts';
import { endGrants } from './grants.ts';

/** One place where an app was let in: a live grant, as its owner may see it. */
export interface Installation {
  readonly id: string;
  readonly clientId: string;
  /** Null where the grant was not given in a browser, as for personal access tokens. */
  readonly browserSessionId: string | null;
  readonly endsWithSession: boolean;
  /** As the browser named itself when the grant was given. */
  readonly userAgent: string | null;
  /** RFC 7638 thumbprint of the key its tokens are bound to. */
  readonly keyThumbprint: string | null;
  /** What its owner calls it: personal access tokens only. */
  readonly name: string | null;
  readonly scopes: readonly ConsentedScopes[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date;
}

/** The live grants of an account, newest first, of one client or of all. */
export async function liveInstallations(
  { db, clock }: Platform,
  accountId: string,
  clientId?: string,
): Promise<Installation[]> {
  const rows = await db.grant.findMany({
    where: { accountId, ...(clientId && { clientId }), revokedAt: null, expiresAt: { gt: clock.now() } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: MOST_LISTED,
  });
  return rows.map(installationOf);
}

/** More than anybody reads; a page must not grow with what an app does. */
const MOST_LISTED = 500;

/** Ends one grant of this account with every token of it. False where it has no such live grant. */
export async function endInstallation(
  platform: Platform,
  actor: Actor,
  { accountId, grantId, clientId }: { accountId: string; grantId: string; clientId: string },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const ended = await endGrants(tx, { id: grantId, accountId, clientId });
    if (ended === 0) return false;
    await recordEvent(
      tx,
      actor,
      'grant.revoked',
      { kind: 'grant', id: grantId },
      { account: accountId, client: clientId },
    );
    return true;
  });
}

function installationOf(row: Grant): Installation {
  const { payload, accountId: _, revokedAt: __, unusedSeconds: ___, ...installation } = row;
  return { ...installation, scopes: scopesOf(payload) };
}

/** The engine's grant: identity scopes apart, then those of each API, as text. */
interface GrantPayload {
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
}

/** What a stored grant holds. */
export function scopesOf(payload: unknown): ConsentedScopes[] {
  const { openid, resources = {} } = payload as GrantPayload;
  const all = [[IDENTITY, openid?.scope ?? ''] as const, ...Object.entries(resources)];
  return all
    .map(([resource, scope]) => ({ resource, scopes: scope.split(' ').filter((name) => name !== '') }))
    .filter(({ scopes }) => scopes.length > 0);
}
