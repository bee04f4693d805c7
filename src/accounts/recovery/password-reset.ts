import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { isKnownBrowser } from '../../defense/known-browsers.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf, handleKind, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import { newId } from '../../platform/ids.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { revokeGrantsOfAccount } from '../../tokens/revocation.ts';
import type { Address } from '../addresses.ts';
import { announceNewPassword, replacePassword } from '../area/password-change.ts';
import { hashPassword } from '../credentials/password.ts';
import {
  admitLetter,
  consumeMailCode,
  countLettersOf,
  createMailCode,
  findMailCode,
  judgeMailCode,
  LETTERS_AN_HOUR,
  type LetterOutcome,
  MAIL_CODE_SECONDS,
  type MailCodeJudgement,
  type WaitingCode,
} from '../mail-codes.ts';
import { shutEverybodyOut } from './shut-out.ts';

/** Who asks for a new password, and in which language the letter is written where no account says otherwise. */
export interface ResetRequest {
  readonly address: Address;
  /** Value of the cookie of the browser that asks. */
  readonly browser: string;
  readonly locale: string;
}

/** A browser that typed the code and may choose a new password. */
export interface ProvenReset {
  readonly id: string;
  readonly account: { readonly id: string; readonly email: string; readonly name: string };
}

export type ProvenCode =
  | { readonly ok: true; readonly handle: IssuedSecret }
  | Extract<MailCodeJudgement, { ok: false }>;

/** Seconds within which the new password must follow the code. */
export const PASSWORD_RESET_SECONDS = 15 * 60;

/**
 * Sends the code for a new password. The answer, the statements and the work are the same whether or not the address
 * has an account; only the letter differs, and for an unknown address no code fits (C23).
 */
export async function requestPasswordReset(
  platform: Platform,
  actor: Actor,
  { address, browser, locale }: ResetRequest,
): Promise<LetterOutcome> {
  const { email, emailKey } = address;
  return inTransaction(platform, async (tx) => {
    const admitted = await admitLetter(tx, emailKey, 'password-reset');
    const owner = await tx.db.account.findUnique({ where: { emailKey } });
    if (!admitted.ok && !(await mayAskAnyway(tx, { accountId: owner?.id ?? NOBODY, browser })))
      return admitted;
    const code = await createMailCode(tx, {
      purpose: 'password-reset',
      subjectId: owner?.id,
      emailKey,
      browser,
    });
    const letter = owner
      ? renderLetter(
          tx,
          'password-reset-code',
          { code, minutes: MAIL_CODE_SECONDS / 60 },
          owner.locale ?? locale,
        )
      : renderLetter(tx, 'no-account-here', { signUpAddress: `${tx.config.issuer}/sign-up` }, locale);
    await queueLetter(tx, { to: owner?.email ?? email, ...letter });
    await recordEvent(tx, actor, 'password-reset.requested', { kind: 'account', id: owner?.id ?? null });
    return { ok: true };
  });
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * A stranger may use up the letters of any mailbox. The owner's own browser has five of its own, so that nobody is kept
 * from their account by others.
 */
async function mayAskAnyway(
  tx: Platform,
  { accountId, browser }: { accountId: string; browser: string },
): Promise<boolean> {
  const asked = await countLettersOf(tx, { browser, purpose: 'password-reset' });
  return (await isKnownBrowser(tx, { accountId, browser })) && asked < LETTERS_AN_HOUR;
}

/** The code that this browser waits to type. */
export function findResetCode(
  platform: Platform,
  browser: string | undefined,
): Promise<WaitingCode | undefined> {
  return findMailCode(platform, { purpose: 'password-reset', browser });
}

/** The code from the letter becomes the right of this very browser to choose a new password, once and soon. */
export async function proveResetCode(
  platform: Platform,
  actor: Actor,
  { waiting, browser, code }: { waiting: WaitingCode; browser: string; code: string },
): Promise<ProvenCode> {
  const judgement = await judgeMailCode(platform, actor, {
    waiting,
    code,
    target: { kind: 'password-reset' },
  });
  if (!judgement.ok) return judgement;
  const { subjectId: accountId } = judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await stillItsAddress(tx, accountId, waiting.emailKey))) return { ok: false, reason: 'no-code' };
    if (!(await consumeMailCode(tx, judgement.id))) return { ok: false, reason: 'no-code' };
    const now = tx.clock.now();
    const secret = newHandle('reset', now);
    await tx.db.passwordReset.create({
      data: {
        id: newId(),
        digest: digestIn(browser, secret),
        accountId,
        createdAt: now,
        expiresAt: secondsAfter(now, PASSWORD_RESET_SECONDS),
      },
    });
    return { ok: true, handle: { secret } };
  });
}

