import { type Account, findAccount, findAccountByAddress, holdAccount } from '../../accounts/account.ts';
import type { Actor } from '../../audit/actor.ts';
import { countDeeds } from '../../audit/recent.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { judgeAppName } from '../clients/app-names.ts';
import { obligeMembers } from './oblige-members.ts';
import type { Role } from './roles.ts';

/** Who owns apps and APIs. */
export interface Organization {
  readonly id: string;
  readonly name: string;
}

/** Its first member, with the role owner: whoever is signed in, or an account that an operator names by its address. */
export type NewOrganization = { readonly name: string } & (
  | { readonly accountId: string }
  | { readonly ownerEmail: string }
);

export type CreatedOrganization =
  | { readonly ok: true; readonly organization: Organization }
  | Refused<'name' | 'owner' | 'limit'>;

/** Each may send letters to strangers, so a person makes only so many a day. */
export const ORGANIZATIONS_A_DAY = 10;

export async function createOrganization(
  platform: Platform,
  actor: Actor,
  input: NewOrganization,
): Promise<CreatedOrganization> {
  // It is read in invitations and beside every app, so it must not be taken for us either.
  const judged = judgeAppName(platform, actor, input.name);
  if (!judged.ok) return judged;

  return inTransaction(platform, async (tx) => {
    const owner = await findOwner(tx, input);
    if (!owner || !(await holdAccount(tx, owner.id))) {
      return refused('owner', 'Nobody has an account with that email address. Create the account first.');
    }
    if (!(await mayMakeAnother(tx, actor))) {
      return refused('limit', `You made ${ORGANIZATIONS_A_DAY} organizations today. Try again tomorrow.`);
    }
    const organization = { id: newId(), name: judged.name };
    const createdAt = tx.clock.now();
    const members = { create: { accountId: owner.id, role: 'owner', createdAt } };
    await tx.db.organization.create({ data: { ...organization, createdAt, members } });
    const target = { kind: 'organization', id: organization.id };
    const details = { name: organization.name, owner: owner.id };
    await recordEvent(tx, actor, 'organization.created', target, details);
    await obligeMembers(tx, actor, organization.id);
    return { ok: true, organization };
  });
}

function findOwner(tx: Platform, input: NewOrganization): Promise<Account | undefined> {
  return 'accountId' in input ? findAccount(tx, input.accountId) : findAccountByAddress(tx, input.ownerEmail);
}

/** Counted in the trail, which remembers those that were deleted; the second of two at once waits for the first. */
async function mayMakeAnother(tx: Platform, actor: Actor): Promise<boolean> {
  if (actor.kind !== 'account') return true;
  await tx.db
    .$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`organizations of ${actor.id}`}, 0))`;
  const since = secondsAfter(tx.clock.now(), -86_400);
  const made = await countDeeds(tx, { actorId: actor.id, action: 'organization.created', since });
  return made < ORGANIZATIONS_A_DAY;
}

/** undefined when there is none, or when the id is not one. */
export async function findOrganization({ db }: Platform, id: string): Promise<Organization | undefined> {
  if (!UUID.test(id)) return undefined;
  return (await db.organization.findUnique({ where: { id }, select: { id: true, name: true } })) ?? undefined;
}

/** An organization as one of its members sees it in a list. */
export interface Membership {
  readonly organization: Organization;
  readonly role: Role;
}

/** The organizations of a person, by name. */
export async function organizationsOf({ db }: Platform, accountId: string): Promise<Membership[]> {
  const rows = await db.organizationMember.findMany({
    where: { accountId },
    select: { role: true, organization: { select: { id: true, name: true } } },
    orderBy: [{ organization: { name: 'asc' } }, { organizationId: 'asc' }],
    take: MOST_SHOWN,
  });
  return rows.map(({ role, organization }) => ({ organization, role: role as Role }));
}

const MOST_SHOWN = 200;

export interface ListedOrganization extends Organization {
  readonly members: number;
  readonly createdAt: Date;
}

const PAGE = 100;

/** All organizations, for operators: the oldest first, page by page. */
export async function listOrganizations(
  { db }: Platform,
  { after }: { after?: string | undefined } = {},
): Promise<{ readonly organizations: readonly ListedOrganization[]; readonly next: string | undefined }> {
  const rows = await db.organization.findMany({
    where: after && UUID.test(after) ? { id: { gt: after } } : {},
    select: { id: true, name: true, createdAt: true, _count: { select: { members: true } } },
    orderBy: { id: 'asc' },
    take: PAGE + 1,
  });
  const organizations = rows
    .slice(0, PAGE)
    .map(({ _count, ...organization }) => ({ ...organization, members: _count.members }));
  return { organizations, next: rows.length > PAGE ? organizations.at(-1)?.id : undefined };
}
