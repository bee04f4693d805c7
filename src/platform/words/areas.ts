// One line per area of texts: add yours in both lists. The files are read once at start (texts.ts); here only their
// keys are looked at, by the type checker. One area belongs to one slice.
import type accessCodes from '../../../locales/en/access-codes.json';
import type access from '../../../locales/en/access.json';
import type account from '../../../locales/en/account.json';
import type activity from '../../../locales/en/activity.json';
import type apps from '../../../locales/en/apps.json';
import type brand from '../../../locales/en/brand.json';
import type branding from '../../../locales/en/branding.json';
import type catalogue from '../../../locales/en/catalogue.json';
import type checks from '../../../locales/en/checks.json';
import type closing from '../../../locales/en/closing.json';
import type common from '../../../locales/en/common.json';
import type consent from '../../../locales/en/consent.json';
import type credentials from '../../../locales/en/credentials.json';
import type data from '../../../locales/en/data.json';
import type developerApis from '../../../locales/en/developer-apis.json';
import type developerApps from '../../../locales/en/developer-apps.json';
import type developerLetters from '../../../locales/en/developer-letters.json';
import type emailChange from '../../../locales/en/email-change.json';
import type enrolment from '../../../locales/en/enrolment.json';
import type errors from '../../../locales/en/errors.json';
import type events from '../../../locales/en/events.json';
import type factorLetters from '../../../locales/en/factor-letters.json';
import type factorReset from '../../../locales/en/factor-reset.json';
import type forms from '../../../locales/en/forms.json';
import type home from '../../../locales/en/home.json';
import type hosts from '../../../locales/en/hosts.json';
import type invitations from '../../../locales/en/invitations.json';
import type language from '../../../locales/en/language.json';
import type letters from '../../../locales/en/letters.json';
import type mailbox from '../../../locales/en/mailbox.json';
import type openings from '../../../locales/en/openings.json';
import type organizations from '../../../locales/en/organizations.json';
import type passkeys from '../../../locales/en/passkeys.json';
import type passwordChange from '../../../locales/en/password-change.json';
import type passwordReset from '../../../locales/en/password-reset.json';
import type password from '../../../locales/en/password.json';
import type personalTokens from '../../../locales/en/personal-tokens.json';
import type portal from '../../../locales/en/portal.json';
import type profile from '../../../locales/en/profile.json';
import type protocol from '../../../locales/en/protocol.json';
import type recoveryCodes from '../../../locales/en/recovery-codes.json';
import type requestLog from '../../../locales/en/request-log.json';
import type scopeEditor from '../../../locales/en/scope-editor.json';
import type secondFactor from '../../../locales/en/second-factor.json';
import type sessions from '../../../locales/en/sessions.json';
import type signInLetters from '../../../locales/en/sign-in-letters.json';
import type signInMethods from '../../../locales/en/sign-in-methods.json';
import type signIn from '../../../locales/en/sign-in.json';
import type signOut from '../../../locales/en/sign-out.json';
import type signUp from '../../../locales/en/sign-up.json';
import type stages from '../../../locales/en/stages.json';
import type stepUp from '../../../locales/en/step-up.json';
import type terms from '../../../locales/en/terms.json';
import type testers from '../../../locales/en/testers.json';
import type totp from '../../../locales/en/totp.json';
import type trustDomains from '../../../locales/en/trust-domains.json';
import type trustedBrowsers from '../../../locales/en/trusted-browsers.json';
import type usage from '../../../locales/en/usage.json';
import type rules from '../../../locales/en/rules.json';
import type suspensions from '../../../locales/en/suspensions.json';
import type gateway from '../../../locales/en/gateway.json';
import type abuseReports from '../../../locales/en/abuse-reports.json';
import type eventTargets from '../../../locales/en/event-targets.json';
import type admin from '../../../locales/en/admin.json';
import type adminHome from '../../../locales/en/admin-home.json';
import type adminAccounts from '../../../locales/en/admin-accounts.json';
import type adminOrganizations from '../../../locales/en/admin-organizations.json';
import type adminClients from '../../../locales/en/admin-clients.json';
import type adminQueues from '../../../locales/en/admin-queues.json';
import type adminSuspensions from '../../../locales/en/admin-suspensions.json';
import type adminLimits from '../../../locales/en/admin-limits.json';
import type adminEvents from '../../../locales/en/admin-events.json';
import type adminKeys from '../../../locales/en/admin-keys.json';
import type operatorLetters from '../../../locales/en/operator-letters.json';
import type limits from '../../../locales/en/limits.json';
import type suspendedAccount from '../../../locales/en/suspended-account.json';
import type suspensionLetters from '../../../locales/en/suspension-letters.json';
import type verification from '../../../locales/en/verification.json';

