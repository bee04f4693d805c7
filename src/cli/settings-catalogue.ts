import { LIMIT_OVERRIDES } from '../defense/limits/limit-in-force.ts';
import { SECOND_FACTOR, SIGN_UP, SIGN_UP_DOMAINS, TRUSTED_BROWSERS } from '../accounts/policy.ts';
import {
  BRAND_IMPRINT,
  BRAND_LOGO,
  BRAND_NAME,
  BRAND_PRIVACY,
  BRAND_SUPPORT,
  BRAND_TERMS,
  BRAND_WELCOME,
  DEFAULT_LANGUAGE,
} from '../platform/brand/brand.ts';
import { BRAND_ACCENT, BRAND_ACCENT_DARK, BRAND_FONT, BRAND_RADIUS } from '../platform/brand/style-sheet.ts';
import { SUSPENSIONS_MODE } from '../defense/suspensions/mode.ts';
import { APPS_APPROVAL } from '../developers/clients/reviews.ts';
import { REQUIRED_CHECKS } from '../developers/insights/checks/findings.ts';
import { BREACHED_LOOKUP } from '../accounts/credentials/breached-passwords.ts';
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
  BREACHED_LOOKUP,
  PERSONAL_TOKENS,
  APPS_APPROVAL,
  REQUIRED_CHECKS,
  LIMIT_OVERRIDES,
  SUSPENSIONS_MODE,
  DEFAULT_LANGUAGE,
  BRAND_NAME,
  BRAND_WELCOME,
  BRAND_ACCENT,
  BRAND_ACCENT_DARK,
  BRAND_RADIUS,
  BRAND_FONT,
  BRAND_LOGO,
  BRAND_SUPPORT,
  BRAND_TERMS,
  BRAND_PRIVACY,
  BRAND_IMPRINT,
];
