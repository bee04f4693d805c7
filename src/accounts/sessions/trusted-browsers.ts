import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import {
  digestOf,
  handleKind,
  type IssuedSecret,
  newHandle,
  sameBytes,
} from '../../platform/crypto/secrets.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Account, findAccount } from '../account.ts';
import { sendTrustedBrowserVoided } from '../credentials/factor-letters.ts';
import { TRUSTED_BROWSERS } from '../policy.ts';
import { sameMake } from './device-in-words.ts';

/** A browser that skips the second factor at sign-in, as its owner sees it. */
export interface TrustedBrowser {
  readonly id: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Thirty days, however often it is used. */
export const TRUSTED_BROWSER_SECONDS = 30 * 86_400;

/** A form sent twice presents its value twice: within this time that is no theft. */
const DOUBLE_SUBMIT_SECONDS = 10;
const BROWSERS_AN_ACCOUNT = 20;

/** Whether this account may skip its second factor on browsers it trusts: only where operators allow it, and never they. */
export function admitsTrust({ settings }: Platform, { operator }: Pick<Account, 'operator'>): boolean {
  return settings.get(TRUSTED_BROWSERS) && !operator;
}

/**
 * Trusts a browser of this account from now on, in the transaction that proved its second factor. The value is
 * `<id>.<handle>`: the id names the family, the handle changes at every use.
 */
export async function trustBrowser(
  tx: Platform,
  actor: Actor,
  { accountId, userAgent }: { accountId: string; userAgent: string },
): Promise<IssuedSecret> {
  const { db, clock } = tx;
  const now = clock.now();
  const id = newId();
  const handle = newHandle('trusted', now);
  await db.trustedBrowser.create({
    data: {
      id,
      accountId,
      digest: digestOf(handle),
      rotatedAt: now,
      createdAt: now,
      expiresAt: secondsAfter(now, TRUSTED_BROWSER_SECONDS),
      userAgent: userAgent.slice(0, 300),
    },
  });
  await forgetSurplus(tx, accountId);
  await recordEvent(tx, actor, 'trusted-browser.added', { kind: 'trusted-browser', id }, { accountId });
  return { secret: `${id}.${handle}` };
}

/**
 * Whether this browser may skip the second factor of this account, and the value it has from now on. One conditional
 * statement takes the value, so that it serves once. A value from before the last one was stolen or restored from a
 * copy: it ends the trust, with a letter. On another make of browser it is nothing (D03).
 */
export async function useTrustedBrowser(
  platform: Platform,
  actor: Actor,
  { accountId, value, userAgent }: { accountId: string; value: string | undefined; userAgent: string },
): Promise<IssuedSecret | undefined> {
  const presented = presentedBy(value);
  if (!presented) return undefined;
  const { id, digest } = presented;
  return inTransaction(platform, async (tx) => {
    const trusted = await tx.db.trustedBrowser.findFirst({ where: { id, accountId } });
    if (!trusted || !sameMake(trusted.userAgent, userAgent)) return undefined;
    const now = tx.clock.now();
    const handle = newHandle('trusted', now);
    const { count } = await tx.db.trustedBrowser.updateMany({
      where: { id, accountId, digest, expiresAt: { gt: now } },
      data: { digest: digestOf(handle), previousDigest: digest, rotatedAt: now },
    });
    if (count === 1) return { secret: `${id}.${handle}` };
    await voidIfStolen(tx, actor, { id, accountId, digest });
    return undefined;
  });
}

/** Whether this browser is spared the second factor of this account, without using that up. */
export async function isTrustedBrowser(
  { db, clock }: Platform,
  { accountId, value, userAgent }: { accountId: string; value: string | undefined; userAgent: string },
): Promise<boolean> {
  const presented = presentedBy(value);
  if (!presented) return false;
  const where = { ...presented, accountId, expiresAt: { gt: clock.now() } };
  const trusted = await db.trustedBrowser.findFirst({ where });
  return trusted !== null && sameMake(trusted.userAgent, userAgent);
}

/** The browsers that an account trusts, newest first. */
export function listTrustedBrowsers(
  { db, clock }: Platform,
  accountId: string,
): Promise<readonly TrustedBrowser[]> {
  return db.trustedBrowser.findMany({
    where: { accountId, expiresAt: { gt: clock.now() } },
    select: { id: true, userAgent: true, createdAt: true, expiresAt: true },
    orderBy: { createdAt: 'desc' },
  });
}

/** Asks that browser again from now on. False where the account trusts no such browser. */
export async function removeTrustedBrowser(
  platform: Platform,
  actor: Actor,
  { accountId, id }: { accountId: string; id: string },
): Promise<boolean> {
  if (!UUID.test(id)) return false;
  return inTransaction(platform, async (tx) => {
    const { count } = await tx.db.trustedBrowser.deleteMany({ where: { id, accountId } });
    if (count === 0) return false;
    await recordEvent(tx, actor, 'trusted-browser.removed', { kind: 'trusted-browser', id }, { accountId });
    return true;
  });
}

/** Asks every browser of an account again: its password or a factor changed, or was reset. */
export async function forgetTrustedBrowsers({ db }: Platform, accountId: string): Promise<number> {
  const { count } = await db.trustedBrowser.deleteMany({ where: { accountId } });
  return count;
}

/** Job: forgets what has run out. */
export async function sweepTrustedBrowsers({ db, clock }: Platform): Promise<number> {
  const { count } = await db.trustedBrowser.deleteMany({ where: { expiresAt: { lte: clock.now() } } });
  return count;
}

function presentedBy(value: string | undefined): { id: string; digest: Buffer<ArrayBuffer> } | undefined {
  const [id = '', handle = ''] = value?.split('.', 2) ?? [];
  return UUID.test(id) && handleKind(handle) === 'trusted' ? { id, digest: digestOf(handle) } : undefined;
}

async function voidIfStolen(
  tx: Platform,
  actor: Actor,
  { id, accountId, digest }: { id: string; accountId: string; digest: Buffer<ArrayBuffer> },
): Promise<void> {
  const now = tx.clock.now();
  const row = await tx.db.trustedBrowser.findFirst({ where: { id, accountId, expiresAt: { gt: now } } });
  if (!row) return;
  const wasLast = row.previousDigest !== null && sameBytes(row.previousDigest, digest);
  if (wasLast && secondsAfter(row.rotatedAt, DOUBLE_SUBMIT_SECONDS) >= now) return;
  const { count } = await tx.db.trustedBrowser.deleteMany({ where: { id } });
  const account = count === 1 ? await findAccount(tx, accountId) : undefined;
  if (!account) return;
  await sendTrustedBrowserVoided(tx, account);
  await recordEvent(tx, actor, 'trusted-browser.voided', { kind: 'trusted-browser', id }, { accountId });
}

async function forgetSurplus({ db }: Platform, accountId: string): Promise<void> {
  await db.$executeRaw`
    DELETE FROM trusted_browsers WHERE account_id = ${accountId}::uuid AND id IN (
      SELECT id FROM trusted_browsers WHERE account_id = ${accountId}::uuid
      ORDER BY created_at DESC, id DESC OFFSET ${BROWSERS_AN_ACCOUNT})`;
}
