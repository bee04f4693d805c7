import type { EmailChange } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { revokeGrantsOfAccount } from '../../tokens/revocation.ts';
import { sendMailCode } from '../mail-code-letters.ts';
import {
  consumeMailCode,
  findMailCode,
  judgeMailCode,
  type LetterOutcome,
  type MailCodeJudgement,
  voidMailCodes,
  type WaitingCode,
} from '../mail-codes.ts';
import { holdAddresses } from '../sign-up/reserved-addresses.ts';
import { followAddress } from '../trust-domain-members.ts';
import { cancelFactorReset } from './factor-reset.ts';
import { shutEverybodyOut } from './shut-out.ts';

/** An undo whose code this browser waits to type. */
export interface WaitingUndo {
  readonly waiting: WaitingCode;
  readonly change: EmailChange;
}

export type UndoneChange = { readonly ok: true } | Extract<MailCodeJudgement, { ok: false }>;

/** A confirmed change that its old address may still undo; by the id in the letter, which is no secret and does nothing. */
export async function findUndoableChange(
  { db, clock }: Platform,
  id: string | undefined,
): Promise<EmailChange | undefined> {
  if (id === undefined || !UUID.test(id)) return undefined;
  const where = { id, undoneAt: null, undoUntil: { gt: clock.now() } };
  return (await db.emailChange.findUnique({ where })) ?? undefined;
}

/** Sends a code to the old address, for the browser that asks. */
export async function sendUndoCode(
  platform: Platform,
  actor: Actor,
  { change, browser }: { change: EmailChange; browser: string },
): Promise<LetterOutcome> {
  const { id: subjectId, oldEmail: to, oldEmailKey: emailKey, accountId } = change;
  return inTransaction(platform, async (tx) => {
    const { locale } = await tx.db.account.findUniqueOrThrow({ where: { id: accountId } });
    const request = { purpose: 'email-undo', subjectId, emailKey, browser } as const;
    const sent = await sendMailCode(tx, request, { letter: 'email-undo-code', to, locale });
    if (sent.ok) await recordEvent(tx, actor, 'mail-code.sent', { kind: 'email-change', id: subjectId });
    return sent;
  });
}

/** The undo that this browser asked a code for. */
export async function findWaitingUndo(
  platform: Platform,
  browser: string | undefined,
): Promise<WaitingUndo | undefined> {
  const waiting = await findMailCode(platform, { purpose: 'email-undo', browser });
  const change = await findUndoableChange(platform, waiting?.subjectId ?? undefined);
  return waiting && change ? { waiting, change } : undefined;
}

/**
 * Gives the account back to its old address: everybody is signed out, every app disconnected, whatever was begun since
 * is void. Password and second factor stay as they are and are asked for as always.
 */
export async function undoEmailChange(
  platform: Platform,
  actor: Actor,
  { waiting, change, code }: WaitingUndo & { code: string },
): Promise<UndoneChange> {
  const target = { kind: 'account', id: change.accountId };
  const judgement = await judgeMailCode(platform, actor, { waiting, code, target });
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeMailCode(tx, judgement.id))) return { ok: false, reason: 'no-code' };
    const { email: lostEmail, emailKey: lostKey } = await tx.db.account.findUniqueOrThrow({
      where: { id: change.accountId },
    });
    await holdAddresses(tx, [change.oldEmailKey, lostKey]);
    if (!(await takeBack(tx, change))) return { ok: false, reason: 'no-code' };
    await followAddress(tx, actor, { accountId: change.accountId, emailKey: change.oldEmailKey });
    await shutEverybodyOut(tx, actor, change.accountId);
    await revokeGrantsOfAccount(tx, change.accountId);
    await cancelFactorReset(tx, actor, { accountId: change.accountId, by: 'undo' });
    await recordEvent(tx, actor, 'email-change.undone', target);
    await announceUndo(tx, change, lostEmail);
    return { ok: true };
  });
}

/** The change and every later one are over; what an intruder began with the new address goes with them. */
async function takeBack(tx: Platform, change: EmailChange): Promise<boolean> {
  const now = tx.clock.now();
  const { accountId, oldEmail, oldEmailKey } = change;
  const { count } = await tx.db.emailChange.updateMany({
    where: { id: change.id, undoneAt: null, undoUntil: { gt: now } },
    data: { undoneAt: now },
  });
  if (count === 0) return false;
  const later = await tx.db.emailChange.updateManyAndReturn({
    where: { accountId, undoneAt: null, createdAt: { gte: change.createdAt } },
    data: { undoneAt: now },
    select: { id: true },
  });
  const subjectIds = [change.id, ...later.map(({ id }) => id)];
  await voidMailCodes(tx, { purposes: ['email-change', 'email-undo'], subjectIds });
  // A closing that waits may be the intruder's; the owner can ask for it again.
  await tx.db.account.update({
    where: { id: accountId },
    data: { email: oldEmail, emailKey: oldEmailKey, emailVerifiedAt: now, closesAt: null, updatedAt: now },
  });
  return true;
}

async function announceUndo(tx: Platform, change: EmailChange, lostEmail: string): Promise<void> {
  const { locale } = await tx.db.account.findUniqueOrThrow({ where: { id: change.accountId } });
  const resetAddress = `${tx.config.issuer}/password-reset`;
  for (const to of [change.oldEmail, lostEmail]) {
    await queueLetter(tx, { to, ...renderLetter(tx, 'email-change-undone', { resetAddress }, locale) });
  }
}
