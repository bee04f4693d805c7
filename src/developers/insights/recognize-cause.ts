import type { AccessRefusal } from '../access/decide-access.ts';
import type { CallFacts, InactiveReason } from './call-facts.ts';
import type { CauseName } from './causes.ts';
import type { CallEndpoint } from './protocol-call.ts';

/** What a diagnosis is made of. */
export interface DiagnosedCall {
  readonly endpoint: CallEndpoint;
  readonly grantType: string | null;
  readonly error: string | null;
  readonly facts: CallFacts;
}

/** Why a call was refused, or why an API was told `{"active":false}`; undefined where nothing is wrong. */
export function recognizeCause(call: DiagnosedCall): CauseName | undefined {
  const { error, facts } = call;
  if (facts.inactive) return INACTIVE[facts.inactive];
  if (error === null) return undefined;
  if (facts.suspended) return 'client-suspended';
  const byError = RECOGNIZERS[error];
  return byError?.(call) ?? 'other';
}

const INACTIVE: Readonly<Record<InactiveReason, CauseName>> = {
  'other-audience': 'wrong-audience',
  'no-access': 'token-no-access',
  jwt: 'token-jwt',
  ended: 'token-inactive',
};

type Recognizer = (call: DiagnosedCall) => CauseName | undefined;

/** By OAuth error code. The engine's own descriptions are of 9.13.3; an unknown one is no worse than `other`. */
const RECOGNIZERS: Readonly<Record<string, Recognizer>> = {
  invalid_client: ({ facts }) => ofAuthentication(facts),
  invalid_redirect_uri: () => 'redirect-uri',
  invalid_request: ofRequest,
  invalid_grant: ofGrant,
  invalid_request_uri: () => 'pushed-request',
  unsupported_grant_type: () => 'grant-type',
  unauthorized_client: () => 'grant-not-allowed',
  unsupported_response_type: () => 'response-type',
  unsupported_response_mode: () => 'response-mode',
  invalid_scope: ofScope,
  insufficient_scope: ({ endpoint }) => (endpoint === 'check' ? 'route-scope' : 'token-scope'),
  insufficient_user_authentication: () => 'stronger-sign-in',
  gateway_request: () => 'gateway-request',
  odd_call: () => 'odd-call',
  route_not_listed: () => 'route-not-listed',
  rate_limited: () => 'rate-used-up',
  people_cap: () => 'people-cap',
  invalid_target: ({ facts }) => ofAccess(facts.access) ?? 'one-api',
  invalid_token: ({ facts }) => (isClosed(facts) ? 'not-let-in' : 'token-invalid'),
  invalid_dpop_proof: () => 'bad-dpop',
  use_dpop_nonce: () => 'dpop-nonce',
  access_denied: ofDenial,
  login_required: () => 'sign-in-needed',
  consent_required: () => 'sign-in-needed',
  interaction_required: () => 'sign-in-needed',
  unmet_authentication_requirements: () => 'sign-in-too-weak',
  server_error: () => 'our-fault',
  temporarily_unavailable: () => 'our-fault',
};

function ofAuthentication({ auth, client, detail = '' }: CallFacts): CauseName {
  if (client?.authMethod === 'none' && auth !== 'none') return 'secret-of-public';
  if (auth === 'none') return 'no-secret';
  if (detail.includes('does not match the registered')) return 'other-method';
  if (auth === 'assertion') return 'bad-assertion';
  return detail.includes('invalid secret') ? 'wrong-secret' : 'bad-authentication';
}

function ofRequest({ endpoint, facts }: DiagnosedCall): CauseName | undefined {
  const { description = '' } = facts;
  if (endpoint === 'end_session') {
    return description.startsWith('post_logout_redirect_uri') ? 'sign-out-uri' : ofHint(description);
  }
  if (/redirect_uri did not match/.test(description)) return 'redirect-uri';
  if (/requires PKCE/.test(description)) return 'missing-pkce';
  if (/code_challenge_method/.test(description)) return 'pkce-method';
  if (/^code_(challenge|verifier)/.test(description)) return 'pkce-form';
  if (/missing required.*redirect_uri/.test(description)) return 'no-redirect-uri';
  if (description.startsWith('missing required')) return 'missing-parameter';
  if (/must not be provided twice/.test(description)) return 'double-parameter';
  if (/response_type/.test(description)) return 'response-type';
  if (/response_mode/.test(description)) return 'response-mode';
  if (/DPoP/.test(description)) return /bound to a key/.test(description) ? 'no-dpop' : 'bad-dpop';
  if (/session|authorization request has expired/.test(description)) return 'sign-in-lost';
  return 'request-form';
}

