import { findTrustDomainNamed, noSuchDomain, type TrustDomain } from '../accounts/trust-domains.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { revokeGrantsOfClient } from '../tokens/revocation.ts';
import { findApi } from './apis/api.ts';

export type Move<What extends 'client' | 'api'> =
  | {
      readonly ok: true;
      readonly domain: TrustDomain;
      readonly changed: boolean;
      readonly grantsRevoked: number;
    }
  | Refused<What | 'domain'>;

/** Takes an app to another trust domain and ends every grant it holds: nobody allowed it anything there. */
export async function moveClient(
  platform: Platform,
  actor: Actor,
  { clientId, domain: name }: { readonly clientId: string; readonly domain: string },
): Promise<Move<'client'>> {
  return inTransaction(platform, async (tx): Promise<Move<'client'>> => {
    const domain = await findTrustDomainNamed(tx, name);
    if (!domain) return noSuchDomain(name);
    const { count } = await tx.db.client.updateMany({
      where: { id: clientId, trustDomainId: { not: domain.id } },
      data: { trustDomainId: domain.id, updatedAt: tx.clock.now() },
    });
    if (count === 0) {
      const isThere = (await tx.db.client.count({ where: { id: clientId } })) === 1;
      if (!isThere) return refused('client', 'No app has this client ID.');
      return { ok: true, domain, changed: false, grantsRevoked: 0 };
    }
    const grantsRevoked = await revokeGrantsOfClient(tx, clientId);
    const details = { trustDomain: domain.id, grantsRevoked };
    await recordEvent(tx, actor, 'client.changed', { kind: 'client', id: clientId }, details);
    return { ok: true, domain, changed: true, grantsRevoked };
  });
}

/** Takes an API to another trust domain. Apps that stay behind are refused there from then on (decideAccess). */
export async function moveApi(
  platform: Platform,
  actor: Actor,
  { identifier, domain: name }: { readonly identifier: string; readonly domain: string },
): Promise<Move<'api'>> {
  return inTransaction(platform, async (tx): Promise<Move<'api'>> => {
    const domain = await findTrustDomainNamed(tx, name);
    if (!domain) return noSuchDomain(name);
    const api = await findApi(tx, identifier);
    if (!api) return refused('api', 'No API has this identifier.');
    const { count } = await tx.db.api.updateMany({
      where: { id: api.id, trustDomainId: { not: domain.id } },
      data: { trustDomainId: domain.id },
    });
    if (count === 0) return { ok: true, domain, changed: false, grantsRevoked: 0 };
    await recordEvent(tx, actor, 'api.changed', { kind: 'api', id: api.id }, { trustDomain: domain.id });
    return { ok: true, domain, changed: true, grantsRevoked: 0 };
  });
}
