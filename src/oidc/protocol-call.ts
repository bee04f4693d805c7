import type { Client } from 'oidc-provider';
import { sectorOf } from '../developers/clients/registered-client.ts';
import {
  CALL_ENDPOINTS,
  type CallEndpoint,
  type ProtocolCall,
} from '../developers/insights/protocol-call.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context } from '../platform/web/context.ts';
import { subjectFor } from './account-claims.ts';
import { factsOf, isInactive, isPending } from './call-facts.ts';
import { registered } from './registered-clients.ts';
import { type RequestScope, scopeOf } from './request-scope.ts';

/** What the engine leaves on a context of a request that it served. */
export interface EngineCall {
  readonly route?: string;
  readonly client?: Client;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly entities?: {
    readonly Grant?: { readonly jti?: string };
    readonly Account?: { readonly accountId: string };
    readonly IdTokenHint?: unknown;
  };
}

/** The engine's routes by what developers call. Other routes are nobody's calls. */
const ENDPOINT_OF: ReadonlyMap<string | undefined, CallEndpoint> = new Map([
  ...CALL_ENDPOINTS.map((name) => [name, name] as const),
  ['resume', 'authorization'],
  ['end_session_confirm', 'end_session'],
]);

const GRANT_TYPES: ReadonlySet<unknown> = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
]);

/** A served request as its app's developers are told of it; undefined where no registered client is named. */
export function callOf(platform: Platform, ctx: Context, micros: number): ProtocolCall | undefined {
  const { oidc } = ctx as unknown as { oidc: EngineCall };
  const endpoint = ENDPOINT_OF.get(oidc.route);
  const scope = scopeOf(ctx);
  const clientId = oidc.client?.clientId ?? scope?.noted.suspended;
  if (endpoint === undefined || clientId === undefined || !scope) return undefined;
  const error = errorOf(ctx, endpoint, scope);
  const { grant_type: grantType, redirect_uri: redirectUri } = oidc.params ?? {};
  return {
    at: platform.clock.now(),
    clientId,
    proven: isProven(ctx, oidc, scope, error),
    endpoint,
    grantType: GRANT_TYPES.has(grantType) ? (grantType as string) : undefined,
    status: ctx.status,
    error,
    micros,
    requestId: ctx.state.requestId,
    subject: error === undefined ? subjectOf(platform, oidc, scope) : undefined,
    tokens: endpoint === 'token' && error === undefined ? tokensIn(ctx.body) : 0,
    redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined,
    inactive: endpoint === 'introspection' && isInactive(ctx.body),
    facts: () => factsOf(ctx, oidc, scope, endpoint),
  };
}

/** The client that a call is proven to come from, as soon as the engine has answered it. */
export function provenCaller(ctx: Context, oidc: EngineCall, scope: RequestScope): string | undefined {
  const endpoint = ENDPOINT_OF.get(oidc.route);
  if (endpoint === undefined || !isProven(ctx, oidc, scope, errorOf(ctx, endpoint, scope))) return undefined;
  return oidc.client?.clientId;
}

/** At the endpoints for programs the answer says it; a browser is redirected, or shown a page. */
function errorOf({ status, body }: Context, endpoint: CallEndpoint, { noted }: RequestScope) {
  if (noted.lost && endpoint === 'authorization') return 'invalid_request_uri';
  if (endpoint === 'authorization' || endpoint === 'end_session') {
    if (status >= 500) return 'server_error';
    return noted.failure?.error ?? (status >= 400 ? 'invalid_request' : undefined);
  }
  const { error } = (body ?? {}) as { error?: unknown };
  if (typeof error === 'string') return error;
  return status >= 400 ? (noted.failure?.error ?? 'invalid_request') : undefined;
}

/**
 * Whether the caller showed that it acts for the client: by its secret or key, or by a code or token of it. To name a
 * client id proves nothing; an authorization request is proven by the code that it ends in.
 */
function isProven(
  ctx: Context,
  oidc: EngineCall,
  { noted }: RequestScope,
  error: string | undefined,
): boolean {
  const { client } = oidc;
  if (!client || error === 'invalid_client') return false;
  switch (oidc.route) {
    case 'authorization':
    case 'resume':
      return error === undefined && !isPending(ctx);
    case 'end_session':
      return oidc.entities?.IdTokenHint !== undefined;
    case 'end_session_confirm':
      return error === undefined;
    case 'userinfo':
      return true;
    default:
      if (client.clientAuthMethod !== 'none') return noted.authenticated === true;
      return noted.artifact?.clientId === client.clientId;
  }
}

/** The subject as the client sees it; an engine that had no use for it has not made it. */
function subjectOf(platform: Platform, oidc: EngineCall, { noted }: RequestScope): string | undefined {
  const accountId = oidc.entities?.Account?.accountId;
  if (noted.subject !== undefined || accountId === undefined || !oidc.client) return noted.subject;
  return subjectFor(platform, accountId, sectorOf(registered(oidc.client)));
}

function tokensIn(body: unknown): number {
  const { access_token, refresh_token, id_token } = (body ?? {}) as Record<string, unknown>;
  return [access_token, refresh_token, id_token].filter((token) => token !== undefined).length;
}
