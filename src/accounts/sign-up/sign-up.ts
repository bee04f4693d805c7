import type { SignUp } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Account, insertAccount } from '../account.ts';
import type { Address } from '../addresses.ts';
import { hashPassword } from '../credentials/password.ts';
import {
  admitLetter,
  consumeMailCode,
  createMailCode,
  findMailCode,
  judgeMailCode,
  type LetterOutcome,
  MAIL_CODE_SECONDS,
  type MailCodeJudgement,
  type WaitingCode,
} from '../mail-codes.ts';
import { type BegunSession, type Origin, startSession } from '../sessions/sessions.ts';
import { joinAtSignUp } from '../trust-domain-members.ts';
import { findHolder } from './reserved-addresses.ts';
import { findSignUpDoor, type Hurdle, judgeSignUp } from './sign-up-door.ts';
import { spendSignUpPass } from './sign-up-passes.ts';

/** A request for an account, judged already: the address normalized, the name cleaned, the password strong enough. */
export interface SignUpInput {
  readonly address: Address;
  readonly name: string;
  readonly password: string;
  /** Value of the cookie of the browser that asks. */
  readonly browser: string;
  /** The language they read the form in: letters and the account will speak it. */
  readonly locale: string;
  /** Where they come from, for their share of the line for hashing. */
  readonly network?: string | undefined;
  /** The pass that admits this address, spent when the account is made. */
  readonly passId?: string | undefined;
}

export type VerifiedSignUp =
  | { readonly ok: true; readonly handle: BegunSession }
  | Extract<MailCodeJudgement, { ok: false }>
  | { readonly ok: false; readonly reason: 'address-taken' }
  | { readonly ok: false; readonly reason: 'pass-over' | Hurdle };

/** An address may be proven this long after it was typed in, with as many new codes as that takes. */
const SIGN_UP_SECONDS = 24 * 3600;

/**
 * Begins a sign-up. The answer, the hash and the statements are the same whether or not the address has an account;
 * only the letter differs, and for a known address no code fits (C23, D07). No account exists before the code came
 * back, so signing up with somebody else's address gains nothing (C24). Throws Refusal 'busy'.
 */
export async function requestSignUp(
  platform: Platform,
  actor: Actor,
  input: SignUpInput,
): Promise<LetterOutcome> {
  const { address, name, browser, locale, passId } = input;
  const phc = await hashPassword(platform, input.password, { network: input.network });

  return inTransaction(platform, async (tx) => {
    const admitted = await admitLetter(tx, address.emailKey, 'sign-up');
    if (!admitted.ok) return admitted;
    const now = tx.clock.now();
    const id = newId();
    const holder = await findHolder(tx, address.emailKey);
    const expiresAt = secondsAfter(now, SIGN_UP_SECONDS);
    await tx.db.signUp.create({
      data: { id, ...address, name, phc, locale, passId: passId ?? null, createdAt: now, expiresAt },
    });
    const subjectId = holder.taken ? undefined : id;
    const code = await createMailCode(tx, {
      purpose: 'sign-up',
      subjectId,
      emailKey: address.emailKey,
      browser,
    });
    await sendSignUpLetter(tx, {
      to: address.email,
      code,
      known: holder.taken,
      locale: holder.locale ?? locale,
    });
    await recordEvent(tx, actor, 'sign-up.requested', { kind: 'sign-up', id });
    return { ok: true };
  });
}

/** The sign-up that this browser waits to prove, for the page that asks for the code. */
export function findSignUpCode(
  platform: Platform,
  browser: string | undefined,
): Promise<WaitingCode | undefined> {
  return findMailCode(platform, { purpose: 'sign-up', browser });
}