function ofHint(description: string): CauseName {
  return description.includes('id_token_hint') ? 'bad-hint' : 'request-form';
}

function ofGrant({ facts }: DiagnosedCall): CauseName | undefined {
  const { detail = '', description = '', artifact } = facts;
  const refresh = artifact?.kind === 'refresh';
  if (/stronger sign-in/.test(description)) return 'stronger-sign-in';
  if (isClosed(facts)) return 'not-let-in';
  if (/missing DPoP/.test(detail)) return 'no-dpop';
  if (/DPoP|jkt/.test(detail)) return 'bad-dpop';
  switch (artifact?.state) {
    case 'of-another-client':
      return refresh ? 'refresh-of-another' : 'code-of-another';
    case 'spent':
      return refresh ? 'refresh-reused' : 'code-reused';
    case 'expired':
      return refresh ? 'refresh-expired' : 'code-expired';
    case 'ended':
      return 'consent-ended';
    case 'unknown':
      return refresh ? 'refresh-unknown' : 'code-unknown';
    default:
      return ofSoundGrant(detail, refresh);
  }
}

/** In the words of oidc/admission.ts: the app has been closed to the person since. */
function isClosed({ detail = '', description = '' }: CallFacts): boolean {
  return /the trust domain of this app|app is in development/.test(`${description} ${detail}`);
}

/** The code or token itself was good when it was read. */
function ofSoundGrant(detail: string, refresh: boolean): CauseName | undefined {
  if (/code_verifier must be provided/.test(detail)) return 'missing-verifier';
  if (/code_verifier/.test(detail)) return 'wrong-verifier';
  if (/redirect_uri mismatch/.test(detail)) return 'code-redirect-uri';
  if (/is expired/.test(detail)) return refresh ? 'refresh-expired' : 'code-expired';
  if (/grant|account/.test(detail)) return 'consent-ended';
  // Two requests with it at the same moment: the other one was first (oidc/flush-writes.ts).
  return refresh ? 'refresh-reused' : 'code-reused';
}

function ofScope({ facts }: DiagnosedCall): CauseName {
  const { access, description = '' } = facts;
  if (access !== undefined) return ofAccess(access) ?? 'scope-not-granted';
  if (description.startsWith('refresh token missing')) return 'scope-beyond-grant';
  return /names no scope/.test(description) ? 'missing-scope' : 'unknown-scope';
}

function ofDenial({ endpoint, facts }: DiagnosedCall): CauseName {
  if (facts.access === 'client-suspended') return 'client-suspended';
  if (endpoint === 'token' || facts.access !== undefined) return ofAccess(facts.access) ?? 'people-cap';
  return /chose not|aborted/.test(facts.description ?? '') ? 'person-refused' : 'not-let-in';
}

const OF_ACCESS: Readonly<Record<AccessRefusal, CauseName>> = {
  'unknown-api': 'unknown-api',
  'client-suspended': 'client-suspended',
  'access-suspended': 'access-suspended',
  'writes-suspended': 'writes-suspended',
  'other-trust-domain': 'other-trust-domain',
  'no-access': 'no-access',
  'access-ended': 'access-ended',
  'terms-not-accepted': 'terms-not-accepted',
  'scope-unknown': 'unknown-scope',
  'scope-not-registered': 'scope-not-registered',
  'scope-not-granted': 'scope-not-granted',
  'publisher-not-verified': 'scope-not-granted',
  'approval-missing': 'scope-not-granted',
};

function ofAccess(refusal: AccessRefusal | undefined): CauseName | undefined {
  return refusal && OF_ACCESS[refusal];
}
