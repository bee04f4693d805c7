import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { countTry, handBackTry } from '../../defense/lockouts.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { checkPassword, hashPassword } from '../credentials/password.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import { voidPasswordResets } from '../recovery/shut-out.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { endSessionsOfAccount, type LiveSession } from '../sessions/sessions.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';
import type { TooManyTries } from '../sign-in/sign-in.ts';

/** A new password for whoever is signed in, judged already. */
export interface PasswordChange {
  readonly session: LiveSession;
  readonly currentPassword: string;
  readonly newPassword: string;
  /** Value of the browser cookie, if the browser has one. */
  readonly browser: string | undefined;
  /** End every other session too. */
  readonly endOthers: boolean;
}

export type ChangedPassword =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'wrong-password' | 'session-over' }
  | TooManyTries;

const WRONG = { ok: false, reason: 'wrong-password' } as const;

/**
 * Changes the password of a signed-in person who knows the present one (ASVS 6.2.3). Tries are counted with those of
 * the sign-in page, so that an open session is no second place to guess. Throws Refusal 'busy'.
 */
export async function changePassword(
  platform: Platform,
  actor: Actor,
  input: PasswordChange,
): Promise<ChangedPassword> {
  const { browser, session } = input;
  const { accountId } = session;
  const { emailKey: subject, password } = await platform.db.account.findUniqueOrThrow({
    where: { id: accountId },
    select: { emailKey: true, password: true },
  });
  const admission = await countTry(platform, { factor: 'password', subject, accountId, browser });
  if (!admission.ok)
    return { ok: false, reason: 'too-many-tries', retryAfterSeconds: admission.retryAfterSeconds };
  const { counted } = admission;
  const phc = await hashIfProven(platform, input, password?.phc).catch(async (fault) => {
    await handBackTry(platform, counted);
    throw fault;
  });
  if (phc === undefined) {
    const details = { page: 'password-change', knownBrowser: counted.by === 'known-browser' };
    await recordEvent(platform, actor, 'sign-in.failed', { kind: 'account', id: accountId }, details);
    return WRONG;
  }
  // Before the transaction, so that no counter is locked while the password is waited for.
  await handBackTry(platform, counted);
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    const replaced = await replacePassword(tx, { accountId, phc, instead: password?.phc });
    if (!replaced) return WRONG;
    await forgetTrustedBrowsers(tx, accountId);
    await voidPasswordResets(tx, accountId);
    // Sessions come last, as in a sign-in, so that none waits for the other.
    if (!(await holdSession(tx, session.id))) throw new SessionOver();
    // Sign-ins under way have proven the old password.
    const only = input.endOthers ? 'all' : 'half';
    await endSessionsOfAccount(tx, actor, { accountId, except: session.id, only });
    const details = { othersEnded: input.endOthers };
    await recordEvent(tx, actor, 'password.changed', { kind: 'account', id: accountId }, details);
    await announceNewPassword(tx, accountId);
    return { ok: true as const };
  }).catch((error: unknown) => {
    if (error instanceof SessionOver) return { ok: false, reason: 'session-over' };
    throw error;
  });
}

/** Somebody ended the session while the passwords were hashed. Rolls everything back. */
class SessionOver extends Error {}

/**
 * Stores a hash in the open transaction. With `instead` only where that one still stands, so that a change that was
 * begun before a reset cannot undo it. False where it does not.
 */
export async function replacePassword(
  { db, clock }: Platform,
  { accountId, phc, instead }: { accountId: string; phc: string; instead?: string | undefined },
): Promise<boolean> {
  const stored = { phc, changedAt: clock.now() };
  if (instead !== undefined) {
    const { count } = await db.password.updateMany({ where: { accountId, phc: instead }, data: stored });
    return count === 1;
  }
  await db.password.upsert({ where: { accountId }, create: { accountId, ...stored }, update: stored });
  return true;
}

/** Tells the owner, in the transaction that changed the password. */
export async function announceNewPassword(tx: Platform, accountId: string): Promise<void> {
  const { email, locale } = await tx.db.account.findUniqueOrThrow({ where: { id: accountId } });
  const resetAddress = `${tx.config.issuer}/password-reset`;
  const letter = renderLetter(tx, 'password-changed', { at: tx.clock.now(), resetAddress }, locale);
  await queueLetter(tx, { to: email, ...letter });
}

/** The hash of the new password, if the present one is right. */
async function hashIfProven(
  platform: Platform,
  { currentPassword, newPassword }: PasswordChange,
  phc: string | undefined,
): Promise<string | undefined> {
  const check = await checkPassword(platform, currentPassword, phc, { known: true });
  return check.ok ? hashPassword(platform, newPassword, { known: true }) : undefined;
}
