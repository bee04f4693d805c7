import { accountsNamed } from '../../accounts/account.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Role } from './roles.ts';

/** A member as the others see them. */
export interface ListedMember {
  readonly accountId: string;
  /** Empty where the account was erased a moment ago. */
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly since: Date;
}

const PAGE = 100;

/** The members of an organization, page by page by the ids of their accounts; `next` is where the next page begins. */
export async function listMembers(
  platform: Platform,
  { organizationId, after }: { organizationId: string; after?: string | undefined },
): Promise<{ readonly members: readonly ListedMember[]; readonly next: string | undefined }> {
  const rows = await platform.db.organizationMember.findMany({
    where: { organizationId, ...(after && { accountId: { gt: after } }) },
    orderBy: { accountId: 'asc' },
    take: PAGE + 1,
  });
  const page = rows.slice(0, PAGE);
  const people = await accountsNamed(
    platform,
    page.map(({ accountId }) => accountId),
  );
  const members = page.map(({ accountId, role, createdAt }) => ({
    ...{ accountId, role: role as Role, since: createdAt },
    ...{ name: people.get(accountId)?.name ?? '', email: people.get(accountId)?.email ?? '' },
  }));
  return { members, next: rows.length > PAGE ? page.at(-1)?.accountId : undefined };
}

/** One member of this organization and no other. */
export async function findMemberOf(
  platform: Platform,
  place: { readonly organizationId: string; readonly accountId: string },
): Promise<ListedMember | undefined> {
  if (!UUID.test(place.accountId)) return undefined;
  const row = await platform.db.organizationMember.findUnique({
    where: { organizationId_accountId: place },
  });
  if (!row) return undefined;
  const person = (await accountsNamed(platform, [place.accountId])).get(place.accountId);
  const { name = '', email = '' } = person ?? {};
  return { accountId: row.accountId, name, email, role: row.role as Role, since: row.createdAt };
}
