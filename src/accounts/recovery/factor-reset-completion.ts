import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { revokeGrantsOfAccount } from '../../tokens/revocation.ts';
import type { Account } from '../account.ts';
import { sendResetCompleted } from '../credentials/factor-letters.ts';
import { type IssuedRecoveryCodes, voidRecoveryCodes } from '../credentials/recovery-codes.ts';
import { issueRecoveryCodes } from '../credentials/renew-recovery-codes.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import {
  activateDevice,
  createPendingDevice,
  findPendingDevice,
  type IssuedSeed,
  matchingStep,
} from '../credentials/totp.ts';
import { consumeMailCode } from '../mail-codes.ts';
import type { HalfSession } from '../sessions/sessions.ts';
import { completeSignIn, type SignedIn, type SignInCompletion } from '../sign-in/sign-in.ts';
import { refusesSlowReset, waitingFactorReset } from './factor-reset.ts';
import { judgeResetCode, type ResetCodeFailure } from './factor-reset-codes.ts';
import { shutEverybodyOut } from './shut-out.ts';

/** Days for which no secret, redirect or ownership may change after a reset: whoever did it may not be the owner. */
const FROZEN_DAYS = 7;

type NotDue = { readonly ok: false; readonly reason: 'not-due' };

export type ProvenMailbox = { readonly ok: true } | NotDue | ResetCodeFailure;

export type CompletedReset =
  | ({ readonly ok: true } & SignedIn & IssuedRecoveryCodes)
  | NotDue
  | { readonly ok: false; readonly reason: 'wrong-code' | 'session-over' };

/** Whether a reset of this account has waited long enough, and may still be completed. */
export async function isResetDue(platform: Platform, account: Account): Promise<boolean> {
  const reset = await waitingFactorReset(platform, account.id);
  if (!reset || reset.dueAt > platform.clock.now()) return false;
  return !(await refusesSlowReset(platform, account));
}

/**
 * After the wait: a fresh code from the mailbox, typed into a browser that has just proven the password. From now on
 * that half session, and no other, has a seed to set up. Nothing of the account has changed yet.
 */
export async function proveMailbox(
  platform: Platform,
  actor: Actor,
  input: { half: HalfSession; account: Account; browser: string | undefined; code: string },
): Promise<ProvenMailbox> {
  const { half, account } = input;
  if (!(await isResetDue(platform, account))) return { ok: false, reason: 'not-due' };
  const judgement = await judgeResetCode(platform, actor, input);
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeMailCode(tx, judgement.codeId))) return { ok: false, reason: 'no-code' };
    const { id: accountId, email } = account;
    const seed = await createPendingDevice(tx, { accountId, email, sessionId: half.id });
    const target = { kind: 'totp-device', id: seed.deviceId };
    await recordEvent(tx, actor, 'totp-device.offered', target, { accountId });
    return { ok: true };
  });
}

/** The seed of a half session that typed the code of its letter; undefined for every other. */
export async function resetSeed(
  platform: Platform,
  { half, account }: { half: HalfSession; account: Account },
): Promise<IssuedSeed | undefined> {
  if (!(await isResetDue(platform, account))) return undefined;
  return findPendingDevice(platform, { email: account.email, sessionId: half.id });
}

/**
 * Completes the reset with a code of the new authenticator, all in one transaction: every old factor and every open
 * door of the account goes, and it is frozen for a week. The old factors go first: whoever proves one at this moment
 * is waited for, and has then cancelled the reset.
 */
export async function completeFactorReset(
  platform: Platform,
  actor: Actor,
  input: Omit<SignInCompletion, 'factor'> & { account: Account; code: string },
): Promise<CompletedReset> {
  const { half, account, code } = input;
  return inTransaction(platform, async (tx): Promise<CompletedReset> => {
    await lockFactors(tx, account.id);
    const device = await resetSeed(tx, { half, account });
    if (!device) return { ok: false, reason: 'not-due' };
    const step = matchingStep(device.seed, code, tx.clock.now());
    if (step === undefined) return { ok: false, reason: 'wrong-code' };
    await removeFactors(tx, account.id);
    const resetId = await spendReset(tx, account.id);
    await closeEveryDoor(tx, actor, { accountId: account.id, except: half.id });
    await activateDevice(tx, { accountId: account.id, deviceId: device.deviceId, step });
    const issued = await issueRecoveryCodes(tx, actor, account.id);
    // The session that this browser had, if any, has just ended with the others.
    const signedIn = await completeSignIn(tx, actor, { ...input, previous: undefined, factor: 'otp' });
    if (!signedIn) throw new Interrupted('session-over');
    await sendResetCompleted(tx, account, FROZEN_DAYS);
    const details = { accountId: account.id, frozenDays: FROZEN_DAYS };
    await recordEvent(tx, actor, 'factor-reset.completed', { kind: 'factor-reset', id: resetId }, details);
    return { ok: true, ...signedIn, ...issued };
  }).catch((error: unknown) => {
    if (error instanceof Interrupted) return { ok: false, reason: error.reason };
    throw error;
  });
}

/** Rolls everything back. */
class Interrupted extends Error {
  readonly reason: 'not-due' | 'session-over';

  constructor(reason: 'not-due' | 'session-over') {
    super(reason);
    this.reason = reason;
  }
}

/** Takes every second factor from an account, in the open transaction. */
export async function removeFactors(tx: Platform, accountId: string): Promise<void> {
  await tx.db.totpDevice.deleteMany({ where: { accountId, confirmedAt: { not: null } } });
  await tx.db.passkey.deleteMany({ where: { accountId } });
  await voidRecoveryCodes(tx, accountId);
}

async function spendReset({ db, clock }: Platform, accountId: string): Promise<string> {
  const now = clock.now();
  const [row] = await db.factorReset.updateManyAndReturn({
    where: { accountId, cancelledAt: null, completedAt: null, dueAt: { lte: now }, expiresAt: { gt: now } },
    data: { completedAt: now },
  });
  if (!row) throw new Interrupted('not-due');
  return row.id;
}

/** Ends whatever the account is open in but `except`, and freezes what apps depend on for a week. */
export async function closeEveryDoor(
  tx: Platform,
  actor: Actor,
  { accountId, except }: { accountId: string; except?: string },
): Promise<void> {
  await shutEverybodyOut(tx, actor, accountId, { except });
  await revokeGrantsOfAccount(tx, accountId);
  const now = tx.clock.now();
  const frozenUntil = secondsAfter(now, FROZEN_DAYS * 86_400);
  await tx.db.account.update({ where: { id: accountId }, data: { frozenUntil, updatedAt: now } });
}
