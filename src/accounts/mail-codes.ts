import { randomInt } from 'node:crypto';
import type { Actor } from '../audit/actor.ts';
import type { AuditTarget } from '../audit/events.ts';
import { recordEvent } from '../audit/trail.ts';
import { raiseAlert } from '../defense/alerts.ts';
import { lease } from '../defense/limits/lease.ts';
import { secondsAfter } from '../platform/clock.ts';
import { digestOf, keyedDigest, sameBytes } from '../platform/crypto/secrets.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';

/** What a typed code proves, and which flow it belongs to: a code of one is worth nothing in another. */
export type MailCodePurpose =
  /** The address of a sign-up. */
  | 'sign-up'
  /** The address of an account that has not proven it yet. */
  | 'verification'
  | 'password-reset'
  | 'factor-reset'
  /** The new address of an account; the subject is the change. */
  | 'email-change'
  /** The address an account had before; the subject is the change. */
  | 'email-undo';

/** A code request. Without a `subjectId` no code will ever fit: the answer to an address that has an account. */
export interface MailCodeRequest {
  readonly purpose: MailCodePurpose;
  readonly subjectId: string | undefined;
  readonly emailKey: string;
  /** Value of the cookie of the browser that asks; the code works in no other. */
  readonly browser: string;
}

/** A code that waits to be typed. */
export interface WaitingCode {
  readonly id: string;
  readonly subjectId: string | null;
  readonly emailKey: string;
}

export type MailCodeJudgement =
  | { readonly ok: true; readonly id: string; readonly subjectId: string }
  | { readonly ok: false; readonly reason: 'wrong-code'; readonly triesLeft: number }
  | { readonly ok: false; readonly reason: 'no-code' };

/** Whether a letter went, or may go, to an address. */
export type LetterOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'too-many-letters'; readonly retryAfterSeconds: number };

export const MAIL_CODE_SECONDS = 600;
const TRIES = 5;
const DIGITS = 8;
export const LETTERS_AN_HOUR = 5;
const HOUR = 3600;

/** Anybody can have these sent to any mailbox, so they share one count. */
const ASKED_BY_STRANGERS: readonly MailCodePurpose[] = ['sign-up', 'password-reset'];

/**
 * Seconds until another letter may go to this mailbox, 0 when one may go now: five an hour, so that nobody's mailbox
 * is flooded from our forms. Counted alike for addresses with and without an account. Codes that only their owner can
 * ask for are counted apart, each purpose by itself: whoever fills a mailbox from outside never bars them.
 */
export async function secondsUntilNextLetter(
  { db, clock }: Platform,
  emailKey: string,
  purpose: MailCodePurpose,
): Promise<number> {
  const now = clock.now();
  const { local, host } = mailboxOf(emailKey);
  const recent = await db.mailCode.findMany({
    where: {
      OR: [{ email: `${local}@${host}` }, { email: { startsWith: `${local}+`, endsWith: `@${host}` } }],
      purpose: ASKED_BY_STRANGERS.includes(purpose) ? { in: [...ASKED_BY_STRANGERS] } : purpose,
      expiresAt: { gt: secondsAfter(now, MAIL_CODE_SECONDS - HOUR) },
    },
    select: { createdAt: true },
    orderBy: { createdAt: 'desc' },
    take: LETTERS_AN_HOUR,
  });
  const oldest = recent.length < LETTERS_AN_HOUR ? undefined : recent.at(-1)?.createdAt;
  if (!oldest) return 0;
  return Math.max(1, Math.ceil((secondsAfter(oldest, HOUR).getTime() - now.getTime()) / 1000));
}

/**
 * Refuses a letter that secondsUntilNextLetter would have wait. Call it in the transaction that sends the letter: a
 * second request for the same mailbox waits here until the first is counted.
 */
