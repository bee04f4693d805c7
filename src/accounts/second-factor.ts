import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { countTry, handBackTry } from '../defense/lockouts.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { spendCode } from './credentials/totp.ts';
import type { HalfSession, LiveSession } from './sessions.ts';
import { completeSignIn, type SignedIn, type TooManyTries } from './sign-in.ts';

/** A code for a half session, and what the browser brings along. */
export interface SecondFactorInput {
  readonly half: HalfSession;
  readonly code: string;
  readonly browser: string | undefined;
  /** The completed session that this browser had before, if any. */
  readonly previous: LiveSession | undefined;
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
    const signedIn = await completeSignIn(tx, actor, input);
    return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
  });
}
