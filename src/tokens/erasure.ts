import type { Platform } from '../platform/platform.ts';
import { revokeGrantsOfAccount } from './revocation.ts';

/**
 * Forgets what an account that is being erased ever allowed. Its grants are ended, without the device and the name
 * somebody gave them, and swept with the tokens that name them; those rows know ids alone.
 */
export async function eraseHoldings(tx: Platform, accountId: string): Promise<void> {
  await tx.db.consent.deleteMany({ where: { accountId } });
  await revokeGrantsOfAccount(tx, accountId);
  await tx.db.grant.updateMany({ where: { accountId }, data: { userAgent: null, name: null } });
}
