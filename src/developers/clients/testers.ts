import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
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

/** Lets somebody use an app in development, who accepted an invitation. Once added, they stay so however often. */
export async function addTester(
  tx: Platform,
  actor: Actor,
  { clientId, accountId }: { clientId: string; accountId: string },
): Promise<void> {
  const { count } = await tx.db.clientTester.createMany({
    data: [{ clientId, accountId, createdAt: tx.clock.now() }],
    skipDuplicates: true,
  });
  if (count === 0) return;
  await recordEvent(
    tx,
    actor,
    'client-tester.added',
    { kind: 'client', id: clientId },
    { account: accountId },
  );
}
