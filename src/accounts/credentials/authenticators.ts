import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';
import { sendFactorChanged } from './factor-letters.ts';
import type { IssuedRecoveryCodes } from './recovery-codes.ts';
import { firstRecoveryCodes } from './renew-recovery-codes.ts';
import { lockFactors, mayLoseFactor, tidyAfterLoss } from './second-factors.ts';
import {
  activateDevice,
  createPendingDevice,
  findPendingDevice,
  type IssuedSeed,
  matchingStep,
} from './totp.ts';

/** An authenticator app of an account, as its owner sees it: never its seed. */
export interface Authenticator {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

export type OfferedAuthenticator =
  | ({ readonly ok: true } & IssuedSeed)
  | { readonly ok: false; readonly reason: 'too-many' };

export type AddedAuthenticator =
  | ({ readonly ok: true; readonly id: string } & Partial<IssuedRecoveryCodes>)
  | { readonly ok: false; readonly reason: 'too-many' | 'not-offered' | 'wrong-code' };

export type RemovedAuthenticator =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not-found' | 'last-factor' | 'session-over' };

/**
 * A code is compared with every device: with five, and two steps each, the hundred guesses of a day succeed once in a
 * thousand days (C19).
 */
export const MOST_AUTHENTICATORS = 5;

/** The active authenticator apps of an account, oldest first. */
export function listAuthenticators({ db }: Platform, accountId: string): Promise<readonly Authenticator[]> {
  return db.totpDevice.findMany({
    where: { accountId, confirmedAt: { not: null } },
    select: { id: true, name: true, createdAt: true, lastUsedAt: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
}

/** One of them; undefined where it is somebody else's, as where there is none. */
export async function findAuthenticator(
  { db }: Platform,
  { accountId, id }: { accountId: string; id: string },
): Promise<Authenticator | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await db.totpDevice.findFirst({
    where: { id, accountId, confirmedAt: { not: null } },
    select: { id: true, name: true, createdAt: true, lastUsedAt: true },
  });
  return row ?? undefined;
}

/** The seed for one more authenticator, for the eyes of this session alone until it is confirmed. */
export async function offerAuthenticator(
  platform: Platform,
  actor: Actor,
  { account, sessionId }: { account: Account; sessionId: string },
): Promise<OfferedAuthenticator> {
  const { id: accountId, email } = account;
  return inTransaction(platform, async (tx) => {
    if ((await countActive(tx, accountId)) >= MOST_AUTHENTICATORS) return { ok: false, reason: 'too-many' };
    const offered = await findPendingDevice(tx, { email, sessionId });
    if (offered) return { ok: true, ...offered };
    const seed = await createPendingDevice(tx, { accountId, email, sessionId });
    const target = { kind: 'totp-device', id: seed.deviceId };
    await recordEvent(tx, actor, 'totp-device.offered', target, { accountId });
    return { ok: true, ...seed };
  });
}

/** Makes the offered authenticator one of the account's, with one code of it. Recovery codes come along where it had none. */
export async function addAuthenticator(
  platform: Platform,
  actor: Actor,
  input: { account: Account; sessionId: string; name: string; code: string },
): Promise<AddedAuthenticator> {
  const { account, sessionId, code, name } = input;
  const { id: accountId, email } = account;
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    // Whoever ends this session, because it was stolen, leaves no authenticator of it behind.
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'not-offered' };
    if ((await countActive(tx, accountId)) >= MOST_AUTHENTICATORS) return { ok: false, reason: 'too-many' };
    const device = await findPendingDevice(tx, { email, sessionId });
    if (!device) return { ok: false, reason: 'not-offered' };
    const step = matchingStep(device.seed, code, tx.clock.now());
    if (step === undefined) return { ok: false, reason: 'wrong-code' };
    await activateDevice(tx, { accountId, deviceId: device.deviceId, step, name });
    await forgetTrustedBrowsers(tx, accountId);
    await sendFactorChanged(tx, { account, change: 'authenticator-added', name });
    const target = { kind: 'totp-device', id: device.deviceId };
    await recordEvent(tx, actor, 'totp-device.added', target, { accountId });
    return { ok: true, id: device.deviceId, ...(await firstRecoveryCodes(tx, actor, accountId)) };
  });
}

/** False where the account has no such authenticator. */
export async function renameAuthenticator(
  platform: Platform,
  actor: Actor,
  { accountId, id, name }: { accountId: string; id: string; name: string },
): Promise<boolean> {
  if (!UUID.test(id)) return false;
  return inTransaction(platform, async (tx) => {
    const where = { id, accountId, confirmedAt: { not: null } };
    const { count } = await tx.db.totpDevice.updateMany({ where, data: { name } });
    if (count === 0) return false;
    await recordEvent(tx, actor, 'totp-device.renamed', { kind: 'totp-device', id }, { accountId });
    return true;
  });
}

/** Removes an authenticator, unless the account would be left without the second factor it has to have. */
export async function removeAuthenticator(
  platform: Platform,
  actor: Actor,
  { account, id, sessionId }: { account: Account; id: string; sessionId: string },
): Promise<RemovedAuthenticator> {
  const { id: accountId } = account;
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'session-over' };
    const found = await findAuthenticator(tx, { accountId, id });
    if (!found) return { ok: false, reason: 'not-found' };
    if (!(await mayLoseFactor(tx, accountId))) return { ok: false, reason: 'last-factor' };
    await tx.db.totpDevice.delete({ where: { id } });
    await tidyAfterLoss(tx, accountId);
    await sendFactorChanged(tx, { account, change: 'authenticator-removed', name: found.name });
    await recordEvent(tx, actor, 'totp-device.removed', { kind: 'totp-device', id }, { accountId });
    return { ok: true };
  });
}

function countActive({ db }: Platform, accountId: string): Promise<number> {
  return db.totpDevice.count({ where: { accountId, confirmedAt: { not: null } } });
}
