import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { normalizeAddress } from '../addresses.ts';
import {
  admitLetter,
  consumeMailCode,
  createMailCode,
  findMailCode,
  judgeMailCode,
  type LetterOutcome,
  MAIL_CODE_SECONDS,
  type MailCodeJudgement,
  recordWrongCode,
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
    const admitted = await admitLetter(tx, emailKey, 'verification');
    if (!admitted.ok) return admitted;
    const code = await createMailCode(tx, {
      purpose: 'verification',
      subjectId: account.id,
      emailKey,
      browser,
    });
    const letter = renderLetter(
      tx,
      'verification-code',
      { code, minutes: MAIL_CODE_SECONDS / 60 },
      account.locale,
    );
    await queueLetter(tx, { to: account.email, ...letter });
    await recordEvent(tx, actor, 'mail-code.sent', { kind: 'account', id: account.id });
    return { ok: true };
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
  const judgement = await judgeMailCode(platform, mine, code);
  const target = { kind: 'account', id: account.id };
  if (!judgement.ok) {
    await recordWrongCode(platform, actor, target, judgement);
    return judgement;
  }
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
