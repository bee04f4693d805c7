import type { EmailChange } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Address } from '../addresses.ts';
import { sendMailCode } from '../mail-code-letters.ts';
import {
  consumeMailCode,
  findMailCode,
  judgeMailCode,
  type LetterOutcome,
  type MailCodeJudgement,
  type WaitingCode,
} from '../mail-codes.ts';
import { voidPasswordResets } from '../recovery/shut-out.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { endSessionsOfAccount, type LiveSession } from '../sessions/sessions.ts';
import { findHolder, holdAddresses } from '../sign-up/reserved-addresses.ts';
import { followAddress } from '../trust-domain-members.ts';

/** A new address for whoever is signed in, and the browser that will type the code. */
export interface EmailChangeRequest {
  readonly session: LiveSession;
  readonly address: Address;
  readonly browser: string;
}

/** A change whose code this browser and session wait to type. */
export interface WaitingChange {
  readonly waiting: WaitingCode;
  readonly change: EmailChange;
}

export type RequestedChange =
  | LetterOutcome
  | { readonly ok: false; readonly reason: 'same-address' }
  | { readonly ok: false; readonly reason: 'session-over' };

export type ConfirmedChange =
  | { readonly ok: true; readonly email: string }
  | Extract<MailCodeJudgement, { ok: false }>
  | { readonly ok: false; readonly reason: 'address-taken' }
  | { readonly ok: false; readonly reason: 'session-over' };

/** Seconds for which the old address may take the account back. */
export const UNDO_SECONDS = 7 * 86_400;

const HOUR = 3600;
const CHANGES_AN_HOUR = 5;

/**
 * Sends a code to the new address. Whether it belongs to somebody plays no part here: only who reads its mail is told.
 * The code works in this browser and this session alone.
 */
export async function requestEmailChange(
  platform: Platform,
  actor: Actor,
  { session, address, browser }: EmailChangeRequest,
): Promise<RequestedChange> {
  const { accountId, id: sessionId } = session;
  return inTransaction(platform, async (tx) => {
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'session-over' };
    const { email, emailKey } = await tx.db.account.findUniqueOrThrow({ where: { id: accountId } });
    if (emailKey === address.emailKey) return { ok: false, reason: 'same-address' };
    const admitted = await admitChange(tx, accountId);
    if (!admitted.ok) return admitted;
    const row = { id: newId(), accountId, oldEmail: email, oldEmailKey: emailKey };
    const change = await tx.db.emailChange.create({
      data: {
        ...row,
        newEmail: address.email,
        newEmailKey: address.emailKey,
        sessionId,
        createdAt: tx.clock.now(),
      },
    });
    const sent = await sendChangeCode(tx, change, browser);
    if (!sent.ok) await tx.db.emailChange.delete({ where: { id: change.id } });
    else await recordEvent(tx, actor, 'email-change.requested', { kind: 'account', id: accountId });
    return sent;
  });
}

/** The change that this browser and session wait to confirm. */
export async function findWaitingChange(
  platform: Platform,
  { session, browser }: { session: LiveSession; browser: string | undefined },
): Promise<WaitingChange | undefined> {
  const waiting = await findMailCode(platform, { purpose: 'email-change', browser });
  if (!waiting?.subjectId) return undefined;
  const change = await platform.db.emailChange.findUnique({
    where: { id: waiting.subjectId, accountId: session.accountId, sessionId: session.id, confirmedAt: null },
  });
  return change ? { waiting, change } : undefined;
}

/** Sends a new code for the same change; the older one stops working. */
export async function resendChangeCode(
  platform: Platform,
  actor: Actor,
  { change, browser }: { change: EmailChange; browser: string },
): Promise<LetterOutcome> {
  return inTransaction(platform, async (tx) => {
    const sent = await sendChangeCode(tx, change, browser);
    if (sent.ok) await recordEvent(tx, actor, 'mail-code.sent', { kind: 'email-change', id: change.id });
    return sent;
  });
}

/**
 * Switches the account to the proven address. Of two accounts that prove one address one gets it. Other sessions end,
 * and the old address is told how to take the account back.
 */
