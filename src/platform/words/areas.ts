// One line per area of texts: add yours in both lists. The files are read once at start (texts.ts); here only their
// keys are looked at, by the type checker. One area belongs to one slice.
import type account from '../../../locales/en/account.json';
import type apps from '../../../locales/en/apps.json';
import type brand from '../../../locales/en/brand.json';
import type closing from '../../../locales/en/closing.json';
import type common from '../../../locales/en/common.json';
import type consent from '../../../locales/en/consent.json';
import type data from '../../../locales/en/data.json';
import type emailChange from '../../../locales/en/email-change.json';
import type enrolment from '../../../locales/en/enrolment.json';
import type errors from '../../../locales/en/errors.json';
import type events from '../../../locales/en/events.json';
import type factorLetters from '../../../locales/en/factor-letters.json';
import type factorReset from '../../../locales/en/factor-reset.json';
import type forms from '../../../locales/en/forms.json';
import type home from '../../../locales/en/home.json';
import type language from '../../../locales/en/language.json';
import type letters from '../../../locales/en/letters.json';
import type mailbox from '../../../locales/en/mailbox.json';
import type passkeys from '../../../locales/en/passkeys.json';
import type password from '../../../locales/en/password.json';
import type passwordChange from '../../../locales/en/password-change.json';
import type passwordReset from '../../../locales/en/password-reset.json';
import type personalTokens from '../../../locales/en/personal-tokens.json';
import type profile from '../../../locales/en/profile.json';
import type protocol from '../../../locales/en/protocol.json';
import type recoveryCodes from '../../../locales/en/recovery-codes.json';
import type secondFactor from '../../../locales/en/second-factor.json';
import type sessions from '../../../locales/en/sessions.json';
import type signIn from '../../../locales/en/sign-in.json';
import type signInLetters from '../../../locales/en/sign-in-letters.json';
import type signInMethods from '../../../locales/en/sign-in-methods.json';
import type signOut from '../../../locales/en/sign-out.json';
import type signUp from '../../../locales/en/sign-up.json';
import type stepUp from '../../../locales/en/step-up.json';
import type totp from '../../../locales/en/totp.json';
import type trustedBrowsers from '../../../locales/en/trusted-browsers.json';
import type verification from '../../../locales/en/verification.json';

/** Every key of every English text, plural forms included. */
export type Area =
  | keyof typeof account
  | keyof typeof apps
  | keyof typeof brand
  | keyof typeof closing
  | keyof typeof common
  | keyof typeof consent
  | keyof typeof data
  | keyof typeof emailChange
  | keyof typeof enrolment
  | keyof typeof errors
  | keyof typeof events
  | keyof typeof factorLetters
  | keyof typeof factorReset
  | keyof typeof forms
  | keyof typeof home
  | keyof typeof language
  | keyof typeof letters
  | keyof typeof mailbox
  | keyof typeof passkeys
  | keyof typeof password
  | keyof typeof passwordChange
  | keyof typeof passwordReset
  | keyof typeof personalTokens
  | keyof typeof profile
  | keyof typeof protocol
  | keyof typeof recoveryCodes
  | keyof typeof secondFactor
  | keyof typeof sessions
  | keyof typeof signIn
  | keyof typeof signInLetters
  | keyof typeof signInMethods
  | keyof typeof signOut
  | keyof typeof signUp
  | keyof typeof stepUp
  | keyof typeof totp
  | keyof typeof trustedBrowsers
  | keyof typeof verification;