/**
 * False where the account was erased, or has another address than the letter went to: a letter that was asked for while
 * the address changed was not there yet to be voided. The lock waits for a change that is under way; it comes before
 * that of the code, as in the change.
 */
async function stillItsAddress({ db }: Platform, accountId: string, emailKey: string): Promise<boolean> {
  const rows = await db.$queryRaw<object[]>`
    SELECT 1 FROM accounts WHERE id = ${accountId}::uuid AND email_key = ${emailKey} FOR SHARE`;
  return rows.length === 1;
}

/** The reset this browser has proven: unused, not older than a quarter of an hour. */
export async function findProvenReset(
  { db, clock }: Platform,
  { handle, browser }: { handle: string | undefined; browser: string | undefined },
): Promise<ProvenReset | undefined> {
  if (!browser || handleKind(handle) !== 'reset') return undefined;
  const row = await db.passwordReset.findUnique({
    where: { digest: digestIn(browser, String(handle)), consumedAt: null, expiresAt: { gt: clock.now() } },
    select: { id: true, account: { select: { id: true, email: true, name: true } } },
  });
  return row ?? undefined;
}

/**
 * Sets the new password and shuts everybody out. Of parallel uses of one proof exactly one returns true. The second
 * factor stays as it was and is asked for at the sign-in that follows. Throws Refusal 'busy' when the hash queue is full.
 */
export async function completePasswordReset(
  platform: Platform,
  actor: Actor,
  { reset, password }: { reset: ProvenReset; password: string },
): Promise<boolean> {
  const phc = await hashPassword(platform, password, { known: true });
  const accountId = reset.account.id;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeReset(tx, reset.id))) return false;
    await replacePassword(tx, { accountId, phc });
    // Only the owner of the mailbox comes this far, so the address is proven along the way.
    await tx.db.account.updateMany({
      where: { id: accountId, emailVerifiedAt: null },
      data: { emailVerifiedAt: tx.clock.now() },
    });
    await shutEverybodyOut(tx, actor, accountId);
    // Apps that work while their person is away too: whoever knew the old password may have connected them (P13).
    const grantsRevoked = await revokeGrantsOfAccount(tx, accountId);
    const target = { kind: 'account', id: accountId };
    await recordEvent(tx, actor, 'password-reset.completed', target, { grantsRevoked });
    await announceNewPassword(tx, accountId);
    return true;
  });
}

/** Job: forgets resets that were not finished, or finished long enough ago. */
export async function sweepPasswordResets({ db, clock }: Platform): Promise<number> {
  const { count } = await db.passwordReset.deleteMany({ where: { expiresAt: { lte: clock.now() } } });
  return count;
}

/** Bound to the browser: neither the handle nor the browser's name alone finds the row (C16). */
function digestIn(browser: string, handle: string): Buffer<ArrayBuffer> {
  return digestOf(`${handle} ${browser}`);
}

async function consumeReset({ db, clock }: Platform, id: string): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.passwordReset.updateMany({
    where: { id, consumedAt: null, expiresAt: { gt: now } },
    data: { consumedAt: now },
  });
  return count === 1;
}
