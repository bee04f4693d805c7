import type { Platform } from '../../platform/platform.ts';

/**
 * How many second factors an account has: authenticator apps and passkeys. Call it in the transaction that removes
 * one: of two removals at the same time the second waits here until the first is done, and then counts without it.
 */
export async function remainingFactors(tx: Platform, accountId: string): Promise<number> {
  await tx.db.$queryRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR UPDATE`;
  const apps = await tx.db.totpDevice.count({ where: { accountId, confirmedAt: { not: null } } });
  return apps + (await tx.db.passkey.count({ where: { accountId } }));
}
