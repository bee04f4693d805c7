import { type Account, findAccount } from '../../accounts/account.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Role } from './roles.ts';

/** The accounts that have one of these roles in an organization, the oldest member first. */
export async function membersAs(
  tx: Platform,
  organizationId: string,
  roles: readonly Role[],
): Promise<Account[]> {
  const members = await tx.db.organizationMember.findMany({
    where: { organizationId, role: { in: [...roles] } },
    orderBy: [{ createdAt: 'asc' }, { accountId: 'asc' }],
    select: { accountId: true },
  });
  const accounts: Account[] = [];
  for (const { accountId } of members) {
    const account = await findAccount(tx, accountId);
    if (account) accounts.push(account);
  }
  return accounts;
}
