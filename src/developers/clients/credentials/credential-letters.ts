import { findAccount } from '../../../accounts/account.ts';
import type { Actor } from '../../../audit/actor.ts';
import { unlinked } from '../../../platform/mail/unlinked.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Said } from '../../../platform/words/text-keys.ts';
import { tellOwners } from '../../notices.ts';
import type { CredentialChange, CredentialHolder } from './credential-holders.ts';

/** Who hears of credentials: those who may end them at once, and those who answer for the organization. */
const READERS = ['owner', 'security'] as const;

type Named = Pick<CredentialHolder, 'kind' | 'id' | 'name' | 'organizationId' | 'organizationName'>;

/** Tells that a credential changed: what, of which app, when, by whom, from which network. Part of the change. */
export async function tellOfCredential(
  tx: Platform,
  actor: Actor,
  holder: Named,
  { place }: Pick<CredentialChange, 'place'>,
  what: Said,
  page: 'credentials' | 'reports' | 'events' = 'credentials',
): Promise<void> {
  const news = newsOf(tx, holder, what);
  const credentialsAddress = news.credentialsAddress.replace(/credentials$/, page);
  const data = { ...news, credentialsAddress, place, who: await whoActs(tx, actor) };
  await tellOwners(tx, holder.organizationId, { letter: 'credential-changed', data }, READERS);
}

/** Tells that events do not reach an address any more. */
export async function tellOfStoppedTarget(tx: Platform, holder: Named, what: Said): Promise<void> {
  const news = newsOf(tx, holder, what);
  const credentialsAddress = news.credentialsAddress.replace(/credentials$/, 'events');
  const data = { ...news, credentialsAddress };
  await tellOwners(tx, holder.organizationId, { letter: 'event-target-stopped', data }, READERS);
}

/** Tells that a secret goes on being used although it ends soon. */
export async function tellOfUseBeforeEnd(
  tx: Platform,
  holder: Named,
  until: Date,
  what: Said,
): Promise<void> {
  const data = { ...newsOf(tx, holder, what), until };
  await tellOwners(tx, holder.organizationId, { letter: 'secret-still-used', data }, READERS);
}

/** Tells that something was found in public and ended; `next` is what to do now. */
export async function tellOfLeak(
  tx: Platform,
  holder: Named,
  what: Said,
  next: Said,
  page: 'credentials' | 'access-codes' = 'credentials',
): Promise<void> {
  const news = newsOf(tx, holder, what);
  const credentialsAddress = news.credentialsAddress.replace(/credentials$/, page);
  const data = { ...news, credentialsAddress, next };
  await tellOwners(tx, holder.organizationId, { letter: 'leak-reported', data }, READERS);
}

/** Texts among the values were chosen by members: mail programs make no links of them. */
function newsOf({ config, clock }: Platform, holder: Named, { key, values = {} }: Said) {
  const harmless = Object.entries(values).map(
    ([name, value]) => [name, typeof value === 'string' ? unlinked(value) : value] as const,
  );
  return {
    what: { key, values: Object.fromEntries(harmless) },
    app: unlinked(holder.name),
    organization: unlinked(holder.organizationName),
    at: clock.now(),
    credentialsAddress: `${config.issuer}${credentialsPath(holder)}`,
  };
}

/** The page of an app's or API's credentials. */
export function credentialsPath({
  kind,
  id,
  organizationId,
}: Pick<Named, 'kind' | 'id' | 'organizationId'>): string {
  const room = kind === 'api' ? 'apis' : 'apps';
  return `/developers/organizations/${organizationId}/${room}/${id}/credentials`;
}

async function whoActs(tx: Platform, actor: Actor): Promise<Said> {
  const account = actor.kind === 'account' ? await findAccount(tx, actor.id) : undefined;
  if (account) return { key: 'developer-letters.by-member', values: { name: unlinked(account.name) } };
  return { key: actor.kind === 'job' ? 'developer-letters.by-itself' : 'developer-letters.by-operator' };
}
