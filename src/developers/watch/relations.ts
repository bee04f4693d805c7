import { accountsBefore } from '../../accounts/account.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';

/** Whoever wants to look like many people has to wait so long. */
const ESTABLISHED_SECONDS = 7 * 86_400;

/**
 * How many of these accounts stand for themselves. Members of one organization count as one, members of the client's
 * own not at all, and everybody who signed up within a week together as one: so nobody becomes many to hurt an app.
 */
export async function unrelatedAccounts(
  platform: Platform,
  clientId: string,
  accountIds: readonly string[],
): Promise<number> {
  const before = secondsAfter(platform.clock.now(), -ESTABLISHED_SECONDS);
  const established = await accountsBefore(platform, accountIds, before);
  const rows = await platform.db.$queryRaw<{ accountId: string; organizations: string[]; own: boolean }[]>`
    SELECT m.account_id::text AS "accountId", array_agg(m.organization_id::text) AS organizations,
           bool_or(m.organization_id = (SELECT organization_id FROM clients WHERE id = ${clientId})) AS own
      FROM organization_members m WHERE m.account_id = ANY(${accountIds}::uuid[]) GROUP BY 1`;
  const memberships = new Map(rows.map((row) => [row.accountId, row]));
  const counted = [...established].filter((id) => memberships.get(id)?.own !== true);
  const newcomers = established.size < accountIds.length ? 1 : 0;
  return groupsAmong(counted.map((id) => memberships.get(id)?.organizations ?? [])) + newcomers;
}

/** How many groups there are where whoever shares an organization is in one. */
export function groupsAmong(people: readonly (readonly string[])[]): number {
  const leader = new Map<string, string>();
  const find = (id: string): string => {
    const next = leader.get(id) ?? id;
    return next === id ? id : find(next);
  };
  for (const [first, ...others] of people) {
    if (first !== undefined) leader.set(find(first), find(first));
    for (const other of others) leader.set(find(other), find(first as string));
  }
  const alone = people.filter((organizations) => organizations.length === 0).length;
  return alone + new Set(people.flat().map(find)).size;
}

/** Clients that did anything within a day. */
export async function activeClients({ db, clock }: Platform): Promise<number> {
  const since = secondsAfter(clock.now(), -86_400);
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM client_baselines WHERE updated_at > ${since}`;
  return row?.count ?? 0;
}
