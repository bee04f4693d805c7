import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { asIssue } from '../platform/web/forms.ts';
import type { TextKey } from '../platform/words/text-keys.ts';
import { type Address, normalizeAddress, normalizeName } from './addresses.ts';
import { judgePassword } from './credentials/password-policy.ts';
import { plainRecoveryCode } from './credentials/recovery-codes.ts';
import { shortestPassword } from './policy.ts';

/** An address as the forms take it: normalized, then judged. */
export const emailField = z.string().transform((raw, ctx): Address => {
  const address = normalizeAddress(raw);
  if (address) return address;
  ctx.addIssue(asIssue('sign-in.enter-email'));
  return z.NEVER;
});

export const nameField = z.string().transform((raw, ctx): string => {
  const name = normalizeName(raw);
  if (name !== undefined) return name;
  ctx.addIssue(asIssue('sign-up.enter-name'));
  return z.NEVER;
});

/** A password that is typed to sign in: taken as it is. */
export const currentPasswordField = z.string().min(1, 'sign-in.enter-password' satisfies TextKey);

/** A password that is chosen now. What depends on the person is judged by judgeNewPassword(). */
export const newPasswordField = (platform: Platform) =>
  z.string().superRefine((raw, ctx) => {
    const judgement = judgePassword(raw, [], shortestPassword(platform));
    if (!judgement.ok) ctx.addIssue(asIssue(judgement.words));
  });

/** The six digits of an authenticator app, pasted with spaces or hyphens or not. */
export const oneTimeCodeField = digits(6, 'second-factor.enter-code');

/** The eight digits of a letter. */
export const verificationCodeField = digits(8, 'verification.enter-code');

function digits(length: number, words: TextKey) {
  return z
    .string()
    .max(64, words)
    .transform((raw) => raw.normalize('NFKC').replace(/[\s\p{Pd}]/gu, ''))
    .refine((code) => code.length === length && /^[0-9]+$/.test(code), words);
}

/** A recovery code, in any of the ways people copy one. */
export const recoveryCodeField = z
  .string()
  .max(64, 'recovery-codes.enter-code' satisfies TextKey)
  .transform((raw, ctx): string => {
    const code = plainRecoveryCode(raw);
    if (code !== undefined) return code;
    ctx.addIssue(asIssue('recovery-codes.enter-code'));
    return z.NEVER;
  });
