import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { type CountedTry, countTry, handBackTry } from '../../defense/lockouts.ts';
import { noteWrongFactor } from '../../defense/sign-in-watch/strangers.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findAccount, findStanding } from '../account.ts';
import { sendFactorChanged } from '../credentials/factor-letters.ts';
import { spendRecoveryCode } from '../credentials/recovery-codes.ts';
import { spendCode } from '../credentials/totp.ts';
import { admitsTrust, trustBrowser } from '../sessions/trusted-browsers.ts';
import {
  completeSignIn,
  nextStep,
  type SignedIn,
  type SignInCompletion,
  type TooManyTries,
} from './sign-in.ts';
import { warnOfWrongFactor } from './wrong-factor.ts';

/** A code for a half session, and what the browser brings along. */
export interface SecondFactorInput extends Omit<SignInCompletion, 'factor'> {
  readonly code: string;
  /** What kind of code it is; that of an authenticator app unless given. */
  readonly factor?: 'otp' | 'recovery-code';
  /** The person asked to be spared the second factor on this browser, which names itself so. */
  readonly trust?: { readonly userAgent: string } | undefined;
}

export type SecondFactorOutcome =
  | ({ readonly ok: true; readonly recoveryCodesLeft?: number } & SignedIn)
  | { readonly ok: false; readonly reason: 'wrong-code' | 'used-code' | 'session-over' }
  | TooManyTries;

/**
 * Checks the second factor and completes the session. One counter per account over all its factors, sessions and
 * browsers that are not known (C19). A code that was right but used is no guess: it is refused, and the try handed back.
 */
export async function proveSecondFactor(
  platform: Platform,
  actor: Actor,
  input: SecondFactorInput,
): Promise<SecondFactorOutcome> {
  const { accountId } = input.half;
  const attempt = { factor: 'second-factor', subject: accountId, accountId, browser: input.browser } as const;
  const admission = await countTry(platform, attempt);
  if (!admission.ok) {
    return { ok: false, reason: 'too-many-tries', retryAfterSeconds: admission.retryAfterSeconds };
  }
  const { counted } = admission;
  return inTransaction(platform, async (tx) => {
    const judgement = await judge(tx, actor, input);
    if (!judgement.ok) return refuse(tx, actor, { accountId, counted, reason: judgement.reason });
    await handBackTry(tx, counted);
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: input.factor ?? 'otp' });
    if (!signedIn) return { ok: false, reason: 'session-over' };
    const trusted = await trustIfAsked(tx, actor, input);
    const { left: recoveryCodesLeft } = judgement;
    return { ok: true, ...signedIn, trusted, ...(recoveryCodesLeft !== undefined && { recoveryCodesLeft }) };
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

type Judgement =
  | { readonly ok: true; readonly left?: number }
  | { readonly ok: false; readonly reason: 'wrong-code' | 'used-code' };

async function judge(
  tx: Platform,
  actor: Actor,
  { half, code, factor }: SecondFactorInput,
): Promise<Judgement> {
  const { accountId } = half;
  if (factor !== 'recovery-code') {
    const judgement = await spendCode(tx, accountId, code);
    return judgement.ok ? { ok: true } : judgement;
  }
  const judgement = await spendRecoveryCode(tx, accountId, code);
  const account = judgement.ok ? await findAccount(tx, accountId) : undefined;
  if (!judgement.ok || !account) return judgement;
  const { left } = judgement;
  await sendFactorChanged(tx, { account, change: 'recovery-code-used', left });
  await recordEvent(tx, actor, 'recovery-code.used', { kind: 'account', id: accountId }, { left });
  return judgement;
}

async function refuse(
  tx: Platform,
  actor: Actor,
  failed: { accountId: string; counted: CountedTry; reason: 'wrong-code' | 'used-code' },
): Promise<SecondFactorOutcome> {
  const { accountId, counted, reason } = failed;
  if (reason === 'used-code') await handBackTry(tx, counted);
  const knownBrowser = counted.by === 'known-browser';
  // The password was right: on a browser that nobody knows, its owner should hear of it.
  if (reason === 'wrong-code' && counted.by === 'subject') {
    noteWrongFactor(tx, { accountId, failures: counted.failures });
  }
  const letter = reason === 'wrong-code' && !knownBrowser && (await warnOfWrongFactor(tx, accountId));
  const target = { kind: 'account', id: accountId };
  await recordEvent(tx, actor, 'second-factor.failed', target, { reason, knownBrowser, letter });
  return { ok: false, reason };
}

async function trustIfAsked(tx: Platform, actor: Actor, { half, trust }: SecondFactorInput) {
  const account = trust && (await findAccount(tx, half.accountId));
  if (!trust || !account || !admitsTrust(tx, account)) return undefined;
  return trustBrowser(tx, actor, { accountId: half.accountId, userAgent: trust.userAgent });
}
