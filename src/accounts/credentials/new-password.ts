import { BRAND_NAME } from '../../platform/brand/brand.ts';
import type { Platform } from '../../platform/platform.ts';
import { shortestPassword } from '../policy.ts';
import { BREACHED_LOOKUP, isBreached } from './breached-passwords.ts';
import { judgePassword, normalizePassword, type PasswordJudgement } from './password-policy.ts';

/** Who chooses a password, as far as others know it too. */
export interface Chooser {
  readonly email: string;
  readonly name: string;
}

/** Judges a password when it is chosen: sign-up, reset, change, and accounts that operators make. */
export async function judgeNewPassword(
  platform: Platform,
  raw: string,
  { email, name }: Chooser,
): Promise<PasswordJudgement> {
  const { settings, config } = platform;
  const known = [email, name, settings.get(BRAND_NAME), config.issuerHost];
  const judgement = judgePassword(raw, known, shortestPassword(platform));
  if (!judgement.ok || !settings.get(BREACHED_LOOKUP)) return judgement;
  const breached = await isBreached(platform, normalizePassword(raw) ?? '');
  return breached ? { ok: false, words: 'password.breached' } : judgement;
}
