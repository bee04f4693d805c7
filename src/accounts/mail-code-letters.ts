import { renderLetter } from '../platform/mail/letters.ts';
import { queueLetter } from '../platform/mail/outbox.ts';
import type { Platform } from '../platform/platform.ts';
import {
  admitLetter,
  createMailCode,
  type LetterOutcome,
  MAIL_CODE_SECONDS,
  type MailCodeRequest,
} from './mail-codes.ts';

/** Letters to somebody who is known to have asked. Sign-up and password reset choose theirs by who has the address. */
type CodeLetter = 'verification-code' | 'factor-reset-code' | 'email-change-code' | 'email-undo-code';

/** Makes a code and sends it, in the open transaction, unless the mailbox has had its letters. The caller records it. */
export async function sendMailCode(
  tx: Platform,
  request: MailCodeRequest,
  { letter, to, locale }: { letter: CodeLetter; to: string; locale: string | null },
): Promise<LetterOutcome> {
  const admitted = await admitLetter(tx, request.emailKey, request.purpose);
  if (!admitted.ok) return admitted;
  const code = await createMailCode(tx, request);
  const data = { code, minutes: MAIL_CODE_SECONDS / 60 };
  await queueLetter(tx, { to, ...renderLetter(tx, letter, data, locale) });
  return { ok: true };
}
