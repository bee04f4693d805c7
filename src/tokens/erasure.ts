import type { Platform } from '../platform/platform.ts';
import { holdingsOf } from './holdings.ts';
import { revokeGrantsOfAccount } from './revocation.ts';

/**
 * Forgets what an account that is being erased ever allowed. Its grants are ended, without the device and the name
 * somebody gave them, and swept with the tokens that name them; those rows know ids alone. Answers at which APIs it had
 * allowed something.
 */
export async function eraseHoldings(tx: Platform, accountId: string): Promise<string[]> {
  const holdings = await holdingsOf(tx, accountId, tx.clock.now());
  await tx.db.consent.deleteMany({ where: { accountId } });
  await revokeGrantsOfAccount(tx, accountId);
  await tx.db.grant.updateMany({ where: { accountId }, data: { userAgent: null, name: null } });
  return [...new Set(holdings.map(({ resource }) => resource))];
}
