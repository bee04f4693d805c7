import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { normalizeAddress } from '../addresses.ts';
import { sendMailCode } from '../mail-code-letters.ts';
import {
  consumeMailCode,
  findMailCode,
  judgeMailCode,
  type LetterOutcome,
  type MailCodeJudgement,
} from '../mail-codes.ts';

export type VerifiedAddress = { readonly ok: true } | Extract<MailCodeJudgement, { ok: false }>;

/** Sends a code to the address of an account that an operator made and nobody has proven yet. */
export async function sendVerificationCode(
  platform: Platform,
  actor: Actor,
  { account, browser }: { account: Account; browser: string },
): Promise<LetterOutcome> {
  const emailKey = normalizeAddress(account.email)?.emailKey ?? account.email;
  return inTransaction(platform, async (tx) => {
    const { id: subjectId, email: to, locale } = account;
    const request = { purpose: 'verification', subjectId, emailKey, browser } as const;
    const sent = await sendMailCode(tx, request, { letter: 'verification-code', to, locale });
    if (sent.ok) await recordEvent(tx, actor, 'mail-code.sent', { kind: 'account', id: subjectId });
    return sent;
  });
}

/** Marks the address of an account as proven, with the code from the letter typed into the browser that asked. */
export async function verifyAddress(
  platform: Platform,
  actor: Actor,
  { account, browser, code }: { account: Account; browser: string | undefined; code: string },
): Promise<VerifiedAddress> {
  const waiting = await findMailCode(platform, { purpose: 'verification', browser });
  const mine = waiting?.subjectId === account.id ? waiting : undefined;
  const target = { kind: 'account', id: account.id };
  const judgement = await judgeMailCode(platform, actor, { waiting: mine, code, target });
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    if (!(await consumeMailCode(tx, judgement.id))) return { ok: false, reason: 'no-code' };
    await tx.db.account.update({
      where: { id: account.id },
      data: { emailVerifiedAt: tx.clock.now(), updatedAt: tx.clock.now() },
    });
    await recordEvent(tx, actor, 'account.address-verified', target);
    return { ok: true };
  });
}
