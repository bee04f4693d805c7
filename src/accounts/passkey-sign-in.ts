import type { Actor } from '../audit/actor.ts';
import type { AuditAction } from '../audit/events.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { findStanding } from './account.ts';
import {
  judgePasskey,
  type PasskeyFailure,
  type PasskeyFault,
  recordPasskeyUse,
} from './credentials/passkey-proof.ts';
import { type HalfSession, loadHalfSession, type Origin, startSession } from './sessions.ts';
import { completeSignIn, type SignedIn, type SignInCompletion } from './sign-in.ts';

/** The browser's answer to a challenge, and what it brings along. */
export interface PasskeySignIn extends Omit<SignInCompletion, 'factor' | 'half' | 'browser'> {
  readonly answer: string;
  readonly browser: string;
}

export type PasskeySignInOutcome =
  | ({ readonly ok: true } & SignedIn)
  | { readonly ok: false; readonly reason: PasskeyFault | 'session-over'; readonly unknown?: string };

/**
 * Signs in with a passkey alone: it is two factors in one. No failures are counted, because there is nothing to guess,
 * and so nobody can be locked out of it. `demand.accountId` says who may sign in here, where that is decided already.
 */
export async function signInByPasskey(
  platform: Platform,
  actor: Actor,
  input: PasskeySignIn & { readonly origin: Origin },
): Promise<PasskeySignInOutcome> {
  const { answer, browser, previous, demand, origin } = input;
  const ceremony = { purpose: 'sign-in', browser, sessionId: previous?.id } as const;
  const judged = await judgePasskey(platform, ceremony, { answer, whose: demand?.accountId });
  if (!judged.ok) return refuse(platform, actor, 'sign-in.failed', judged);
  const { proof } = judged;
  const { accountId } = proof;
  return inTransaction(platform, async (tx) => {
    const fault = await recordPasskeyUse(tx, proof);
    if (fault) return refuse(tx, actor, 'sign-in.failed', { ok: false, reason: fault, accountId });
    const standing = await findStanding(tx, accountId);
    if (!standing?.account.emailVerified) {
      return refuse(tx, actor, 'sign-in.failed', { ok: false, reason: 'refused', accountId });
    }
    const { secret } = await startSession(tx, actor, { accountId, origin });
    const half = await loadHalfSession(tx, secret);
    const completion = { previous, browser, demand, factor: 'passkey' } as const;
    const signedIn = half && (await completeSignIn(tx, actor, { half, ...completion }));
    return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
  });
}

/** Proves a passkey as the second factor of a half session, and completes it. */
export async function proveSecondFactorByPasskey(
  platform: Platform,
  actor: Actor,
  input: PasskeySignIn & { readonly half: HalfSession },
): Promise<PasskeySignInOutcome> {
  const { answer, half, browser } = input;
  const { accountId } = half;
  const ceremony = { purpose: 'second-factor', browser, sessionId: half.id } as const;
  const judged = await judgePasskey(platform, ceremony, { answer, whose: accountId });
  if (!judged.ok) return refuse(platform, actor, 'second-factor.failed', { ...judged, accountId });
  return inTransaction(platform, async (tx) => {
    const fault = await recordPasskeyUse(tx, judged.proof);
    if (fault) return refuse(tx, actor, 'second-factor.failed', { ok: false, reason: fault, accountId });
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: 'password-and-passkey' });
    return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
  });
}

async function refuse(
  platform: Platform,
  actor: Actor,
  action: AuditAction,
  { reason, accountId, unknown }: PasskeyFailure,
): Promise<PasskeySignInOutcome> {
  const target = { kind: 'account', id: accountId ?? null };
  await recordEvent(platform, actor, action, target, { factor: 'passkey', reason });
  return { ok: false, reason, ...(unknown !== undefined && { unknown }) };
}
