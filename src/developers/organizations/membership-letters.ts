import { findAccount } from '../../accounts/account.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TextKey, Words } from '../../platform/words/text-keys.ts';
import { tellOwners } from '../notices.ts';
import { findOrganization } from './organization.ts';
import type { Role } from './roles.ts';

interface Place {
  readonly organizationId: string;
  readonly accountId: string;
}

/** Owners learn who came in by an invitation, most of all where the newcomer has as much to say as they do. */
export async function tellOfJoining(tx: Platform, { role, ...place }: Place & { role: Role }): Promise<void> {
  await tellThem(tx, place, role === 'owner' ? 'invitations.told-owner' : 'invitations.told-joined');
}

/** The person learns their new role; owners learn who is one of them now, or no longer. */
export async function tellOfRole(
  tx: Platform,
  { role, before, ...place }: Place & { role: Role; before: Role },
): Promise<void> {
  await tellPerson(tx, place, `invitations.your-role-${role}`);
  if (role === 'owner') await tellThem(tx, place, 'invitations.told-owner');
  if (before === 'owner') await tellThem(tx, place, 'invitations.told-no-owner');
}

/** Owners learn who left; whoever was removed learns it too. */
export async function tellOfEnd(tx: Platform, { left, ...place }: Place & { left: boolean }): Promise<void> {
  if (!left) await tellPerson(tx, place, 'invitations.you-are-removed');
  await tellThem(tx, place, 'invitations.told-left');
}

async function tellThem(tx: Platform, place: Place, key: TextKey): Promise<void> {
  const what = await about(tx, place, key);
  const address = `${tx.config.issuer}/developers/organizations/${place.organizationId}/members`;
  await tellOwners(tx, place.organizationId, { letter: 'membership-changed', data: { what, address } });
}

async function tellPerson(tx: Platform, place: Place, key: TextKey): Promise<void> {
  const person = await findAccount(tx, place.accountId);
  if (!person) return;
  const data = { what: await about(tx, place, key), address: `${tx.config.issuer}/developers` };
  await queueLetter(tx, { to: person.email, ...renderLetter(tx, 'membership-changed', data, person.locale) });
}

async function about(tx: Platform, { organizationId, accountId }: Place, key: TextKey): Promise<Words> {
  const organization = unlinked((await findOrganization(tx, organizationId))?.name ?? '');
  const who = unlinked((await findAccount(tx, accountId))?.name ?? '');
  return { key, values: { organization, who } };
}
