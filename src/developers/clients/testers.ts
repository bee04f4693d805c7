import type { Platform } from '../../platform/platform.ts';

/** Whether an account may use an app that is still in development: members of its organization and its testers may. */
export async function mayUseInDevelopment(
  { db }: Platform,
  clientId: string,
  accountId: string,
): Promise<boolean> {
  const [row] = await db.$queryRaw<{ allowed: boolean }[]>`
    SELECT EXISTS (SELECT FROM client_testers t WHERE t.client_id = ${clientId} AND t.account_id = ${accountId}::uuid)
        OR EXISTS (SELECT FROM clients c JOIN organization_members m ON m.organization_id = c.organization_id
                    WHERE c.id = ${clientId} AND m.account_id = ${accountId}::uuid) AS allowed`;
  return row?.allowed === true;
}
