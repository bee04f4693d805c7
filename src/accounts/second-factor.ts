import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { countTry, handBackTry } from '../defense/lockouts.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { findStanding } from './account.ts';
import { spendCode } from './credentials/totp.ts';
import {
  completeSignIn,
  nextStep,
  type SignedIn,
  type SignInCompletion,
  type TooManyTries,
} from './sign-in.ts';

/** A code for a half session, and what the browser brings along. */
export interface SecondFactorInput extends Omit<SignInCompletion, 'factor'> {
  readonly code: string;
}

export type SecondFactorOutcome =
  | ({ readonly ok: true } & SignedIn)
  | { readonly ok: false; readonly reason: 'wrong-code' | 'used-code' | 'session-over' }
  | TooManyTries;

/**
 * Checks the second factor and completes the session. One counter per account over all its sessions and browsers that
 * are not known (C19). A code that was right but used is no guess: it is refused, and the try handed back.
 */
export async function proveSecondFactor(
  platform: Platform,
  actor: Actor,
  input: SecondFactorInput,
): Promise<SecondFactorOutcome> {
  const { half, code, browser } = input;
  const { accountId } = half;
  const admission = await countTry(platform, {
    factor: 'second-factor',
    subject: accountId,
    accountId,
    browser,
  });
  if (!admission.ok)
    return { ok: false, reason: 'too-many-tries', retryAfterSeconds: admission.retryAfterSeconds };

  const { counted } = admission;
  return inTransaction(platform, async (tx) => {
    const judgement = await spendCode(tx, accountId, code);
    if (!judgement.ok) {
      if (judgement.reason === 'used-code') await handBackTry(tx, counted);
      const details = { reason: judgement.reason, knownBrowser: counted.by === 'known-browser' };
      await recordEvent(tx, actor, 'second-factor.failed', { kind: 'account', id: accountId }, details);
      return judgement;
    }
    await handBackTry(tx, counted);
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: 'otp' });
    return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
  });
}

/** Completes a sign-in whose account has no second factor and needs none; undefined where that is not so any more. */
export async function signInWithoutFactor(
  platform: Platform,
  actor: Actor,
  completion: Omit<SignInCompletion, 'factor'>,
): Promise<SignedIn | undefined> {
  return inTransaction(platform, async (tx) => {
    const standing = await findStanding(tx, completion.half.accountId);
    if (!standing || nextStep(standing) !== 'none') return undefined;
    return completeSignIn(tx, actor, { ...completion, factor: 'none' });
  });
}
