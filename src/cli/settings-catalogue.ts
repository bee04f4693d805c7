import { SECOND_FACTOR, SIGN_UP, SIGN_UP_DOMAINS, TRUSTED_BROWSERS } from '../accounts/policy.ts';
import { PERSONAL_TOKENS } from '../tokens/personal-tokens.ts';
import type { Setting } from '../platform/settings.ts';
import { CONSENT_END } from '../tokens/consent-ends.ts';

/** Every setting there is, by subject. A test finds the ones that are missing here. */
// biome-ignore lint/suspicious/noExplicitAny: a list of settings of many types; each is judged by its own schema
export const SETTINGS: readonly Setting<any>[] = [
  SIGN_UP,
  SIGN_UP_DOMAINS,
  SECOND_FACTOR,
  TRUSTED_BROWSERS,
  CONSENT_END,
  PERSONAL_TOKENS,
];
