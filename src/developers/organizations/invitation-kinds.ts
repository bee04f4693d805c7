import type { Invitation } from '../../../prisma/generated/client.ts';
import { mayDo, type Permission, type Role } from './roles.ts';

/** What somebody is invited to, decided by whoever invites and never by whoever accepts. */
export type InvitedTo =
  /** Become a member with this role. */
  | { readonly kind: 'member'; readonly role: Role }
  /** Become an owner in the inviter's place; `role` is what the inviter is afterwards. */
  | { readonly kind: 'transfer'; readonly role: Exclude<Role, 'owner'> }
  /** Use one app while it is in development. */
  | { readonly kind: 'tester'; readonly clientId: string };

export type InvitationKind = InvitedTo['kind'];

export const INVITATION_KINDS = ['member', 'transfer', 'tester'] as const satisfies readonly InvitationKind[];

export const INVITATION_DAYS = 7;

/** What the inviter's role must allow, when the invitation is sent and still when it is accepted. */
export function mayInvite(role: Role | undefined, kind: InvitationKind): boolean {
  return role !== undefined && mayDo(role, NEEDS[kind]);
}

const NEEDS: Readonly<Record<InvitationKind, Permission>> = {
  member: 'govern',
  transfer: 'govern',
  tester: 'build',
};

export function invitedTo({
  kind,
  role,
  clientId,
}: Pick<Invitation, 'kind' | 'role' | 'clientId'>): InvitedTo {
  if (kind === 'tester' && clientId !== null) return { kind, clientId };
  return { kind, role } as InvitedTo;
}

/** Whether an invitation gives somebody a say over what belongs to the organization. */
export function givesOwnership(to: InvitedTo): boolean {
  return to.kind === 'transfer' || (to.kind === 'member' && to.role === 'owner');
}

/** The condition under which an invitation may still be answered; part of every statement that answers one. */
export function stillOpen(now: Date) {
  return { acceptedAt: null, declinedAt: null, withdrawnAt: null, expiresAt: { gt: now } } as const;
}
