/** What is checked of a call, in the words of the inspector. */
export type CheckName =
  | 'client'
  | 'authentication'
  | 'pushed-request'
  | 'redirect-uri'
  | 'request'
  | 'grant-type'
  | 'pkce'
  | 'code'
  | 'once'
  | 'refresh-token'
  | 'token'
  | 'dpop'
  | 'access'
  | 'scope'
  | 'audience'
  | 'person'
  | 'hint'
  | 'sign-out-uri'
  | 'gateway'
  | 'call'
  | 'rate'
  | 'service';

/** Pages of an app on which a fix can be made. */
export type FixPage = 'redirect-uris' | 'credentials' | 'access' | 'settings' | 'suspensions' | 'testers';

interface Cause {
  /** The check that fails. */
  readonly check: CheckName;
  /** The rule behind it: its name, and where it stands. */
  readonly rule: readonly [name: string, href: string];
  readonly fixAt?: FixPage;
}

const rfc = (number: number, section: string) =>
  [`RFC ${number} §${section}`, `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`] as const;
const oidc = (section: string, anchor: string) =>
  [
    `OpenID Connect Core §${section}`,
    `https://openid.net/specs/openid-connect-core-1_0.html#${anchor}`,
  ] as const;

/** Everything that a call is known to fail for. Reason and fix are texts: request-log.why-<name> and .fix-<name>. */
export const CAUSES = {
  'client-suspended': { check: 'client', rule: rfc(6749, '5.2'), fixAt: 'suspensions' },
  'wrong-secret': { check: 'authentication', rule: rfc(6749, '2.3.1'), fixAt: 'credentials' },
  'no-secret': { check: 'authentication', rule: rfc(6749, '3.2.1'), fixAt: 'credentials' },
  'secret-of-public': { check: 'authentication', rule: rfc(6749, '2.1'), fixAt: 'credentials' },
  'other-method': { check: 'authentication', rule: rfc(7591, '2'), fixAt: 'credentials' },
  'bad-assertion': { check: 'authentication', rule: rfc(7523, '3'), fixAt: 'credentials' },
  'bad-authentication': { check: 'authentication', rule: rfc(6749, '5.2'), fixAt: 'credentials' },
  'redirect-uri': { check: 'redirect-uri', rule: rfc(9700, '2.1'), fixAt: 'redirect-uris' },
  'no-redirect-uri': { check: 'redirect-uri', rule: rfc(6749, '3.1.2.3'), fixAt: 'redirect-uris' },
  'missing-pkce': { check: 'pkce', rule: rfc(9700, '2.1.1') },
  'pkce-method': { check: 'pkce', rule: rfc(7636, '4.3') },
  'pkce-form': { check: 'pkce', rule: rfc(7636, '4.2') },
  'missing-verifier': { check: 'pkce', rule: rfc(7636, '4.5') },
  'wrong-verifier': { check: 'pkce', rule: rfc(7636, '4.6') },
  'missing-parameter': { check: 'request', rule: rfc(6749, '4.1.2.1') },
  'double-parameter': { check: 'request', rule: rfc(6749, '3.1') },
  'response-type': { check: 'request', rule: rfc(6749, '3.1.1') },
  'response-mode': { check: 'request', rule: rfc(9700, '2.1.2') },
  'request-form': { check: 'request', rule: rfc(6749, '5.2') },
  'pushed-request': { check: 'pushed-request', rule: rfc(9126, '4') },
  'grant-type': { check: 'grant-type', rule: rfc(6749, '5.2') },
  'grant-not-allowed': { check: 'grant-type', rule: rfc(6749, '5.2'), fixAt: 'settings' },
  'code-reused': { check: 'once', rule: rfc(6749, '4.1.2') },
  'code-expired': { check: 'code', rule: rfc(6749, '4.1.2') },
  'code-unknown': { check: 'code', rule: rfc(6749, '5.2') },
  'code-of-another': { check: 'code', rule: rfc(6749, '4.1.3') },
  'code-redirect-uri': { check: 'redirect-uri', rule: rfc(6749, '4.1.3') },
  'refresh-reused': { check: 'once', rule: rfc(9700, '4.14.2') },
  'refresh-expired': { check: 'refresh-token', rule: rfc(6749, '6') },
  'refresh-unknown': { check: 'refresh-token', rule: rfc(6749, '6') },
  'refresh-of-another': { check: 'refresh-token', rule: rfc(6749, '6') },
  'consent-ended': { check: 'person', rule: rfc(6749, '5.2') },
  'stronger-sign-in': { check: 'person', rule: rfc(9470, '3') },
  'no-dpop': { check: 'dpop', rule: rfc(9449, '5') },
  'dpop-nonce': { check: 'dpop', rule: rfc(9449, '8') },
  'bad-dpop': { check: 'dpop', rule: rfc(9449, '4.3') },
  'unknown-api': { check: 'access', rule: rfc(8707, '2'), fixAt: 'access' },
  'no-access': { check: 'access', rule: rfc(8707, '2'), fixAt: 'access' },
  'access-ended': { check: 'access', rule: rfc(8707, '2'), fixAt: 'access' },
  'access-suspended': { check: 'access', rule: rfc(6749, '5.2'), fixAt: 'suspensions' },
  'writes-suspended': { check: 'access', rule: rfc(6749, '5.2'), fixAt: 'suspensions' },
  'terms-not-accepted': { check: 'access', rule: rfc(8707, '2'), fixAt: 'access' },
  'other-trust-domain': { check: 'access', rule: rfc(8707, '2') },
  'people-cap': { check: 'access', rule: rfc(6749, '5.2'), fixAt: 'access' },
  'one-api': { check: 'access', rule: rfc(8707, '2.2') },
  'unknown-scope': { check: 'scope', rule: rfc(6749, '3.3') },
  'scope-not-registered': { check: 'scope', rule: rfc(6749, '3.3'), fixAt: 'settings' },
  'scope-not-granted': { check: 'scope', rule: rfc(6749, '3.3'), fixAt: 'access' },
  'missing-scope': { check: 'scope', rule: rfc(6749, '3.3') },
  'scope-beyond-grant': { check: 'scope', rule: rfc(6749, '6') },
  'wrong-audience': { check: 'audience', rule: rfc(8707, '3') },
  'token-no-access': { check: 'access', rule: rfc(7662, '2.2') },
  'token-jwt': { check: 'token', rule: rfc(9068, '4') },
  'token-inactive': { check: 'token', rule: rfc(7662, '2.2') },
  'token-invalid': { check: 'token', rule: rfc(6750, '3.1') },
  'token-of-another': { check: 'token', rule: rfc(7009, '2.1') },
  'token-scope': { check: 'scope', rule: rfc(6750, '3.1') },
  'person-refused': { check: 'person', rule: rfc(6749, '4.1.2.1') },
  'not-let-in': { check: 'person', rule: rfc(6749, '4.1.2.1'), fixAt: 'testers' },
  'sign-in-needed': { check: 'person', rule: oidc('3.1.2.6', 'AuthError') },
  'sign-in-too-weak': { check: 'person', rule: rfc(9470, '5') },
  'sign-in-lost': { check: 'person', rule: oidc('3.1.2.1', 'AuthRequest') },
  'bad-hint': {
    check: 'hint',
    rule: ['RP-Initiated Logout §2', 'https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout'],
  },
  'sign-out-uri': {
    check: 'sign-out-uri',
    rule: [
      'RP-Initiated Logout §3',
      'https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout',
    ],
    fixAt: 'redirect-uris',
  },
  'gateway-request': { check: 'gateway', rule: rfc(9110, '7.6') },
  'odd-call': { check: 'call', rule: rfc(3986, '6.2.2') },
  'route-not-listed': { check: 'call', rule: rfc(6750, '3.1') },
  'route-scope': { check: 'scope', rule: rfc(6750, '3.1'), fixAt: 'access' },
  'rate-used-up': { check: 'rate', rule: rfc(6585, '4'), fixAt: 'access' },
  'our-fault': { check: 'service', rule: rfc(6749, '4.1.2.1') },
  other: { check: 'request', rule: rfc(6749, '5.2') },
} satisfies Readonly<Record<string, Cause>>;

export type CauseName = keyof typeof CAUSES;

export function aboutCause(name: CauseName): Cause {
  return CAUSES[name];
}