/** Sends a new code for the same sign-up; the older one stops working. */
export async function resendSignUpCode(
  platform: Platform,
  actor: Actor,
  { waiting, browser, locale }: { waiting: WaitingCode; browser: string; locale: string },
): Promise<LetterOutcome> {
  const { emailKey } = waiting;
  return inTransaction(platform, async (tx) => {
    const admitted = await admitLetter(tx, emailKey, 'sign-up');
    if (!admitted.ok) return admitted;
    const holder = await findHolder(tx, emailKey);
    // Looked for even where there is none: the statements are the same for known and unknown addresses.
    const signUp = await findSignUp(tx, waiting.subjectId ?? newId());
    const subjectId = holder.taken ? undefined : signUp?.id;
    const code = await createMailCode(tx, { purpose: 'sign-up', subjectId, emailKey, browser });
    await sendSignUpLetter(tx, {
      to: signUp?.email ?? emailKey,
      code,
      known: holder.taken,
      locale: holder.locale ?? locale,
    });
    await recordEvent(tx, actor, 'mail-code.sent', { kind: 'sign-up', id: waiting.subjectId });
    return { ok: true };
  });
}

/**
 * Creates the account with the code from the letter and begins a half session for it. Of two sign-ups that prove one
 * address at the same time one gets the account; the other learns that it can sign in.
 */
export async function verifySignUp(
  platform: Platform,
  actor: Actor,
  { waiting, code, origin }: { waiting: WaitingCode; code: string; origin: Origin },
): Promise<VerifiedSignUp> {
  const judgement = await judgeMailCode(platform, actor, { waiting, code, target: { kind: 'sign-up' } });
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeMailCode(tx, judgement.id))) return { ok: false, reason: 'no-code' };
    const account = await takeSignUp(tx, actor, judgement.subjectId);
    if (typeof account === 'string') return { ok: false, reason: account };
    await recordEvent(tx, actor, 'account.signed-up', { kind: 'account', id: account.id });
    const handle = await startSession(tx, actor, { accountId: account.id, origin });
    return { ok: true, handle };
  });
}

/** Job: forgets sign-ups whose address was not proven in time, and those that became accounts. */
export async function sweepSignUps({ db, clock }: Platform): Promise<number> {
  const { count } = await db.signUp.deleteMany({ where: { expiresAt: { lte: clock.now() } } });
  return count;
}

async function takeSignUp(
  tx: Platform,
  actor: Actor,
  id: string,
): Promise<Account | 'address-taken' | 'pass-over' | 'no-code' | Hurdle> {
  const row = await findSignUp(tx, id);
  if (!row) return 'no-code';
  await tx.db.signUp.delete({ where: { id } });
  const { email, emailKey, name, phc, locale, passId } = row;
  // The door may have been closed since the form was sent, and with new codes a sign-up waits for a day.
  const hurdle = passId ? undefined : judgeSignUp(await findSignUpDoor(tx, undefined), { email, emailKey });
  if (hurdle) return hurdle;
  const pass = passId ? await spendSignUpPass(tx, actor, passId) : undefined;
  if (passId && !pass) return 'pass-over';
  const account = await insertAccount(tx, {
    address: { email, emailKey },
    name,
    phc,
    verified: true,
    operator: false,
    locale,
  });
  if (!account) return 'address-taken';
  const invitedTo = pass?.trustDomainId ?? null;
  await joinAtSignUp(tx, actor, { accountId: account.id, emailKey, invitedTo });
  return account;
}

function findSignUp({ db, clock }: Platform, id: string): Promise<SignUp | null> {
  return db.signUp.findUnique({ where: { id, expiresAt: { gt: clock.now() } } });
}

async function sendSignUpLetter(
  tx: Platform,
  { to, code, known, locale }: { to: string; code: string; known: boolean; locale: string },
): Promise<void> {
  const letter = known
    ? renderLetter(tx, 'address-already-known', { signInAddress: `${tx.config.issuer}/sign-in` }, locale)
    : renderLetter(tx, 'verification-code', { code, minutes: MAIL_CODE_SECONDS / 60 }, locale);
  await queueLetter(tx, { to, ...letter });
}
