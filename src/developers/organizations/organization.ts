import { findAccountByAddress } from '../../accounts/account.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { cleanName } from '../names.ts';
import { obligeMembers } from './oblige-members.ts';

/** Who owns apps and APIs. */
export interface Organization {
  readonly id: string;
  readonly name: string;
}

export interface NewOrganization {
  readonly name: string;
  /** The address of an account; it becomes the first member, with the role owner. */
  readonly ownerEmail: string;
}

export async function createOrganization(
  platform: Platform,
  actor: Actor,
  input: NewOrganization,
): Promise<{ readonly ok: true; readonly organization: Organization } | Refused<'name' | 'owner'>> {
  const cleaned = cleanName(input.name);
  if (!cleaned.ok) return refused('name', cleaned.sentence);

  return inTransaction(platform, async (tx) => {
    const owner = await findAccountByAddress(tx, input.ownerEmail);
    if (!owner) {
      return refused('owner', 'Nobody has an account with that email address. Create the account first.');
    }

    const organization = { id: newId(), name: cleaned.name };
    const createdAt = tx.clock.now();
    const members = { create: { accountId: owner.id, role: 'owner', createdAt } };
    await tx.db.organization.create({ data: { ...organization, createdAt, members } });
    await recordEvent(
      tx,
      actor,
      'organization.created',
      { kind: 'organization', id: organization.id },
      { name: organization.name, owner: owner.id },
    );
    await obligeMembers(tx, actor, organization.id);
    return { ok: true, organization };
  });
}

/** undefined when there is none, or when the id is not one. */
export async function findOrganization({ db }: Platform, id: string): Promise<Organization | undefined> {
  if (!UUID.test(id)) return undefined;
  return (await db.organization.findUnique({ where: { id }, select: { id: true, name: true } })) ?? undefined;
}
