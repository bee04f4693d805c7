import type { Invitation } from '../../../prisma/generated/client.ts';
import { type Account, findAccount, holdAccount } from '../../accounts/account.ts';
import { normalizeAddress } from '../../accounts/addresses.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { digestOf, handleKind } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { addTester } from '../clients/testers.ts';
import { holdOrganization } from './hold-organization.ts';
import { givesOwnership, type InvitedTo, invitedTo, mayInvite, stillOpen } from './invitation-kinds.ts';
import { detailsOf, ownsClient, withdrawInvitationsOf } from './invitations.ts';
import { tellOfJoining, tellOfRole } from './membership-letters.ts';
import { obligeMembers } from './oblige-members.ts';
import { roleOf } from './require-member.ts';

/** An invitation as whoever holds its link sees it. */
export interface OpenInvitation {
  readonly organizationId: string;
  readonly organization: string;
  /** The name of who invites; empty where the account is gone. */
  readonly inviter: string;
  /** The name of the app to test; empty for every other kind. */
  readonly app: string;
  readonly email: string;
  readonly to: InvitedTo;
  readonly expiresAt: Date;
}

/** Why an invitation is not answered: it is none of this account's, over, or may not give ownership to it now. */
export type Unanswered = 'over' | 'other-account' | 'frozen';

export type Answered =
  | { readonly ok: true; readonly organizationId: string; readonly to: InvitedTo }
  | { readonly ok: false; readonly reason: Unanswered };

/** The invitation behind a link, while it can be answered. Looking at it changes nothing. */
export async function findInvitation(
  platform: Platform,
  handle: string,
): Promise<OpenInvitation | undefined> {
  const row = await openRow(platform, handle);
  if (!row) return undefined;
  const { db } = platform;
  const to = invitedTo(row);
  const organization = await db.organization.findUniqueOrThrow({ where: { id: row.organizationId } });
  const inviter = await findAccount(platform, row.invitedBy);
  const app = to.kind === 'tester' ? await db.client.findUnique({ where: { id: to.clientId } }) : null;
  if (to.kind === 'tester' && !app) return undefined;
  const { organizationId, email, expiresAt } = row;
  const names = { organization: organization.name, inviter: inviter?.name ?? '', app: app?.name ?? '' };
  return { organizationId, ...names, email, to, expiresAt };
}

/** Whether the account may answer: its own, proven address is the invited one. */
export function isInvited({ email }: Pick<OpenInvitation, 'email'>, account: Account | undefined): boolean {
  const theirs = account?.emailVerified ? normalizeAddress(account.email)?.emailKey : undefined;
  return theirs !== undefined && theirs === normalizeAddress(email)?.emailKey;
}

/** What whoever holds the link sends. */
interface Answer {
  readonly handle: string;
  readonly accountId: string;
}

/**
 * Makes the account what the invitation says, and nothing else: whoever accepts has no say in it. Everything is judged
 * again, most of all whether the inviter still may.
 */
export async function acceptInvitation(platform: Platform, actor: Actor, answer: Answer): Promise<Answered> {
  const { accountId } = answer;
  return answering(platform, answer, async (tx, { row, to }) => {
    const { organizationId, invitedBy } = row;
    if (givesOwnership(to) && (await actsFrozen(tx, actor))) return 'frozen';
    if (!mayInvite(await roleOf(tx, organizationId, invitedBy), to.kind)) return 'over';
    if (to.kind === 'tester' && !(await ownsClient(tx, organizationId, to.clientId))) return 'over';
    if (!(await spend(tx, row.id, 'acceptedAt'))) return 'over';
    await carryOut(tx, actor, { row, to, accountId });
    const action = to.kind === 'transfer' ? 'organization.transferred' : 'invitation.accepted';
    const details = { ...detailsOf(row.id, to), account: accountId, from: invitedBy };
    await recordEvent(tx, actor, action, { kind: 'organization', id: organizationId }, details);
    await obligeMembers(tx, actor, organizationId);
    await tell(tx, { row, to, accountId });
    return undefined;
  });
}

async function tell(
  tx: Platform,
  { row, to, accountId }: { row: Invitation; to: InvitedTo; accountId: string },
): Promise<void> {
  const { organizationId, invitedBy } = row;
  if (to.kind === 'member') await tellOfJoining(tx, { organizationId, accountId, role: to.role });
  if (to.kind !== 'transfer') return;
  await tellOfJoining(tx, { organizationId, accountId, role: 'owner' });
  await tellOfRole(tx, { organizationId, accountId: invitedBy, role: to.role, before: 'owner' });
}

/** Says no, once. */
export async function declineInvitation(platform: Platform, actor: Actor, answer: Answer): Promise<Answered> {
  return answering(platform, answer, async (tx, { row, to }) => {
    if (!(await spend(tx, row.id, 'declinedAt'))) return 'over';
    const target = { kind: 'organization', id: row.organizationId };
    const details = { ...detailsOf(row.id, to), account: answer.accountId };
    await recordEvent(tx, actor, 'invitation.declined', target, details);
    return undefined;
  });
}

/** Judges and gives one answer in one transaction; `give` says why not, before it changes anything. */
async function answering(
  platform: Platform,
  { handle, accountId }: Answer,
  give: (tx: Platform, open: { row: Invitation; to: InvitedTo }) => Promise<Unanswered | undefined>,
): Promise<Answered> {
  return inTransaction(platform, async (tx): Promise<Answered> => {
    const row = await openRow(tx, handle);
    if (!row || !(await holdOrganization(tx, row.organizationId))) return { ok: false, reason: 'over' };
    await holdAccount(tx, accountId);
    if (!isInvited(row, await findAccount(tx, accountId))) return { ok: false, reason: 'other-account' };
    const to = invitedTo(row);
    const reason = await give(tx, { row, to });
    return reason ? { ok: false, reason } : { ok: true, organizationId: row.organizationId, to };
  });
}

async function openRow({ db, clock }: Platform, handle: string): Promise<Invitation | undefined> {
  if (handleKind(handle) !== 'invitation') return undefined;
  const where = { digest: digestOf(handle), ...stillOpen(clock.now()) };
  return (await db.invitation.findUnique({ where })) ?? undefined;
}

/** Single use: of answers at the same time one finds the invitation open. */
async function spend(
  { db, clock }: Platform,
  id: string,
  how: 'acceptedAt' | 'declinedAt',
): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.invitation.updateMany({
    where: { id, ...stillOpen(now) },
    data: { [how]: now },
  });
  return count === 1;
}

async function carryOut(
  tx: Platform,
  actor: Actor,
  { row, to, accountId }: { row: Invitation; to: InvitedTo; accountId: string },
): Promise<void> {
  const { organizationId, invitedBy } = row;
  if (to.kind === 'tester') return addTester(tx, actor, { clientId: to.clientId, accountId });
  const createdAt = tx.clock.now();
  const role = to.kind === 'transfer' ? 'owner' : to.role;
  // Who became a member meanwhile keeps the role that owners gave them, unless they take the organization over.
  await tx.db.organizationMember.createMany({
    data: [{ organizationId, accountId, role, createdAt }],
    skipDuplicates: true,
  });
  if (to.kind === 'member') return;
  const member = (id: string) => ({ where: { organizationId, accountId: id } });
  await tx.db.organizationMember.updateMany({ ...member(accountId), data: { role: 'owner' } });
  await tx.db.organizationMember.updateMany({ ...member(invitedBy), data: { role: to.role } });
  await withdrawInvitationsOf(tx, { organizationId, accountId: invitedBy, role: to.role });
}
