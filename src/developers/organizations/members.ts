import { holdAccount } from '../../accounts/account.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import { type Actor, isOperator } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { holdOrganization } from './hold-organization.ts';
import { withdrawInvitationsOf } from './invitations.ts';
import { tellOfRole, tellOfEnd } from './membership-letters.ts';
import { obligeMembers } from './oblige-members.ts';
import { roleOf } from './require-member.ts';
import { mayDo, type Role } from './roles.ts';

/** Whose place in which organization. */
export interface Place {
  readonly organizationId: string;
  readonly accountId: string;
}

export type ChangedMember =
  | { readonly ok: true }
  | Refused<'not-allowed' | 'no-member' | 'last-owner' | 'own-role' | 'frozen'>;

/** Only owners give roles, and nobody gives one to themselves (C25): an owner who steps down leaves, or transfers. */
export async function changeRole(
  platform: Platform,
  actor: Actor,
  { role, ...place }: Place & { readonly role: Role },
): Promise<ChangedMember> {
  return changeMember(platform, actor, place, async (tx, before) => {
    if (actor.kind === 'account' && actor.id === place.accountId) return OWN_ROLE;
    if (before === role) return DONE;
    if (before === 'owner' && !(await hasOtherOwner(tx, place))) return LAST_OWNER;
    await tx.db.organizationMember.update({ where: { organizationId_accountId: place }, data: { role } });
    await withdrawInvitationsOf(tx, { ...place, role });
    const details = { account: place.accountId, role, before };
    await recordEvent(tx, actor, 'member.role-changed', targetOf(place), details);
    await tellOfRole(tx, { ...place, role, before });
    return DONE;
  });
}

/** Somebody else is removed by an owner, and loses every access at their next request. */
export async function removeMember(platform: Platform, actor: Actor, place: Place): Promise<ChangedMember> {
  return changeMember(platform, actor, place, (tx, before) => endMembership(tx, actor, place, before));
}

/** Whoever leaves needs nobody's permission, but an organization keeps an owner. */
export async function leaveOrganization(
  platform: Platform,
  actor: Actor,
  place: Place,
): Promise<ChangedMember> {
  return inTransaction(platform, async (tx) => {
    await holdOrganization(tx, place.organizationId);
    const before = await roleOf(tx, place.organizationId, place.accountId);
    if (!before) return NO_MEMBER;
    const left = await endMembership(tx, actor, place, before);
    if (left.ok) await obligeMembers(tx, actor, place.organizationId);
    return left;
  });
}

/** At an operator's word, without an invitation. */
export async function addMember(
  platform: Platform,
  actor: Actor,
  { role, ...place }: Place & { readonly role: Role },
): Promise<{ readonly ok: true } | Refused<'organization' | 'account' | 'member'>> {
  return inTransaction(platform, async (tx) => {
    const there = UUID.test(place.organizationId) && (await holdOrganization(tx, place.organizationId));
    if (!there) return refused('organization', 'No organization has this ID.');
    if (!(await holdAccount(tx, place.accountId))) return refused('account', 'This account is gone.');
    const row = { ...place, role, createdAt: tx.clock.now() };
    const { count } = await tx.db.organizationMember.createMany({ data: [row], skipDuplicates: true });
    if (count === 0)
      return refused('member', 'This account is a member already. Use set-role to change its role.');
    await recordEvent(tx, actor, 'member.added', targetOf(place), { account: place.accountId, role });
    await obligeMembers(tx, actor, place.organizationId);
    return { ok: true };
  });
}

/** What owners and operators do to a member, one change of an organization after the other. */
async function changeMember(
  platform: Platform,
  actor: Actor,
  place: Place,
  change: (tx: Platform, before: Role) => Promise<ChangedMember>,
): Promise<ChangedMember> {
  if (!UUID.test(place.accountId)) return NO_MEMBER;
  return inTransaction(platform, async (tx) => {
    await holdOrganization(tx, place.organizationId);
    // Judged behind the lock: of two owners who remove each other one is no owner any more.
    if (!(await mayGovern(tx, actor, place.organizationId))) return NOT_ALLOWED;
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    // Before any row that its erasure touches: nobody becomes an owner while they vanish.
    await holdAccount(tx, place.accountId);
    const before = await roleOf(tx, place.organizationId, place.accountId);
    if (!before) return NO_MEMBER;
    const changed = await change(tx, before);
    if (changed.ok) await obligeMembers(tx, actor, place.organizationId);
    return changed;
  });
}

async function mayGovern(tx: Platform, actor: Actor, organizationId: string): Promise<boolean> {
  if (actor.kind !== 'account') return isOperator(actor);
  const role = await roleOf(tx, organizationId, actor.id);
  return role !== undefined && mayDo(role, 'govern');
}

async function endMembership(tx: Platform, actor: Actor, place: Place, before: Role): Promise<ChangedMember> {
  if (before === 'owner' && !(await hasOtherOwner(tx, place))) return LAST_OWNER;
  await tx.db.organizationMember.delete({ where: { organizationId_accountId: place } });
  await withdrawInvitationsOf(tx, { ...place, role: undefined });
  const left = actor.kind === 'account' && actor.id === place.accountId;
  const details = { account: place.accountId, role: before, left };
  await recordEvent(tx, actor, 'member.removed', targetOf(place), details);
  await tellOfEnd(tx, { ...place, left });
  return DONE;
}

async function hasOtherOwner({ db }: Platform, { organizationId, accountId }: Place): Promise<boolean> {
  const others = { organizationId, role: 'owner', accountId: { not: accountId } };
  return (await db.organizationMember.count({ where: others })) > 0;
}

function targetOf({ organizationId }: Place) {
  return { kind: 'organization', id: organizationId };
}

const DONE = { ok: true } as const;
const NOT_ALLOWED = refused('not-allowed', 'Only owners change members. Ask one of them.');
const NO_MEMBER = refused('no-member', 'Nobody of this name is a member any more.');
const OWN_ROLE = refused(
  'own-role',
  'Nobody changes their own role. Ask another owner, or transfer the organization.',
);
const LAST_OWNER = refused(
  'last-owner',
  'An organization keeps at least one owner. Make somebody else an owner first, or transfer the organization.',
);
