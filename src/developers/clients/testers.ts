import { findAccount } from '../../accounts/account.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppOf, holdApp } from './hold-app.ts';

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

/** Whether an app belongs to an organization that the account is a member of. */
export async function isOwnApp({ db }: Platform, clientId: string, accountId: string): Promise<boolean> {
  const members = { some: { accountId } };
  return (await db.client.count({ where: { id: clientId, organization: { members } } })) > 0;
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

/** Somebody who may use an app in development without being a member. */
export interface Tester {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly since: Date;
}

/** The testers of an app, the newest first; whoever closed their account is gone. */
export async function listTesters(platform: Platform, clientId: string): Promise<Tester[]> {
  const rows = await platform.db.clientTester.findMany({
    where: { clientId },
    orderBy: { createdAt: 'desc' },
    take: MOST_SHOWN,
  });
  const accounts = await Promise.all(rows.map(({ accountId }) => findAccount(platform, accountId)));
  return rows.flatMap(({ accountId, createdAt: since }, i) => {
    const account = accounts[i];
    return account ? [{ accountId, email: account.email, name: account.name, since }] : [];
  });
}

const MOST_SHOWN = 200;

/** Takes a tester's way in away, at their next request. False where there was none. */
export async function removeTester(
  platform: Platform,
  actor: Actor,
  { accountId, ...of }: AppOf & { readonly accountId: string },
): Promise<boolean> {
  if (!UUID.test(accountId)) return false;
  return inTransaction(platform, async (tx) => {
    const app = await holdApp(tx, of);
    if (!app) return false;
    const { count } = await tx.db.clientTester.deleteMany({ where: { clientId: app.id, accountId } });
    if (count === 0) return false;
    const target = { kind: 'client', id: app.id };
    await recordEvent(tx, actor, 'client-tester.removed', target, { account: accountId });
    return true;
  });
}
