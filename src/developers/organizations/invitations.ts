import { findAccountByAddress } from '../../accounts/account.ts';
import { type Address, normalizeAddress } from '../../accounts/addresses.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import type { AuditDetails } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf, newHandle } from '../../platform/crypto/secrets.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { holdOrganization } from './hold-organization.ts';
import {
  givesOwnership,
  INVITATION_DAYS,
  INVITATION_KINDS,
  type InvitedTo,
  invitedTo,
  mayInvite,
  stillOpen,
} from './invitation-kinds.ts';
import type { InvitationView } from './invitation-list.ts';
import { sendInvitationLetter } from './invitation-letters.ts';
import { judgeLimits } from './invitation-limits.ts';
import { roleOf } from './require-member.ts';
import type { Role } from './roles.ts';

export interface NewInvitation {
  readonly organizationId: string;
  /** The account that invites. */
  readonly invitedBy: string;
  /** The address as it was typed. */
  readonly email: string;
  readonly to: InvitedTo;
}

export type SentInvitation =
  | { readonly ok: true; readonly invitation: InvitationView }
  | Refused<'email' | 'limit' | 'not-allowed' | 'frozen'>;

/**
 * Invites somebody by mail, whether or not the address has an account: nobody learns that from us. The letter holds the
 * only copy of the link, which works for a week, once, for that address.
 */
export async function createInvitation(
  platform: Platform,
  actor: Actor,
  input: NewInvitation,
): Promise<SentInvitation> {
  const address = normalizeAddress(input.email);
  if (!address) return refused('email', 'Write an email address, such as name@example.com.');
  return inTransaction(platform, async (tx) => {
    if (!(await holdOrganization(tx, input.organizationId))) return NOT_ALLOWED;
    return sendInvitation(tx, actor, { ...input, address });
  });
}

/** The same invitation with a new link; the old one stops working. It counts like a first one. */
export async function renewInvitation(
  platform: Platform,
  actor: Actor,
  { organizationId, id, invitedBy }: { organizationId: string; id: string; invitedBy: string },
): Promise<SentInvitation | Refused<'over'>> {
  return inTransaction(platform, async (tx) => {
    await holdOrganization(tx, organizationId);
    const row = UUID.test(id) ? await tx.db.invitation.findUnique({ where: { id, organizationId } }) : null;
    const now = tx.clock.now();
    if (!row || row.acceptedAt || row.declinedAt || row.withdrawnAt) return OVER;
    const { email, emailKey } = row;
    const wish = { organizationId, invitedBy, address: { email, emailKey }, to: invitedTo(row), renews: id };
    const sent = await sendInvitation(tx, actor, wish);
    if (sent.ok)
      await tx.db.invitation.updateMany({ where: { id, organizationId }, data: { withdrawnAt: now } });
    return sent;
  });
}

/** Takes an invitation back. Of an answer at the same moment one of both counts. */
export async function withdrawInvitation(
  platform: Platform,
  actor: Actor,
  { organizationId, id, kinds }: { organizationId: string; id: string; kinds: readonly InvitedTo['kind'][] },
): Promise<{ readonly ok: true } | Refused<'over'>> {
  if (!UUID.test(id)) return OVER;
  return inTransaction(platform, async (tx) => {
    await holdOrganization(tx, organizationId);
    const [row] = await tx.db.invitation.updateManyAndReturn({
      where: {
        id,
        organizationId,
        kind: { in: [...kinds] },
        acceptedAt: null,
        declinedAt: null,
        withdrawnAt: null,
      },
      data: { withdrawnAt: tx.clock.now() },
    });
    if (!row) return OVER;
    await recordEvent(tx, actor, 'invitation.withdrawn', targetOf(row), detailsOf(row.id, invitedTo(row)));
    return { ok: true };
  });
}

/** What a person may no longer offer is no longer offered: nobody comes back by an invitation sent in time. */
export async function withdrawInvitationsOf(
  { db, clock }: Platform,
  { organizationId, accountId, role }: { organizationId: string; accountId: string; role: Role | undefined },
): Promise<void> {
  const kinds = INVITATION_KINDS.filter((kind) => !mayInvite(role, kind));
  await db.invitation.updateMany({
    where: {
      ...{ organizationId, invitedBy: accountId, kind: { in: kinds } },
      ...{ acceptedAt: null, declinedAt: null, withdrawnAt: null },
    },
    data: { withdrawnAt: clock.now() },
  });
}