export async function admitLetter(
  tx: Platform,
  emailKey: string,
  purpose: MailCodePurpose,
): Promise<LetterOutcome> {
  const { local, host } = mailboxOf(emailKey);
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`letters ${local}@${host}`}, 0))`;
  const wait = await secondsUntilNextLetter(tx, emailKey, purpose);
  if (wait > 0) return { ok: false, reason: 'too-many-letters', retryAfterSeconds: wait };
  return ASKED_BY_STRANGERS.includes(purpose) ? admitStranger(tx) : { ok: true };
}

/**
 * All letters that strangers ask for, to whatever mailboxes, have one budget: beyond it mail providers would take us for a
 * source of spam. Leased, so that no statement waits for another connection within a transaction.
 */
async function admitStranger(tx: Platform): Promise<LetterOutcome> {
  const spent = await lease(tx, 'letters', 'everybody');
  if (spent.ok) return { ok: true };
  const { retryAfterSeconds } = spent;
  await raiseAlert(tx, { kind: 'letters-over-cap', severity: 'page', evidence: { retryAfterSeconds } });
  return { ok: false, reason: 'too-many-letters', retryAfterSeconds };
}

/** How many codes this browser asked for within the hour, whatever became of them. */
export function countLettersOf(
  { db, clock }: Platform,
  { browser, purpose }: Pick<MailCodeRequest, 'browser' | 'purpose'>,
): Promise<number> {
  const since = secondsAfter(clock.now(), -HOUR);
  return db.mailCode.count({
    where: { browserDigest: digestOf(browser), purpose, createdAt: { gt: since } },
  });
}

/** Where letters to this address arrive: most providers ignore what follows a plus sign. */
function mailboxOf(emailKey: string): { local: string; host: string } {
  const [address = '', host = ''] = emailKey.split('@');
  return { local: address.split('+', 1)[0] || address, host };
}

/**
 * Makes a code of eight digits for the caller's letter and voids older ones of the same browser and purpose.
 * Only a keyed digest is stored (K02). Ten minutes, five tries, once.
 */
export async function createMailCode(
  { db, clock, vault }: Platform,
  request: MailCodeRequest,
): Promise<string> {
  const now = clock.now();
  const id = newId();
  const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
  const browserDigest = digestOf(request.browser);
  await db.mailCode.updateMany({
    where: { browserDigest, purpose: request.purpose, consumedAt: null },
    data: { consumedAt: now },
  });
  await db.mailCode.create({
    data: {
      id,
      browserDigest,
      purpose: request.purpose,
      subjectId: request.subjectId ?? null,
      email: request.emailKey,
      codeDigest: keyedDigest(vault.secret('mail-code'), id, code),
      triesLeft: TRIES,
      createdAt: now,
      expiresAt: secondsAfter(now, MAIL_CODE_SECONDS),
    },
  });
  return code;
}

/** The newest code this browser asked for, expired or not, so that the page can name the address and send another. */
export async function findMailCode(
  { db }: Platform,
  { purpose, browser }: { purpose: MailCodePurpose; browser: string | undefined },
): Promise<WaitingCode | undefined> {
  if (!browser) return undefined;
  const row = await db.mailCode.findFirst({
    where: { browserDigest: digestOf(browser), purpose },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });
  return row ? { id: row.id, subjectId: row.subjectId, emailKey: row.email } : undefined;
}

/** A code as somebody typed it, and whose business it is, for the record of a wrong one. */
export interface TypedCode {
  readonly waiting: WaitingCode | undefined;
  readonly code: string;
  readonly target: AuditTarget;
}

/**
 * Judges a typed code and records a wrong one. That there is none, or none any more, is not worth a word: anybody could
 * write the trail full with it, for nothing.
 */
export async function judgeMailCode(
  platform: Platform,
  actor: Actor,
  { waiting, code, target }: TypedCode,
): Promise<MailCodeJudgement> {
  const judgement = await takeTry(platform, waiting, code);
  if (!judgement.ok && judgement.reason === 'wrong-code')
    await recordEvent(platform, actor, 'mail-code.failed', target, { reason: judgement.reason });
  return judgement;
}

/** The try is taken before the code is looked at, by one conditional statement. */
async function takeTry(
  platform: Platform,
  waiting: WaitingCode | undefined,
  code: string,
): Promise<MailCodeJudgement> {
  const { db, clock, vault } = platform;
  if (!waiting) return { ok: false, reason: 'no-code' };
  const [row] = await db.mailCode.updateManyAndReturn({
    where: { id: waiting.id, consumedAt: null, triesLeft: { gt: 0 }, expiresAt: { gt: clock.now() } },
    data: { triesLeft: { decrement: 1 } },
  });
  if (!row) return { ok: false, reason: 'no-code' };
  const fits = sameBytes(row.codeDigest, keyedDigest(vault.secret('mail-code'), row.id, code));
  if (fits && row.subjectId) return { ok: true, id: row.id, subjectId: row.subjectId };
  return { ok: false, reason: 'wrong-code', triesLeft: row.triesLeft };
}

/** Uses a code up, in the transaction of what it allows. Of parallel uses exactly one returns true. */
export async function consumeMailCode({ db, clock }: Platform, id: string): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.mailCode.updateMany({
    where: { id, consumedAt: null, expiresAt: { gt: now } },
    data: { consumedAt: now },
  });
  return count === 1;
}

/** Voids the codes that wait for these subjects, in the transaction of what makes them pointless or dangerous. */
export async function voidMailCodes(
  { db, clock }: Platform,
  { purposes, subjectIds }: { purposes: readonly MailCodePurpose[]; subjectIds: readonly string[] },
): Promise<void> {
  await db.mailCode.updateMany({
    where: { purpose: { in: [...purposes] }, subjectId: { in: [...subjectIds] }, consumedAt: null },
    data: { consumedAt: clock.now() },
  });
}

/** Job: forgets codes a day after they expired. */
export async function sweepMailCodes({ db, clock }: Platform): Promise<number> {
  const { count } = await db.mailCode.deleteMany({
    where: { expiresAt: { lt: secondsAfter(clock.now(), -24 * HOUR) } },
  });
  return count;
}
