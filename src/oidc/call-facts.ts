import type { ArtifactState, AuthTried, CallFacts, Field } from '../developers/insights/call-facts.ts';
import type { CallEndpoint } from '../developers/insights/protocol-call.ts';
import {
  LONGEST_URI,
  legible,
  redactAnswer,
  redactHeaders,
  redactLocation,
  redactParams,
} from '../developers/insights/redaction.ts';
import type { Context } from '../platform/web/context.ts';
import { networksOf } from '../platform/web/networks.ts';
import type { EngineCall } from './protocol-call.ts';
import { registered } from './registered-clients.ts';
import type { Noted, RequestScope } from './request-scope.ts';

/** Everything the inspector may know of a served request: nothing that was secret about it. */
export function factsOf(
  ctx: Context,
  oidc: EngineCall,
  { noted }: RequestScope,
  endpoint: CallEndpoint,
): CallFacts {
  const { failure } = noted;
  const description = describedIn(ctx.body) ?? failure?.error_description;
  const record = oidc.client && recordOf(oidc.client);
  const artifact = artifactOf(oidc, noted);
  const inactive = endpoint === 'introspection' ? inactiveOf(ctx, noted) : undefined;
  const redirectUris = record && mismatched(noted, record.redirectUris);
  return {
    method: ctx.method,
    path: oidc.route === 'resume' ? '/authorize' : ctx.path,
    from: networksOf(ctx.state.address).wide,
    headers: redactHeaders(ctx.headers),
    params: redactParams(paramsOf(ctx, oidc)),
    answer: answerOf(ctx),
    auth: authTried(ctx, oidc),
    ...(noted.subject !== undefined && { subject: noted.subject }),
    ...(description !== undefined && { description }),
    ...(failure?.error_detail !== undefined && { detail: failure.error_detail }),
    ...(record && { client: { type: record.type, authMethod: record.authMethod } }),
    ...(redirectUris && { redirectUris }),
    ...(artifact && { artifact }),
    ...(noted.access !== undefined && { access: noted.access }),
    ...(inactive && { inactive }),
    ...(isPending(ctx) && { pending: true as const }),
    ...(noted.suspended !== undefined && { suspended: true as const }),
  };
}

/** The person is asked first. */
export function isPending(ctx: Context): boolean {
  return locationOf(ctx).startsWith('/interaction/');
}

function locationOf(ctx: Context): string {
  return String(ctx.response.get('Location') ?? '');
}

type EngineClient = NonNullable<EngineCall['client']>;

/** Undefined for the stand-in that introspection gets by with (registered-clients.ts). */
function recordOf(client: EngineClient) {
  return 'clientAuthMethod' in client ? registered(client) : undefined;
}

function paramsOf(ctx: Context, oidc: EngineCall): Readonly<Record<string, unknown>> {
  if (oidc.route === 'resume') return oidc.params ?? {};
  return (ctx.method === 'POST' ? oidc.body : ctx.query) ?? oidc.params ?? {};
}

function describedIn(body: unknown): string | undefined {
  const { error_description: described } = (body ?? {}) as { error_description?: unknown };
  return typeof described === 'string' ? described : undefined;
}

function answerOf(ctx: Context): Field[] {
  const location = locationOf(ctx);
  if (location) return location.startsWith('/') ? [] : redactLocation(location);
  const { body } = ctx;
  const isObject =
    typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype;
  return isObject ? redactAnswer(body as Record<string, unknown>) : [];
}

function authTried(ctx: Context, { params = {} }: EngineCall): AuthTried {
  if (params.client_assertion !== undefined) return 'assertion';
  if (params.client_secret !== undefined) return 'post';
  return /^basic /i.test(ctx.get('Authorization')) ? 'basic' : 'none';
}

function artifactOf({ client, params }: EngineCall, { artifact }: Noted): CallFacts['artifact'] {
  if (artifact) {
    const ofAnother = artifact.clientId !== client?.clientId;
    const state: ArtifactState = ofAnother ? 'of-another-client' : stateOf(artifact);
    return { kind: artifact.kind, state };
  }
  if (params?.code !== undefined) return { kind: 'code', state: 'unknown' };
  return params?.refresh_token === undefined ? undefined : { kind: 'refresh', state: 'unknown' };
}

function stateOf({ spent, ended, expired }: NonNullable<Noted['artifact']>): ArtifactState {
  if (spent) return 'spent';
  if (ended) return 'ended';
  return expired ? 'expired' : 'sound';
}

export function isInactive(body: unknown): boolean {
  return (body as { active?: boolean } | undefined)?.active === false;
}

function inactiveOf(ctx: Context, noted: Noted): CallFacts['inactive'] {
  if (!isInactive(ctx.body)) return undefined;
  if (noted.inactive) return noted.inactive;
  return noted.failure?.error === 'unsupported_token_type' ? 'jwt' : 'ended';
}

const MOST_URIS_KEPT = 10;

/** The URIs that would have been right: the registered ones, or that of the code. */
function mismatched({ failure, artifact }: Noted, registeredUris: readonly string[]): string[] | undefined {
  const { error_description: description = '', error_detail: detail = '' } = failure ?? {};
  if (description.startsWith('redirect_uri did not match')) return legibleUris(registeredUris);
  if (!detail.includes('redirect_uri mismatch') || artifact?.redirectUri === undefined) return undefined;
  return legibleUris([artifact.redirectUri]);
}

function legibleUris(uris: readonly string[]): string[] {
  return uris.slice(0, MOST_URIS_KEPT).map((uri) => legible(uri, LONGEST_URI));
}
