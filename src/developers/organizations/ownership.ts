import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { judgeAppName } from '../clients/app-names.ts';
import { presentAnew, renamingNeedsOperator } from '../clients/publisher-name.ts';
import { FROZEN } from '../frozen.ts';
import { holdOrganization } from './hold-organization.ts';
import { createInvitation, type SentInvitation } from './invitations.ts';
import { obligeMembers } from './oblige-members.ts';
import { findOrganization } from './organization.ts';
import { roleOf } from './require-member.ts';
import { mayDo, type Role } from './roles.ts';

/** Gives an organization another name, which people read when its apps ask for access: they are all asked again. */
export async function renameOrganization(
  platform: Platform,
  actor: Actor,
  { organizationId, name: raw }: { organizationId: string; name: string },
): Promise<
  { readonly ok: true; readonly changed: boolean } | Refused<'name' | 'not-allowed' | 'frozen' | 'operator'>
> {
  const judged = judgeAppName(platform, actor, raw);
  if (!judged.ok) return judged;
  const { name } = judged;
  return inTransaction(platform, async (tx) => {
    const refusal = await judgeOwner(tx, actor, organizationId);
    if (refusal) return refusal;
    if (actor.kind === 'account' && (await renamingNeedsOperator(tx, organizationId))) return OPERATOR;
    const { count } = await tx.db.organization.updateMany({
      where: { id: organizationId, name: { not: name } },
      data: { name },
    });
    if (count === 0) return { ok: true, changed: false };
    await presentAnew(tx, actor, organizationId);
    await recordEvent(
      tx,
      actor,
      'organization.renamed',
      { kind: 'organization', id: organizationId },
      { name },
    );
    return { ok: true, changed: true };
  });
}

export interface TransferOffer {
  readonly organizationId: string;
  readonly invitedBy: string;
  /** The name of the organization, typed by its owner, who then means it. */
  readonly typedName: string;
  /** Who is to own it: a member or anybody else. */
  readonly email: string;
  /** What the giver is afterwards. */
  readonly role: Exclude<Role, 'owner'>;
}

/** Offers an organization to somebody. Nothing changes before they accept. */
export async function offerTransfer(
  platform: Platform,
  actor: Actor,
  { typedName, role, ...offer }: TransferOffer,
): Promise<SentInvitation | Refused<'name'>> {
  if (!(await isItsName(platform, offer.organizationId, typedName))) return OTHER_NAME;
  return createInvitation(platform, actor, { ...offer, to: { kind: 'transfer', role } });
}

/** Deletes an organization that owns nothing any more. */
export async function deleteOrganization(
  platform: Platform,
  actor: Actor,
  { organizationId, typedName }: { organizationId: string; typedName: string },
): Promise<{ readonly ok: true } | Refused<'name' | 'not-allowed' | 'frozen' | 'not-empty'>> {
  return inTransaction(platform, async (tx) => {
    // Stronger than holdOrganization: an app or API that is made at this moment is waited for, and counted below.
    await tx.db.$executeRaw`SELECT FROM organizations WHERE id = ${organizationId}::uuid FOR UPDATE`;
    const refusal = await judgeOwner(tx, actor, organizationId);
    if (refusal) return refusal;
    if (!(await isItsName(tx, organizationId, typedName))) return OTHER_NAME;
    const where = { organizationId };
    if ((await tx.db.client.count({ where })) + (await tx.db.api.count({ where })) > 0) return NOT_EMPTY;
    await tx.db.organizationMember.deleteMany({ where });
    await obligeMembers(tx, actor, organizationId);
    await tx.db.organization.delete({ where: { id: organizationId } });
    await recordEvent(tx, actor, 'organization.deleted', { kind: 'organization', id: organizationId });
    return { ok: true };
  });
}

/** Why the actor may not change the organization as such; undefined where they may. Waits for other changes. */
async function judgeOwner(
  tx: Platform,
  actor: Actor,
  organizationId: string,
): Promise<Refused<'not-allowed' | 'frozen'> | undefined> {
  await holdOrganization(tx, organizationId);
  const role = actor.kind === 'account' ? await roleOf(tx, organizationId, actor.id) : 'owner';
  if (!role || !mayDo(role, 'govern')) return NOT_ALLOWED;
  return (await actsFrozen(tx, actor)) ? refused('frozen', FROZEN) : undefined;
}

async function isItsName(platform: Platform, organizationId: string, typed: string): Promise<boolean> {
  const organization = await findOrganization(platform, organizationId);
  return organization !== undefined && typed.normalize('NFKC').trim() === organization.name;
}

const NOT_ALLOWED = refused('not-allowed', 'Only owners do this. Ask one of them.');
const OPERATOR = refused(
  'operator',
  'An app of yours is live, and here an operator approves how live apps look. Ask the operator to rename the organization.',
);
const OTHER_NAME = refused(
  'name',
  'This is not the name of the organization. Type it exactly as it is written above.',
);
const NOT_EMPTY = refused('not-empty', 'The organization still owns apps or APIs. Delete them first.');
