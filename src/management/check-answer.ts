import type { LimitName } from '../defense/limits/catalogue.ts';
import type { AccessRefusal } from '../developers/access/decide-access.ts';
import type { FoundToken } from '../oidc/presented-token.ts';
import type { Tried } from './tried.ts';

/** Why a gateway is told to turn a call away, as it stands in Gatehouse-Reason; beside these, why an access is refused. */
const OWN_REASONS = [
  'api-credentials',
  'gateway-request',
  'no-token',
  'token-invalid',
  'proof-invalid',
  'weak-sign-in',
  'not-a-tester',
  'scope-not-held',
  'odd-method',
  'odd-path',
  'not-listed',
  'insufficient-scope',
  'rate',
  'people-cap',
] as const;

export type OwnReason = (typeof OWN_REASONS)[number];
export type CheckReason = OwnReason | AccessRefusal;

export function isOfAccess(reason: CheckReason): reason is AccessRefusal {
  return !(OWN_REASONS as readonly string[]).includes(reason);
}

export type LiveToken = Extract<FoundToken, { state: 'live' }>;

/** What is left of a limit: usually of the calls a minute of the access. */
export interface RateLeft {
  /** Calls of the access where nothing is said. */
  readonly name?: LimitName | 'people';
  /** A minute where nothing is said. */
  readonly windowSeconds?: number;
  readonly limit: number;
  readonly left: number;
  readonly resetSeconds: number;
}

/** What a gateway is told of a call. */
export type CheckAnswer = Allowance | Denial;

export interface Allowance {
  readonly status: 200;
  readonly found: LiveToken;
  /** The person as the API sees them. */
  readonly subject: string | undefined;
  readonly scopes: readonly string[];
  readonly rate?: RateLeft | undefined;
}

export interface Denial {
  readonly status: 401 | 403 | 429;
  readonly reason: CheckReason;
  /** ASCII: it stands in a header. */
  readonly sentence: string;
  /** For WWW-Authenticate (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3). */
  readonly challenge?: {
    readonly error?: string;
    readonly scope?: string | undefined;
    readonly acr?: string | null;
    /** The token is one that is bound to a key, or a proof was sent. */
    readonly dpop?: boolean;
    /** The next proof should carry it. */
    readonly nonce?: string | undefined;
  };
  readonly retryAfterSeconds?: number;
  readonly rate?: RateLeft | undefined;
  /** Whose token it was, where that is known. */
  readonly found?: FoundToken;
  /** What was presented, where it is no live token for the API. */
  readonly presented?: string;
  readonly tried?: Tried | undefined;
}

export function deny(
  status: Denial['status'],
  reason: CheckReason,
  sentence: string,
  more: Omit<Denial, 'status' | 'reason' | 'sentence'> = {},
): Denial {
  return { status, reason, sentence, ...more };
}
