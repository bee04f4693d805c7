/** Whom a limit counts. A limit of `all` counts everybody together. */
export type KeyedBy =
  | 'visitor'
  | 'address'
  | 'network'
  | 'mailbox'
  | 'account'
  | 'organization'
  | 'client'
  | 'access'
  | 'all';

export interface Limit {
  /** How much may be spent in a window; a request costs one unless the caller says otherwise. */
  readonly budget: number;
  readonly windowSeconds: number;
  readonly keyedBy: KeyedBy;
  /** What it is for and why so much, in one line. */
  readonly about: string;
}

const MINUTE = 60;
const HOUR = 3_600;

/**
 * Every limit by its name. The budgets are ceilings that nobody meets by using the service, an office behind one address
 * included; operators lower them by the setting `limits.overrides`. A visitor is a known browser, or else an address
 * (IPv6: a /64), so that whoever shares an address with an attacker is let in from the browser they use.
 */
export const LIMITS = {
  'sign-in': limit(
    6_000,
    MINUTE,
    'visitor',
    'Passwords and passkeys sent: each password costs a tenth of a second',
  ),
  'second-factor': limit(
    6_000,
    MINUTE,
    'visitor',
    'One-time and recovery codes sent, beside the counter of the account',
  ),
  'passkey-challenges': limit(
    6_000,
    MINUTE,
    'visitor',
    'Challenges for passkeys, each a row until it expires',
  ),
  registration: limit(1_200, 10 * MINUTE, 'visitor', 'Sign-ups begun: each costs a hash and a letter'),
  'password-reset': limit(
    1_200,
    10 * MINUTE,
    'visitor',
    'Resets begun or codes tried: each may cost a letter',
  ),
  letters: limit(200_000, HOUR, 'all', 'Letters to people who are not signed in, to all mailboxes together'),
  'account-changes': limit(3_000, MINUTE, 'account', 'Changes of a signed-in person to their account'),
  portal: limit(6_000, MINUTE, 'account', 'Pages of the portal and of the console'),
  'portal-changes': limit(3_000, MINUTE, 'account', 'Forms sent in the portal and the console'),
  redemptions: limit(600, 10 * MINUTE, 'address', 'Access codes tried, right or wrong'),
  invitations: limit(600, 10 * MINUTE, 'address', 'Buttons of invitations pressed'),
  'leak-reports': limit(600, MINUTE, 'address', 'Reports of leaked secrets'),
  'security-events': limit(600, MINUTE, 'client', 'Reports of an API about misbehaving tokens'),
  'live-tails': limit(
    120,
    MINUTE,
    'organization',
    'Live views of requests opened; each is opened anew twice a minute',
  ),
  token: limit(
    600_000,
    MINUTE,
    'client',
    'Token requests of a client that proved who it is, or of one person at an app that cannot',
  ),
  introspection: limit(3_000_000, MINUTE, 'client', 'Introspections of a client or API'),
  userinfo: limit(600_000, MINUTE, 'client', 'Userinfo with tokens of one person at a client'),
  check: limit(3_000_000, MINUTE, 'client', 'Questions of a gateway for an API'),
  starts: limit(
    6_000,
    MINUTE,
    'visitor',
    'Authorization and sign-out requests, and pages that anybody may open',
  ),
  unproven: limit(6_000, MINUTE, 'address', 'Protocol calls that prove nothing, from one address'),
  access: limit(60, MINUTE, 'access', 'Calls of a client at an API; its budget is that of the access'),
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

function limit(budget: number, windowSeconds: number, keyedBy: KeyedBy, about: string): Limit {
  return { budget, windowSeconds, keyedBy, about };
}
