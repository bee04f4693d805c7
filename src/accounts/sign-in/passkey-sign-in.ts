import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { isKnownBrowser } from '../../defense/known-browsers.ts';
import { noteWrongFactor } from '../../defense/sign-in-watch/strangers.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import {
  judgePasskey,
  type PasskeyFailure,
  type PasskeyFault,
  recordPasskeyUse,
} from '../credentials/passkey-proof.ts';
import { type HalfSession, type Origin, startSession } from '../sessions/sessions.ts';
import { completeSignIn, type SignedIn, type SignInCompletion } from './sign-in.ts';
import { warnOfWrongFactor } from './wrong-factor.ts';

/** The browser's answer to a challenge, and what it brings along. */
export interface PasskeySignIn extends Omit<SignInCompletion, 'factor' | 'half' | 'browser'> {
  readonly answer: string;
  readonly browser: string;
}

export type PasskeySignInOutcome =
  | ({ readonly ok: true } & SignedIn)
  | {
      readonly ok: false;
      readonly reason: PasskeyFault | 'session-over';
      readonly unknown?: string | undefined;
    };

/**
 * Signs in with a passkey alone: it is two factors in one. No failures are counted, because there is nothing to guess,
 * and so nobody can be locked out of it. `demand.accountId` says who may sign in here, where that is decided already.
 */
export async function signInByPasskey(
  platform: Platform,
  actor: Actor,
  input: PasskeySignIn & { readonly origin: Origin },
): Promise<PasskeySignInOutcome> {
  const { answer, browser, previous, demand } = input;
  const ceremony = { purpose: 'sign-in', browser, sessionId: previous?.id } as const;
  const judged = await judgePasskey(platform, ceremony, { answer, whose: demand?.accountId });
  if (!judged.ok) return refuseSignIn(platform, actor, judged);
  const { proof } = judged;
  const { accountId } = proof;
  return inTransaction(platform, async (tx) => {
    const reason = (await recordPasskeyUse(tx, proof)) ?? (await whyNotAlone(tx, accountId));
    if (reason) return refuseSignIn(tx, actor, { ok: false, reason, accountId });
    return enter(tx, { kind: 'account', id: accountId, ...requestOf(actor) }, input, accountId);
  });
}

/** The visitor who has just said by a passkey who they are. */
function requestOf({ requestId }: Actor): { readonly requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}

/** An address that was never confirmed is nobody's yet, whoever holds the passkey. */
async function whyNotAlone(tx: Platform, accountId: string): Promise<PasskeyFault | undefined> {
  const standing = await findStanding(tx, accountId);
  return standing?.account.emailVerified ? undefined : 'refused';
}

async function enter(
  tx: Platform,
  actor: Actor,
  { browser, previous, demand, origin }: PasskeySignIn & { readonly origin: Origin },
  accountId: string,
): Promise<PasskeySignInOutcome> {
  const { half } = await startSession(tx, actor, { accountId, origin });
  const completion = { previous, browser, demand, factor: 'passkey' } as const;
  const signedIn = await completeSignIn(tx, actor, { half, ...completion });
  return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
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
  if (!judged.ok) return refuseSecondFactor(platform, actor, input, judged);
  return inTransaction(platform, async (tx) => {
    const reason = await recordPasskeyUse(tx, judged.proof);
    if (reason) return refuseSecondFactor(tx, actor, input, { ok: false, reason });
    const signedIn = await completeSignIn(tx, actor, { ...input, factor: 'password-and-passkey' });
    return signedIn ? { ok: true, ...signedIn } : { ok: false, reason: 'session-over' };
  });
}

async function refuseSignIn(
  platform: Platform,
  actor: Actor,
  { reason, accountId, unknown }: PasskeyFailure,
): Promise<PasskeySignInOutcome> {
  // What names no passkey of ours costs nothing to make, and anybody could write the trail full with it.
  if (accountId === undefined) return { ok: false, reason, unknown };
  const target = { kind: 'account', id: accountId };
  await recordEvent(platform, actor, 'sign-in.failed', target, { factor: 'passkey', reason });
  return { ok: false, reason };
}

/** These are no attempt to get in, but a page that waited too long or a browser that broke off. */
const HARMLESS: readonly PasskeyFault[] = ['expired', 'unreadable'];

async function refuseSecondFactor(
  platform: Platform,
  actor: Actor,
  { half: { accountId }, browser }: { half: HalfSession; browser: string },
  { reason, unknown }: PasskeyFailure,
): Promise<PasskeySignInOutcome> {
  if (HARMLESS.includes(reason)) return { ok: false, reason, unknown };
  return inTransaction(platform, async (tx) => {
    const knownBrowser = await isKnownBrowser(tx, { accountId, browser });
    // The password was right: on a browser that nobody knows, its owner should hear of it.
    if (!knownBrowser) noteWrongFactor(tx, { accountId, failures: 0 });
    const letter = !knownBrowser && (await warnOfWrongFactor(tx, accountId));
    const details = { factor: 'passkey', reason, knownBrowser, letter };
    await recordEvent(tx, actor, 'second-factor.failed', { kind: 'account', id: accountId }, details);
    return { ok: false, reason, unknown };
  });
}
