import { findAccountByAddress } from '../../accounts/account.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { namedLike } from '../name-words.ts';

/** An organization as operators find it. */
export interface FoundOrganization {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly members: number;
  readonly apps: number;
  readonly apis: number;
}

export interface FoundOrganizations {
  readonly organizations: readonly FoundOrganization[];
  /** Where the next page begins: pass it as `before`. */
  readonly next: string | undefined;
}

const PAGE = 50;

export interface OrganizationSearch {
  /** Beginnings of words of their name, their ID, or the exact address of a member, which finds nobody by half of it. */
  readonly wish?: string | undefined;
  /** The account of a member. */
  readonly memberId?: string | undefined;
  readonly before?: string | undefined;
}

/** Organizations for operators, the newest first: all of them without a wish. */
export async function searchOrganizations(
  platform: Platform,
  { wish = '', memberId, before }: OrganizationSearch,
): Promise<FoundOrganizations> {
  const meant = memberId === undefined ? await whichOf(platform, wish.trim()) : havingMember(memberId);
  const older = before && UUID.test(before) ? Prisma.sql`WHERE o.id < ${before}::uuid` : Prisma.empty;
  const rows = await platform.db.$queryRaw<FoundOrganization[]>`
    WITH page AS (SELECT o.id FROM (${meant}) o ${older} ORDER BY o.id DESC LIMIT ${PAGE + 1})
    SELECT o.id::text, o.name, o.created_at AS "createdAt",
      (SELECT count(*)::int FROM organization_members WHERE organization_id = o.id) AS members,
      (SELECT count(*)::int FROM clients WHERE organization_id = o.id) AS apps,
      (SELECT count(*)::int FROM apis WHERE organization_id = o.id) AS apis
    FROM page JOIN organizations o USING (id) ORDER BY o.id DESC`;
  const organizations = rows.slice(0, PAGE);
  return { organizations, next: rows.length > PAGE ? organizations.at(-1)?.id : undefined };
}

/** A query for their ids. */
async function whichOf(platform: Platform, wish: string): Promise<Prisma.Sql> {
  if (wish === '') return Prisma.sql`SELECT id FROM organizations`;
  if (UUID.test(wish.toLowerCase())) return Prisma.sql`SELECT ${wish.toLowerCase()}::uuid AS id`;
  if (!wish.includes('@')) return namedLike('organizations', wish);
  const account = await findAccountByAddress(platform, wish);
  return havingMember(account?.id ?? '');
}

function havingMember(accountId: string): Prisma.Sql {
  const id = UUID.test(accountId) ? accountId : null;
  return Prisma.sql`SELECT organization_id AS id FROM organization_members WHERE account_id = ${id}::uuid`;
}

/** An organization with when it was made; undefined where there is none. */
export async function findOrganizationFacts(
  { db }: Platform,
  id: string,
): Promise<{ readonly id: string; readonly name: string; readonly createdAt: Date } | undefined> {
  if (!UUID.test(id)) return undefined;
  return (await db.organization.findUnique({ where: { id } })) ?? undefined;
}
