import { MAIN_DOMAIN, trustDomainsOf } from '../accounts/trust-domains.ts';
import type { Actor } from '../audit/actor.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';

/**
 * The trust domain of an app or API that is being made: one that its maker belongs to, the first unless they name
 * another. An operator and a rule of ours may name any, and mean main where they name none.
 */
export async function settleTrustDomain(
  tx: Platform,
  actor: Actor,
  wanted: string | undefined,
): Promise<{ readonly ok: true; readonly trustDomainId: string } | Refused<'trust-domain'>> {
  if (actor.kind !== 'account') return { ok: true, trustDomainId: wanted ?? MAIN_DOMAIN };
  const [first, ...others] = await trustDomainsOf(tx, String(actor.id));
  if (wanted === undefined && first) return { ok: true, trustDomainId: first.id };
  const mine = [first, ...others].find((domain) => domain?.id === wanted);
  if (mine) return { ok: true, trustDomainId: mine.id };
  return refused('trust-domain', 'You do not belong to this trust domain. Choose one of your own.');
}