export async function confirmEmailChange(
  platform: Platform,
  actor: Actor,
  { session, waiting, change, code }: WaitingChange & { session: LiveSession; code: string },
): Promise<ConfirmedChange> {
  const target = { kind: 'email-change', id: change.id };
  const judgement = await judgeMailCode(platform, actor, { waiting, code, target });
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeMailCode(tx, judgement.id))) return { ok: false, reason: 'no-code' };
    // Addresses first, then sessions, as an undo takes them, so that none waits for the other.
    await holdAddresses(tx, [change.oldEmailKey, change.newEmailKey]);
    if (!(await holdSession(tx, session.id))) return { ok: false, reason: 'session-over' };
    const { taken } = await findHolder(tx, change.newEmailKey, change.accountId);
    if (taken) return { ok: false, reason: 'address-taken' };
    if (!(await switchAddress(tx, change))) return { ok: false, reason: 'no-code' };
    const { accountId } = change;
    const moved = await followAddress(tx, actor, { accountId, emailKey: change.newEmailKey });
    // In other trust domains other rules may hold: this browser signs in anew, too.
    await endSessionsOfAccount(tx, actor, { accountId, ...(!moved && { except: session.id }) });
    await voidPasswordResets(tx, accountId);
    await recordEvent(tx, actor, 'email-change.confirmed', { kind: 'account', id: accountId });
    await announceChange(tx, change, { undoable: !(await isReturn(tx, change)) });
    return { ok: true, email: change.newEmail };
  });
}

/** Job: forgets changes that nobody confirmed within a day, and those that can no longer be undone. */
export async function sweepEmailChanges({ db, clock }: Platform): Promise<number> {
  const now = clock.now();
  const unconfirmed = { confirmedAt: null, createdAt: { lt: secondsAfter(now, -24 * HOUR) } };
  const { count } = await db.emailChange.deleteMany({
    where: { OR: [unconfirmed, { undoUntil: { lt: secondsAfter(now, -24 * HOUR) } }] },
  });
  return count;
}

/** Our forms must not write to the whole world in somebody's name: five new addresses an hour. */
async function admitChange({ db, clock }: Platform, accountId: string): Promise<LetterOutcome> {
  const since = secondsAfter(clock.now(), -HOUR);
  const count = await db.emailChange.count({ where: { accountId, createdAt: { gt: since } } });
  if (count < CHANGES_AN_HOUR) return { ok: true };
  return { ok: false, reason: 'too-many-letters', retryAfterSeconds: HOUR };
}

async function sendChangeCode(tx: Platform, change: EmailChange, browser: string): Promise<LetterOutcome> {
  const { id: subjectId, newEmail: to, newEmailKey: emailKey, accountId } = change;
  const { locale } = await tx.db.account.findUniqueOrThrow({ where: { id: accountId } });
  const request = { purpose: 'email-change', subjectId, emailKey, browser } as const;
  return sendMailCode(tx, request, { letter: 'email-change-code', to, locale });
}

/** Both conditional: a change is confirmed once, and only while the account still has the address it began with. */
async function switchAddress({ db, clock }: Platform, change: EmailChange): Promise<boolean> {
  const now = clock.now();
  const confirmed = await db.emailChange.updateMany({
    where: { id: change.id, confirmedAt: null, undoneAt: null },
    data: { confirmedAt: now, undoUntil: secondsAfter(now, UNDO_SECONDS) },
  });
  if (confirmed.count === 0) return false;
  const switched = await db.account.updateMany({
    where: { id: change.accountId, emailKey: change.oldEmailKey },
    data: { email: change.newEmail, emailKey: change.newEmailKey, emailVerifiedAt: now, updatedAt: now },
  });
  if (switched.count === 1) return true;
  await db.emailChange.delete({ where: { id: change.id } });
  return false;
}

/**
 * Going back to an address that may still undo is that undo by another door. The changes since then are over, or the
 * address in between, perhaps an intruder's, could take the account once more.
 */
async function isReturn(tx: Platform, { accountId, newEmailKey }: EmailChange): Promise<boolean> {
  const now = tx.clock.now();
  const first = await tx.db.emailChange.findFirst({
    where: { accountId, oldEmailKey: newEmailKey, undoneAt: null, undoUntil: { gt: now } },
    orderBy: { createdAt: 'asc' },
  });
  if (!first) return false;
  await tx.db.emailChange.updateMany({
    where: { accountId, undoneAt: null, createdAt: { gte: first.createdAt } },
    data: { undoneAt: now },
  });
  return true;
}

async function announceChange(
  tx: Platform,
  change: EmailChange,
  { undoable }: { undoable: boolean },
): Promise<void> {
  const { locale } = await tx.db.account.findUniqueOrThrow({ where: { id: change.accountId } });
  const { issuer } = tx.config;
  const until = secondsAfter(tx.clock.now(), UNDO_SECONDS);
  // The link carries an id and no secret: it opens a page, and what counts is the code that the page sends.
  const undoAddress = `${issuer}/email-undo?change=${change.id}`;
  const toOld = undoable
    ? renderLetter(tx, 'email-changed', { undoAddress, until }, locale)
    : renderLetter(tx, 'email-change-undone', { resetAddress: `${issuer}/password-reset` }, locale);
  await queueLetter(tx, { to: change.oldEmail, ...toOld });
  const toNew = renderLetter(tx, 'email-change-done', { signInAddress: `${issuer}/sign-in` }, locale);
  await queueLetter(tx, { to: change.newEmail, ...toNew });
}
