import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { countTry, handBackTry } from '../../defense/lockouts.ts';
import { noteWrongFactor } from '../../defense/sign-in-watch/strangers.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { normalizeAddress } from '../addresses.ts';
import { sendMailCode } from '../mail-code-letters.ts';
import { findMailCode, judgeMailCode, type LetterOutcome, type MailCodeJudgement } from '../mail-codes.ts';
import type { TooManyTries } from '../sign-in/sign-in.ts';

export type ResetCodeFailure = Extract<MailCodeJudgement, { ok: false }> | TooManyTries;

/** Sends a code to the address of an account whose second factor is lost, for the browser that proved the password. */
export async function sendResetCode(
  platform: Platform,
  actor: Actor,
  { account, browser }: { account: Account; browser: string },
): Promise<LetterOutcome> {
  const emailKey = normalizeAddress(account.email)?.emailKey ?? account.email;
  return inTransaction(platform, async (tx) => {
    const { id: subjectId, email: to, locale } = account;
    const request = { purpose: 'factor-reset', subjectId, emailKey, browser } as const;
    const sent = await sendMailCode(tx, request, { letter: 'factor-reset-code', to, locale });
    if (sent.ok) await recordEvent(tx, actor, 'mail-code.sent', { kind: 'account', id: subjectId });
    return sent;
  });
}

/**
 * Judges the code of that letter; the caller uses it up in the transaction of what it allows. A wrong one counts as a
 * failed second factor of the account, because it stands in for one (C19).
 */
export async function judgeResetCode(
  platform: Platform,
  actor: Actor,
  { account, browser, code }: { account: Account; browser: string | undefined; code: string },
): Promise<{ readonly ok: true; readonly codeId: string } | ResetCodeFailure> {
  const { id: accountId } = account;
  const attempt = { factor: 'second-factor', subject: accountId, accountId, browser } as const;
  const admission = await countTry(platform, attempt);
  if (!admission.ok) {
    return { ok: false, reason: 'too-many-tries', retryAfterSeconds: admission.retryAfterSeconds };
  }
  const found = await findMailCode(platform, { purpose: 'factor-reset', browser });
  const mine = found?.subjectId === accountId ? found : undefined;
  const target = { kind: 'account', id: accountId };
  const judgement = await judgeMailCode(platform, actor, { waiting: mine, code, target });
  if (judgement.ok || judgement.reason === 'no-code') await handBackTry(platform, admission.counted);
  else if (admission.counted.by === 'subject') {
    noteWrongFactor(platform, { accountId, failures: admission.counted.failures });
  }
  return judgement.ok ? { ok: true, codeId: judgement.id } : judgement;
}
