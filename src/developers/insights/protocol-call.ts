import type { CallFacts } from './call-facts.ts';

/** What an app calls, or sends a browser to, as the engine names its routes. The order is kept in rows: append only. */
export const CALL_ENDPOINTS = [
  'authorization',
  'pushed_authorization_request',
  'token',
  'introspection',
  'revocation',
  'userinfo',
  'end_session',
  'check',
] as const;
export type CallEndpoint = (typeof CALL_ENDPOINTS)[number];

/** One call of a protocol endpoint by an app or API, once its answer is final: for the request log and for usage. */
export interface ProtocolCall {
  readonly at: Date;
  /** The app's client id, or that of an API which introspects. It is registered: calls in other names are not told. */
  readonly clientId: string;
  /** False where the call merely names the client. Such calls count nowhere and have a quota of their own. */
  readonly proven: boolean;
  readonly endpoint: CallEndpoint;
  /** At the token endpoint, where it is one of those we know. */
  readonly grantType: string | undefined;
  readonly status: number;
  /** The OAuth error code; undefined for a success. */
  readonly error: string | undefined;
  /** An API was told that a token is not active: no error to the protocol, but often one to whoever looks for it. */
  readonly inactive: boolean;
  readonly micros: number;
  readonly requestId: string;
  /** The person, as the subject that the client itself sees. Only of successes. */
  readonly subject: string | undefined;
  /** How many tokens the answer hands out. */
  readonly tokens: number;
  /** As the call named it: part of what makes an unproven call distinct. */
  readonly redirectUri: string | undefined;
  /** What was asked and answered, redacted. Asked for only where it is kept, because it takes a while. */
  facts(): CallFacts;
}
