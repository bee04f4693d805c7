import type { Actor } from '../../src/audit/actor.ts';
import { createInvitation } from '../../src/developers/organizations/invitations.ts';
import type { InvitedTo } from '../../src/developers/organizations/invitation-kinds.ts';
import { addMember } from '../../src/developers/organizations/members.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import type { Role } from '../../src/developers/organizations/roles.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { ok, operator } from './developers.ts';
import { createPerson, type Person } from './people.ts';

/** An organization and people in it, without any page. */
export interface Team {
  readonly organizationId: string;
  readonly owner: Person;
}

export const as = ({ id }: { id: string }): Actor => ({ kind: 'account', id });

export async function aTeam(platform: Platform, name = 'Acme'): Promise<Team> {
  const owner = await createPerson(platform, { name: 'Olive Owner', totp: false });
  const input = { name, accountId: owner.id };
  return { organizationId: ok(await createOrganization(platform, operator, input)).organization.id, owner };
}

export async function join(platform: Platform, { organizationId }: Team, role: Role): Promise<Person> {
  const person = await createPerson(platform, { name: `${role} person`, totp: false });
  ok(await addMember(platform, operator, { organizationId, accountId: person.id, role }));
  return person;
}

/** Invites somebody and answers the handle out of their letter. */
export async function invite(platform: Platform, team: Team, email: string, to: InvitedTo): Promise<string> {
  const { organizationId, owner } = team;
  ok(await createInvitation(platform, as(owner), { organizationId, invitedBy: owner.id, email, to }));
  return handleIn(platform, email);
}

/** The handle in the newest letter to this address. */
export async function handleIn(platform: Platform, email: string): Promise<string> {
  const letters = (await waitingLetters(platform)).filter(({ to }) => to === email);
  const found = letters.flatMap(({ text }) => [...text.matchAll(/gate_invitation_\S+/g)].map(([one]) => one));
  if (found.length === 0) throw new Error(`no invitation for ${email}`);
  return String(newest(letters.map(({ id }, i) => [id, String(found[i])])));
}

function newest(found: readonly (readonly [string, string])[]): string | undefined {
  return [...found].sort(([a], [b]) => (a < b ? 1 : -1))[0]?.[1];
}

export async function rolesIn(platform: Platform, organizationId: string): Promise<Record<string, string>> {
  const rows = await platform.db.organizationMember.findMany({ where: { organizationId } });
  return Object.fromEntries(rows.map(({ accountId, role }) => [accountId, role]));
}
