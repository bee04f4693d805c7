import { secondsAfter } from '../platform/clock.ts';
import { forgetRows, type OldRows } from '../platform/database/forget-rows.ts';
import { digestOf, handleKind, type IssuedSecret, newHandle } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { FAILURES_OF_A_KNOWN_BROWSER } from './lockouts.ts';

const BROWSERS_AN_ACCOUNT = 20;

/** Seconds that the browser cookie lives, counted from the last sign-in: a year. */
export const BROWSER_COOKIE_SECONDS = 365 * 86_400;

/**
 * Remembers that this browser proved both factors of the account; only then does it get a failure counter of its own.
 * A cookie value that was not known for this account before is replaced, and the new value returned, because whoever
 * planted it would otherwise share the counter. What the old value was known for moves to the new one.
 */
export async function noteKnownBrowser(
  platform: Platform,
  { accountId, browser }: { accountId: string; browser: string | undefined },
): Promise<IssuedSecret | undefined> {
  return inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    const old = handleKind(browser) === 'browser' ? digestOf(browser as string) : undefined;
    if (old && (await renewCounter(tx, old, accountId))) return undefined;
    const secret = newHandle('browser', now);
    const digest = digestOf(secret);
    if (old) {
      await tx.db.knownBrowser.deleteMany({ where: { digest: old, accountId } });
      await tx.db.knownBrowser.updateMany({ where: { digest: old }, data: { digest } });
    }
    await tx.db.knownBrowser.create({
      data: { digest, accountId, nextAllowedAt: now, createdAt: now, lastUsedAt: now },
    });
    await forgetSurplus(tx, accountId);
    return { secret };
  });
}

/** True for a browser that proved both factors of this account before and has not lost that by failing since. */
export async function isKnownBrowser(
  { db }: Platform,
  { accountId, browser }: { accountId: string; browser: string | undefined },
): Promise<boolean> {
  if (handleKind(browser) !== 'browser') return false;
  const where = {
    digest: digestOf(browser as string),
    accountId,
    failures: { lt: FAILURES_OF_A_KNOWN_BROWSER },
  };
  return (await db.knownBrowser.count({ where })) > 0;
}

/** The digest of a browser's cookie where some account knows that browser. */
export async function browserKnownToAnybody(
  { db }: Platform,
  browser: string | undefined,
): Promise<Buffer | undefined> {
  if (browser === undefined || handleKind(browser) !== 'browser') return undefined;
  const digest = digestOf(browser);
  const found = await db.knownBrowser.findFirst({ where: { digest }, select: { digest: true } });
  return found ? digest : undefined;
}

/** Forgets every browser of an account, in the transaction of the reset that makes them all strangers again. */
export async function forgetBrowsers({ db }: Platform, accountId: string): Promise<number> {
  const { count } = await db.knownBrowser.deleteMany({ where: { accountId } });
  return count;
}

/** Job: a browser that was not used for a year is forgotten. */
export function forgetUnusedBrowsers(platform: Platform): Promise<number> {
  return forgetRows(platform, UNUSED, secondsAfter(platform.clock.now(), -BROWSER_COOKIE_SECONDS));
}

const UNUSED: OldRows = { table: 'known_browsers', where: 'last_used_at < $1' };

async function renewCounter(
  { db, clock }: Platform,
  digest: Buffer<ArrayBuffer>,
  accountId: string,
): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.knownBrowser.updateMany({
    where: { digest, accountId, failures: { lt: FAILURES_OF_A_KNOWN_BROWSER } },
    data: { failures: 0, nextAllowedAt: now, lastUsedAt: now },
  });
  return count === 1;
}

async function forgetSurplus({ db }: Platform, accountId: string): Promise<void> {
  await db.$executeRaw`
    DELETE FROM known_browsers WHERE account_id = ${accountId}::uuid AND digest IN (
      SELECT digest FROM known_browsers WHERE account_id = ${accountId}::uuid
      ORDER BY last_used_at DESC, created_at DESC OFFSET ${BROWSERS_AN_ACCOUNT})`;
}
