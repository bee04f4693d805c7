import type { Actor } from '../../audit/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import {
  judgeNewPasskey,
  keepPasskey,
  type RegistrationFailure,
} from '../credentials/passkey-registration.ts';
import type { IssuedRecoveryCodes } from '../credentials/recovery-codes.ts';
import { issueRecoveryCodes } from '../credentials/renew-recovery-codes.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import { completeSignIn, nextStep, type SignedIn, type SignInCompletion } from './sign-in.ts';

/** The browser's answer, and what it brings along. */
export interface PasskeyEnrolment extends Omit<SignInCompletion, 'factor' | 'browser'> {
  readonly browser: string;
  readonly answer: string;
  readonly unnamed: string;
}

export type PasskeyEnrolmentOutcome =
  | ({ readonly ok: true } & SignedIn & IssuedRecoveryCodes)
  | RegistrationFailure
  | { readonly ok: false; readonly reason: 'not-due' | 'session-over' };

/**
 * A passkey as the first second factor of an account, in the place of an authenticator app: made for the half session
 * that has to enrol, which it completes. Never past a factor that the account has already.
 */
export async function enrolPasskey(
  platform: Platform,
  actor: Actor,
  input: PasskeyEnrolment,
): Promise<PasskeyEnrolmentOutcome> {
  const { half, browser } = input;
  const { accountId } = half;
  const standing = await findStanding(platform, accountId);
  if (!standing) return { ok: false, reason: 'not-due' };
  const { account } = standing;
  const judged = await judgeNewPasskey(platform, { account, sessionId: half.id, browser }, input);
  if (!judged.ok) return judged;
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    const now = await findStanding(tx, accountId);
    if (!now || nextStep(now) !== 'authenticator') return { ok: false, reason: 'not-due' };
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: 'password-and-passkey' });
    if (!signedIn) return { ok: false, reason: 'session-over' };
    const kept = await keepPasskey(tx, actor, account, judged.made);
    // Thrown, so that the session is not completed either.
    if (!kept.ok) throw new Refusal('conflict', 'passkeys.present');
    return { ok: true, ...signedIn, ...(await issueRecoveryCodes(tx, actor, accountId)) };
  });
}
