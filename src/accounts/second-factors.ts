import type { Platform } from '../platform/platform.ts';
import { findStanding } from './account.ts';
import { countRecoveryCodes, voidRecoveryCodes } from './credentials/recovery-codes.ts';
import type { Acr } from './strength.ts';
import { forgetTrustedBrowsers } from './trusted-browsers.ts';

/** With what an account can prove its second factor. Recovery codes are no factor, only a way back to one. */
export interface SecondFactors {
  readonly authenticators: number;
  readonly passkeys: number;
  readonly recoveryCodes: number;
  /** What the account proved last, to be asked for first. */
  readonly usedLast: 'authenticator' | 'passkey';
}

export async function secondFactorsOf(platform: Platform, accountId: string): Promise<SecondFactors> {
  const { db } = platform;
  const [totp, passkey, recoveryCodes] = await Promise.all([
    db.totpDevice.aggregate({
      where: { accountId, confirmedAt: { not: null } },
      _count: true,
      _max: { lastUsedAt: true },
    }),
    db.passkey.aggregate({ where: { accountId }, _count: true, _max: { lastUsedAt: true } }),
    countRecoveryCodes(platform, accountId),
  ]);
  const [byApp, byPasskey] = [totp._max.lastUsedAt?.getTime() ?? 0, passkey._max.lastUsedAt?.getTime() ?? 0];
  const passkeyFirst = passkey._count > 0 && (totp._count === 0 || byPasskey > byApp);
  return {
    authenticators: totp._count,
    passkeys: passkey._count,
    recoveryCodes,
    usedLast: passkeyFirst ? 'passkey' : 'authenticator',
  };
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