/** Every key of every English text, plural forms included. */
export type Area =
  | keyof typeof accessCodes
  | keyof typeof access
  | keyof typeof account
  | keyof typeof activity
  | keyof typeof apps
  | keyof typeof brand
  | keyof typeof branding
  | keyof typeof catalogue
  | keyof typeof checks
  | keyof typeof closing
  | keyof typeof common
  | keyof typeof consent
  | keyof typeof credentials
  | keyof typeof data
  | keyof typeof developerApis
  | keyof typeof developerApps
  | keyof typeof developerLetters
  | keyof typeof emailChange
  | keyof typeof enrolment
  | keyof typeof errors
  | keyof typeof events
  | keyof typeof factorLetters
  | keyof typeof factorReset
  | keyof typeof forms
  | keyof typeof home
  | keyof typeof hosts
  | keyof typeof invitations
  | keyof typeof language
  | keyof typeof letters
  | keyof typeof mailbox
  | keyof typeof openings
  | keyof typeof organizations
  | keyof typeof passkeys
  | keyof typeof passwordChange
  | keyof typeof passwordReset
  | keyof typeof password
  | keyof typeof personalTokens
  | keyof typeof portal
  | keyof typeof profile
  | keyof typeof protocol
  | keyof typeof recoveryCodes
  | keyof typeof requestLog
  | keyof typeof scopeEditor
  | keyof typeof secondFactor
  | keyof typeof sessions
  | keyof typeof signInLetters
  | keyof typeof signInMethods
  | keyof typeof signIn
  | keyof typeof signOut
  | keyof typeof signUp
  | keyof typeof stages
  | keyof typeof stepUp
  | keyof typeof terms
  | keyof typeof testers
  | keyof typeof totp
  | keyof typeof trustDomains
  | keyof typeof trustedBrowsers
  | keyof typeof usage
  | keyof typeof rules
  | keyof typeof suspensions
  | keyof typeof gateway
  | keyof typeof abuseReports
  | keyof typeof eventTargets
  | keyof typeof admin
  | keyof typeof adminHome
  | keyof typeof adminAccounts
  | keyof typeof adminOrganizations
  | keyof typeof adminClients
  | keyof typeof adminQueues
  | keyof typeof adminSuspensions
  | keyof typeof adminLimits
  | keyof typeof adminEvents
  | keyof typeof adminKeys
  | keyof typeof operatorLetters
  | keyof typeof limits
  | keyof typeof suspendedAccount
  | keyof typeof suspensionLetters
  | keyof typeof verification;

/** Areas of the pages for developers and operators, which speak English alone; all others exist in every language. */
export const DEVELOPER_AREAS: readonly string[] = [
  'portal',
  'organizations',
  'activity',
  'developer-apps',
  'branding',
  'testers',
  'stages',
  'credentials',
  'developer-apis',
  'hosts',
  'scope-editor',
  'terms',
  'openings',
  'access',
  'access-codes',
  'catalogue',
  'request-log',
  'usage',
  'checks',
  'suspensions',
  'rules',
  'gateway',
  'abuse-reports',
  'event-targets',
  'admin',
  'admin-home',
  'admin-accounts',
  'admin-organizations',
  'admin-clients',
  'admin-queues',
  'admin-suspensions',
  'admin-limits',
  'admin-events',
  'admin-keys',
  'operator-letters',
];
