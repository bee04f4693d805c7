import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import type { IssuedRecoveryCodes } from '../credentials/recovery-codes.ts';
import { issueRecoveryCodes } from '../credentials/renew-recovery-codes.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import {
  activateDevice,
  createPendingDevice,
  findPendingDevice,
  type IssuedSeed,
  matchingStep,
} from '../credentials/totp.ts';
import type { HalfSession } from '../sessions/sessions.ts';
import type { SecondFactorInput } from './second-factor.ts';
import { completeSignIn, nextStep, type SignedIn } from './sign-in.ts';

export type OfferedSeed =
  | ({ readonly ok: true } & IssuedSeed)
  | { readonly ok: false; readonly reason: 'not-due' };

export type EnrolmentOutcome =
  | ({ readonly ok: true } & SignedIn & IssuedRecoveryCodes)
  | { readonly ok: false; readonly reason: 'wrong-code' | 'not-due' | 'session-over' };

/**
 * The seed that a half session is to put into its authenticator app: made at the first call, the same until it is
 * confirmed, shown to no other session and never again afterwards (D01). 'not-due' where the account has an
 * authenticator already or has not proven its address.
 */
export async function offerSeed(platform: Platform, actor: Actor, half: HalfSession): Promise<OfferedSeed> {
  return inTransaction(platform, async (tx) => {
    const standing = await findStanding(tx, half.accountId);
    if (!standing || nextStep(standing) !== 'authenticator') return { ok: false, reason: 'not-due' };
    const { email } = standing.account;
    const offered = await findPendingDevice(tx, { email, sessionId: half.id });
    if (offered) return { ok: true, ...offered };
    const seed = await createPendingDevice(tx, { accountId: half.accountId, email, sessionId: half.id });
    const target = { kind: 'totp-device', id: seed.deviceId };
    await recordEvent(tx, actor, 'totp-device.offered', target, { accountId: half.accountId });
    return { ok: true, ...seed };
  });
}

/**
 * Makes the offered authenticator active with one code of it, called `name`, completes the session, and gives the
 * recovery codes for a day without it.
 */
export async function confirmEnrolment(
  platform: Platform,
  actor: Actor,
  input: SecondFactorInput & { readonly name?: string },
): Promise<EnrolmentOutcome> {
  const { half, code, name } = input;
  const { accountId } = half;
  return inTransaction(platform, async (tx) => {
    // One enrolment at a time: a second session must not add its own device past the one just confirmed.
    await lockFactors(tx, accountId);
    const standing = await findStanding(tx, accountId);
    if (!standing || nextStep(standing) !== 'authenticator') return { ok: false, reason: 'not-due' };
    const device = await findPendingDevice(tx, { email: standing.account.email, sessionId: half.id });
    if (!device) return { ok: false, reason: 'not-due' };
    const step = matchingStep(device.seed, code, tx.clock.now());
    if (step === undefined) return { ok: false, reason: 'wrong-code' };
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: 'otp' });
    if (!signedIn) return { ok: false, reason: 'session-over' };
    await activateDevice(tx, { accountId, deviceId: device.deviceId, step, name });
    const target = { kind: 'totp-device', id: device.deviceId };
    await recordEvent(tx, actor, 'totp-device.added', target, { accountId });
    return { ok: true, ...signedIn, ...(await issueRecoveryCodes(tx, actor, accountId)) };
  });
}
