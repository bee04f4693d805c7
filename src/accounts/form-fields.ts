import { z } from 'zod';
import { type Address, normalizeAddress, normalizeName } from './addresses.ts';
import { judgePassword } from './credentials/password-policy.ts';

/** An address as the forms take it: normalized, then judged. */
export const emailField = z.string().transform((raw, ctx): Address => {
  const address = normalizeAddress(raw);
  if (address) return address;
  ctx.addIssue({ code: 'custom', message: 'Enter an email address like name@example.com.' });
  return z.NEVER;
});

export const nameField = z.string().transform((raw, ctx): string => {
  const name = normalizeName(raw);
  if (name !== undefined) return name;
  ctx.addIssue({ code: 'custom', message: 'Enter your name, in at most 100 characters.' });
  return z.NEVER;
});

/** A password that is typed to sign in: taken as it is. */
export const currentPasswordField = z.string().min(1, 'Enter your password.');

/** A password that is chosen now. What depends on the person is judged with the other fields. */
export const newPasswordField = z.string().superRefine((raw, ctx) => {
  const judgement = judgePassword(raw, []);
  if (!judgement.ok) ctx.addIssue({ code: 'custom', message: judgement.sentence });
});

/** The six digits of an authenticator app, pasted with spaces or hyphens or not. */
export const oneTimeCodeField = digits(6, 'Enter the six digits that your authenticator app shows.');

/** The eight digits of a letter. */
export const verificationCodeField = digits(8, 'Enter the eight digits from the letter.');

function digits(length: number, sentence: string) {
  return z
    .string()
    .max(64, sentence)
    .transform((raw) => raw.normalize('NFKC').replace(/[\s\p{Pd}]/gu, ''))
    .refine((code) => code.length === length && /^[0-9]+$/.test(code), sentence);
}
