import type { CallFacts } from './call-facts.ts';
import { aboutCause, type CauseName, type CheckName, type FixPage } from './causes.ts';
import { type DiagnosedCall, recognizeCause } from './recognize-cause.ts';

export type CheckResult = 'passed' | 'failed' | 'not-reached';

export interface Check {
  readonly name: CheckName;
  readonly result: CheckResult;
}

/** What was checked, in order, and why it went wrong where it did. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  readonly cause?: {
    readonly name: CauseName;
    readonly rule: readonly [name: string, href: string];
    readonly fixAt?: FixPage;
  };
}

/** Pure. Each endpoint checks in one order, so the check that failed tells those that passed from those never reached. */
export function diagnose(call: DiagnosedCall): Diagnosis {
  const name = recognizeCause(call);
  const cause = name && aboutCause(name);
  const order = orderOf(call, cause?.check);
  const failedAt = cause ? order.indexOf(cause.check) : order.length;
  const checks = order.map(
    (check, at): Check => ({ name: check, result: resultAt(at, failedAt, call.facts) }),
  );
  if (!name || !cause) return { checks };
  const { rule, fixAt } = cause;
  return { checks, cause: { name, rule, ...(fixAt && { fixAt }) } };
}

function resultAt(at: number, failedAt: number, { pending }: CallFacts): CheckResult {
  if (at === failedAt) return 'failed';
  // Whoever is being asked has not answered yet, and that comes last.
  return at < failedAt && !(pending && at === failedAt - 1) ? 'passed' : 'not-reached';
}

/** The checks of this call; one that is out of the usual order for this endpoint comes last. */
function orderOf({ endpoint, grantType, facts }: DiagnosedCall, failing: CheckName | undefined): CheckName[] {
  const usual = endpoint === 'token' ? [...TOKEN, ...(GRANTS[grantType ?? ''] ?? [])] : ORDERS[endpoint];
  const order = usual.filter((check) => check === failing || applies(check, facts));
  return failing && !order.includes(failing) ? [...order, failing] : order;
}

const ORDERS = {
  // A redirect URI that is not registered outranks every other fault (authorization_error_handler.js).
  authorization: ['client', 'pushed-request', 'redirect-uri', 'request', 'pkce', 'access', 'scope', 'person'],
  pushed_authorization_request: [
    ...(['client', 'authentication', 'request', 'redirect-uri', 'pkce'] as const),
    ...(['access', 'scope', 'dpop'] as const),
  ],
  introspection: ['client', 'authentication', 'request', 'token', 'audience', 'access'],
  revocation: ['client', 'authentication', 'request', 'token'],
  userinfo: ['token', 'dpop', 'audience', 'scope', 'person'],
  end_session: ['client', 'hint', 'sign-out-uri'],
  check: [
    ...(['client', 'authentication', 'gateway', 'token', 'audience', 'access', 'person', 'dpop'] as const),
    ...(['call', 'scope', 'rate'] as const),
  ],
} as const satisfies Record<string, readonly CheckName[]>;

const TOKEN: readonly CheckName[] = ['client', 'authentication', 'request', 'grant-type'];

const GRANTS: Readonly<Record<string, readonly CheckName[]>> = {
  authorization_code: ['dpop', 'code', 'person', 'pkce', 'redirect-uri', 'once', 'access', 'scope'],
  refresh_token: ['refresh-token', 'dpop', 'person', 'scope', 'once', 'access'],
  client_credentials: ['access', 'scope', 'dpop'],
};

/** Whether a check that was not the one to fail took place at all. */
function applies(check: CheckName, { headers, params }: CallFacts): boolean {
  const sent = (name: string) => params.some(([param]) => param === name);
  if (check === 'dpop') return headers.some(([name]) => name === 'dpop');
  if (check === 'pushed-request') return sent('request_uri');
  if (check === 'hint') return sent('id_token_hint');
  return check !== 'sign-out-uri' || sent('post_logout_redirect_uri');
}
