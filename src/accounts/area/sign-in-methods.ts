import type { Platform } from '../../platform/platform.ts';

/** Everything an account can prove itself with, without anything secret. */
export interface SignInMethods {
  /** Null for an account that has no password. */
  readonly passwordChangedAt: Date | null;
  readonly passkeys: readonly ListedPasskey[];
  readonly authenticators: readonly ListedAuthenticator[];
  readonly recoveryCodesLeft: number;
  readonly trustedBrowsers: readonly ListedTrustedBrowser[];
}

export interface ListedAuthenticator {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

export interface ListedPasskey extends ListedAuthenticator {
  /** Synced between the devices of its owner. */
  readonly backedUp: boolean;
}

export interface ListedTrustedBrowser {
  readonly id: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const NAMED = { id: true, name: true, createdAt: true, lastUsedAt: true } as const;
const OLDEST_FIRST = { id: 'asc' } as const;

export async function listSignInMethods({ db, clock }: Platform, accountId: string): Promise<SignInMethods> {
  const { password, passkeys, totp, recoveryCodes, trustedBrowsers } = await db.account.findUniqueOrThrow({
    where: { id: accountId },
    select: {
      password: { select: { changedAt: true } },
      passkeys: { select: { ...NAMED, backedUp: true }, orderBy: OLDEST_FIRST },
      totp: { select: NAMED, where: { confirmedAt: { not: null } }, orderBy: OLDEST_FIRST },
      recoveryCodes: { select: { id: true }, where: { usedAt: null } },
      trustedBrowsers: {
        select: { id: true, userAgent: true, createdAt: true, expiresAt: true },
        where: { expiresAt: { gt: clock.now() } },
        orderBy: OLDEST_FIRST,
      },
    },
  });
  return {
    passwordChangedAt: password?.changedAt ?? null,
    passkeys,
    authenticators: totp,
    recoveryCodesLeft: recoveryCodes.length,
    trustedBrowsers,
  };
}
