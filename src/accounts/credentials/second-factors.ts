import type { Platform } from '../../platform/platform.ts';
import { findStanding } from '../account.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';
import type { Acr } from '../sign-in/strength.ts';
import { voidRecoveryCodes } from './recovery-codes.ts';

/** With what an account can prove its second factor. Recovery codes are no factor, only a way back to one. */
export interface SecondFactors {
  readonly authenticators: number;
  readonly passkeys: number;
  readonly recoveryCodes: number;
  /** What the account proved last, to be asked for first. */
  readonly usedLast: 'authenticator' | 'passkey';
}

/** One statement: it runs in every sign-in. */
export async function secondFactorsOf({ db }: Platform, accountId: string): Promise<SecondFactors> {
  const [row] = await db.$queryRaw<(Omit<SecondFactors, 'usedLast'> & { passkeyLast: boolean })[]>`
    SELECT apps.number AS authenticators, keys.number AS passkeys, codes.number AS "recoveryCodes",
      keys.number > 0 AND (apps.number = 0 OR keys.last > COALESCE(apps.last, '-infinity')) AS "passkeyLast"
    FROM (SELECT count(*)::int AS number, max(last_used_at) AS last FROM totp_devices
        WHERE account_id = ${accountId}::uuid AND confirmed_at IS NOT NULL) apps,
      (SELECT count(*)::int AS number, max(last_used_at) AS last FROM passkeys
        WHERE account_id = ${accountId}::uuid) keys,
      (SELECT count(*)::int AS number FROM recovery_codes
        WHERE account_id = ${accountId}::uuid AND used_at IS NULL) codes`;
  if (!row) throw new Error('counting always answers a row');
  const { passkeyLast, ...counts } = row;
  return { ...counts, usedLast: passkeyLast ? 'passkey' : 'authenticator' };
}

/** The most that an account can prove with the factors it has. */
export function strongestAcr({ passkeys, authenticators }: SecondFactors): Acr {
  if (passkeys > 0) return 'phr';
  return authenticators > 0 ? 'aal2' : 'aal1';
}

/**
 * One change of an account's factors at a time: two removals must not each count on the other's factor. A sign-in that
 * begins meanwhile refers to the account and need not wait (NO KEY).
 */
export async function lockFactors({ db }: Platform, accountId: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR NO KEY UPDATE`;
}

/**
 * Whether one of the account's factors may go, after lockFactors in the same transaction: never the last one of an
 * account that has to have a second factor.
 */
export async function mayLoseFactor(tx: Platform, accountId: string): Promise<boolean> {
  const standing = await findStanding(tx, accountId);
  if (!standing?.needsSecondFactor) return true;
  const { authenticators, passkeys } = await secondFactorsOf(tx, accountId);
  return authenticators + passkeys > 1;
}

/** After a factor was removed: no browser is trusted any more, and without a factor there is nothing to recover. */
export async function tidyAfterLoss(tx: Platform, accountId: string): Promise<void> {
  await forgetTrustedBrowsers(tx, accountId);
  const { authenticators, passkeys } = await secondFactorsOf(tx, accountId);
  if (authenticators + passkeys === 0) await voidRecoveryCodes(tx, accountId);
}