interface Wish {
  readonly organizationId: string;
  readonly invitedBy: string;
  readonly address: Address;
  readonly to: InvitedTo;
  /** The invitation that this one takes the place of. */
  readonly renews?: string;
}

/** Behind holdOrganization. */
async function sendInvitation(tx: Platform, actor: Actor, wish: Wish): Promise<SentInvitation> {
  const { organizationId, invitedBy, address, to } = wish;
  // Judged here again: the role may have gone since the page was asked for.
  if (!mayInvite(await roleOf(tx, organizationId, invitedBy), to.kind)) return NOT_ALLOWED;
  if (to.kind === 'tester' && !(await ownsClient(tx, organizationId, to.clientId))) return NOT_ALLOWED;
  if (givesOwnership(to) && (await actsFrozen(tx, actor))) return refused('frozen', FROZEN);
  const judged = (await judgeInvited(tx, wish)) ?? (await judgeLimits(tx, { ...wish, ...to, ...address }));
  if (!judged.ok) return judged;
  const createdAt = tx.clock.now();
  const invitation = { id: newId(), email: address.email, to, createdAt, expiresAt: daysAfter(createdAt) };
  const secret = newHandle('invitation', createdAt);
  const { id, expiresAt } = invitation;
  const row = { id, organizationId, ...address, digest: digestOf(secret), invitedBy, createdAt, expiresAt };
  await tx.db.invitation.create({ data: { ...row, ...columnsOf(to) } });
  await recordEvent(tx, actor, 'invitation.sent', targetOf(row), detailsOf(id, to));
  await sendInvitationLetter(tx, { secret, organizationId, invitedBy, address, to });
  return { ok: true, invitation };
}

/** Whether the app is of this organization: ids of forms are checked, not believed. */
export async function ownsClient({ db }: Platform, organizationId: string, id: string): Promise<boolean> {
  return (await db.client.count({ where: { id, organizationId } })) > 0;
}

/** Why this address needs no invitation; undefined where it may get one. */
async function judgeInvited(tx: Platform, wish: Wish): Promise<Refused<'email'> | undefined> {
  const { organizationId, address, to, renews } = wish;
  const account = await findAccountByAddress(tx, address.email);
  const role = account && (await roleOf(tx, organizationId, account.id));
  if (to.kind === 'transfer' ? account?.id === wish.invitedBy : role !== undefined)
    return refused(
      'email',
      to.kind === 'transfer' ? 'This is your own address.' : 'A member has this address already.',
    );
  if (account && to.kind === 'tester') {
    const tester = { clientId: to.clientId, accountId: account.id };
    if ((await tx.db.clientTester.count({ where: tester })) > 0)
      return refused('email', 'This address belongs to a tester already.');
  }
  const same = { organizationId, emailKey: address.emailKey, kind: to.kind, ...stillOpen(tx.clock.now()) };
  const clientId = to.kind === 'tester' ? to.clientId : null;
  const open = await tx.db.invitation.count({
    where: { ...same, clientId, ...(renews && { id: { not: renews } }) },
  });
  if (open > 0)
    return refused('email', 'This address is invited already. Send that invitation again, or withdraw it.');
  return undefined;
}

function columnsOf(to: InvitedTo): { kind: string; role: string | null; clientId: string | null } {
  return { role: null, clientId: null, ...to };
}

const daysAfter = (from: Date) => secondsAfter(from, INVITATION_DAYS * 86_400);

function targetOf({ organizationId }: { readonly organizationId: string }) {
  return { kind: 'organization', id: organizationId };
}

/** Never the address: the trail outlives what people want forgotten. */
export function detailsOf(invitation: string, to: InvitedTo): AuditDetails {
  return to.kind === 'tester'
    ? { invitation, kind: to.kind, client: to.clientId }
    : { invitation, kind: to.kind, role: to.role };
}

const NOT_ALLOWED = refused('not-allowed', 'Your role does not allow this any more. Ask an owner.');
const OVER = refused('over', 'This invitation was answered or withdrawn already.');
