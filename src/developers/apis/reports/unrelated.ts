import type { Platform } from '../../../platform/platform.ts';

/**
 * How many of these organizations stand for themselves: those with a member in common count as one, and whoever shares
 * one with the client's own organization, or is it, does not count. So nobody becomes several by registering often.
 */
export async function unrelatedAmong(
  db: Platform['db'],
  organizationIds: readonly string[],
  clientId: string,
): Promise<number> {
  const rows = await db.$queryRaw<{ organizationId: string; accountId: string | null; own: boolean }[]>`
    SELECT o.id::text AS "organizationId", m.account_id::text AS "accountId", o.id = c.organization_id AS own
      FROM clients c JOIN organizations o ON o.id = c.organization_id OR o.id = ANY (${organizationIds}::uuid[])
      LEFT JOIN organization_members m ON m.organization_id = o.id
     WHERE c.id = ${clientId}`;
  const own = new Set(rows.filter((row) => row.own).map(({ organizationId }) => organizationId));
  const members = new Map<string, Set<string>>();
  for (const { organizationId, accountId } of rows) {
    const known = members.get(organizationId) ?? new Set();
    if (accountId !== null) known.add(accountId);
    members.set(organizationId, known);
  }
  const groups = groupsOf(members);
  return groups.filter((group) => !group.some((id) => own.has(id))).length;
}

/** Organizations joined by members, each in one group. */
function groupsOf(members: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  let groups: { ids: string[]; people: Set<string> }[] = [];
  for (const [id, people] of members) {
    const joined = groups.filter((group) => !group.people.isDisjointFrom(people));
    const ids = [id, ...joined.flatMap((group) => group.ids)];
    const everybody = new Set([...people, ...joined.flatMap((group) => [...group.people])]);
    groups = [...groups.filter((group) => !joined.includes(group)), { ids, people: everybody }];
  }
  return groups.map(({ ids }) => ids);
}
