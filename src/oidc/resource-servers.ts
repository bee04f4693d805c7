import type { AuthorizationCode, KoaContextWithOIDC, RefreshToken, ResourceServer } from 'oidc-provider';
import { type Client, errors } from 'oidc-provider';
import { type AccessInputs, loadAccessInputs } from '../developers/access/access-inputs.ts';
import { type AccessDecision, decideAccess } from '../developers/access/decide-access.ts';
import { IDENTITY_SCOPES } from '../developers/apis/scopes/scopes.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { keepFresh } from './fresh.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';
import { checkIssue, demandSignIn, refusalOfCarried } from './token-conditions.ts';

type FindInputs = (clientAndResource: string) => Promise<AccessInputs | undefined>;

const finders = new WeakMap<Platform['sql'], FindInputs>();

/** The inputs of the access decision, as of half a second ago at most. */
export function accessInputs(
  platform: Platform,
  clientId: string,
  resource: string,
): Promise<AccessInputs | undefined> {
  let find = finders.get(platform.sql);
  if (!find) {
    find = keepFresh((key) => {
      const [client = '', ...indicator] = key.split(' ');
      return loadAccessInputs(platform, client, indicator.join(' '));
    });
    finders.set(platform.sql, find);
  }
  return find(`${clientId} ${resource}`);
}

/**
 * A resource indicator (RFC 8707) as audience, scopes and token format for this client. At the token endpoint also the
 * last check before a token for it is issued. Throws invalid_target or invalid_scope with the sentence of decideAccess.
 */
export async function resourceServerFor(
  platform: Platform,
  ctx: KoaContextWithOIDC,
  resource: string,
  client: Client,
): Promise<ResourceServer> {
  refuseTooMany(ctx.oidc.params?.resource);
  const inputs = await accessInputs(platform, client.clientId, resource);
  if (inputs) currentScope().noted.apiId = inputs.api.id;
  const now = platform.clock.now();
  const all = decideAccess(inputs, undefined, now);
  if (!all.allowed) throw refusalOf(all);
  if (asksForScopes(ctx)) {
    ctx.oidc.params.scope ??= defaultScopes(client, all);
    const asked = decideAccess(inputs, scopesAskedOf(ctx, all.api), now);
    if (!asked.allowed) throw refusalOf(asked);
  }
  if (ctx.oidc.route === 'token') await checkToken(platform, ctx, client, inputs, all);
  else demandSignIn(ctx, all.api);
  return {
    scope: all.scopes.join(' '),
    audience: all.api.identifier,
    accessTokenTTL: secondsOf(all.api),
    accessTokenFormat: all.api.tokenFormat,
    jwt: { sign: { alg: 'ES256' } },
  };
}

async function checkToken(
  platform: Platform,
  ctx: KoaContextWithOIDC,
  client: Client,
  inputs: AccessInputs | undefined,
  all: Extract<AccessDecision, { allowed: true }>,
): Promise<void> {
  const carried = scopesCarried(ctx);
  const nothingLeft = refusalOfCarried(inputs, carried, platform.clock.now());
  if (nothingLeft) throw refusalOf(nothingLeft);
  const scopes = carried.filter((name) => all.scopes.includes(name));
  await checkIssue(platform, ctx, client.clientId, all, scopes);
}

/** What was asked for now, else what the code or refresh token stands for. */
function scopesCarried({ oidc }: KoaContextWithOIDC): string[] {
  const { AuthorizationCode, RefreshToken } = oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  return [...(source && !oidc.params?.scope ? source.scopes : oidc.requestParamScopes)];
}

/** A JWT cannot be taken back, so it never lives longer than decision 2 allows. */
function secondsOf({ tokenSeconds, tokenFormat }: AccessInputs['api']): number {
  const seconds = tokenSeconds ?? LIFETIMES.accessToken;
  return tokenFormat === 'jwt' ? Math.min(seconds, LIFETIMES.accessToken) : seconds;
}

/** Each one costs a read, and no app has more. */
const MOST_RESOURCES = 20;

function refuseTooMany(resource: unknown): void {
  if (!Array.isArray(resource) || resource.length <= MOST_RESOURCES) return;
  throw new errors.InvalidTarget(`A request names at most ${MOST_RESOURCES} APIs. Ask for them in turns.`);
}

/** Scopes are asked for at authorization and at client credentials; a code or refresh token only carries them on. */
function asksForScopes(
  ctx: KoaContextWithOIDC,
): ctx is KoaContextWithOIDC & { oidc: { params: { scope?: string } } } {
  const { route, params } = ctx.oidc;
  if (route === 'authorization' || route === 'pushed_authorization_request') return true;
  return route === 'token' && params?.grant_type === 'client_credentials';
}

/** An authorization request may name scopes of several APIs and of none; client credentials name one API's. */
function scopesAskedOf(ctx: KoaContextWithOIDC, api: AccessInputs['api']): string[] {
  const asked = [...ctx.oidc.requestParamScopes].filter((name) => !IDENTITY_SCOPES.has(name));
  if (ctx.oidc.route === 'token') return [...ctx.oidc.requestParamScopes];
  return asked.filter((name) => api.scopes.some((scope) => scope.name === name));
}

/** No scope asked: the client's registered, non-sensitive read scopes at this API (decision 10). */
function defaultScopes(client: Client, { scopes, api }: Extract<AccessDecision, { allowed: true }>): string {
  const mine = new Set(registered(client).scopes);
  const names = api.scopes
    .filter(({ name, deprecated }) => mine.has(name) && !deprecated)
    .filter(({ kind, sensitivity }) => kind === 'read' && sensitivity === 'basic')
    .map(({ name }) => name)
    .filter((name) => scopes.includes(name));
  if (names.length > 0) return names.join(' ');
  throw scopeMissing(
    `The request names no scope, and this app has no default at ${api.identifier}. Name the scopes it needs in the scope parameter.`,
  );
}

/** There is no scope to name in this answer, and an empty one would only puzzle. */
function scopeMissing(sentence: string): Error {
  return Object.assign(new errors.InvalidScope(sentence, ''), { scope: undefined });
}

function refusalOf({ reason, scope, sentence }: Extract<AccessDecision, { allowed: false }>): Error {
  currentScope().noted.access = reason;
  if (scope !== undefined) return new errors.InvalidScope(sentence, scope);
  if (reason === 'client-suspended' || reason === 'access-suspended')
    return new errors.AccessDenied(sentence);
  return new errors.InvalidTarget(sentence);
}

/**
 * No resource: the client's default API, unless only the person's identity is asked for. Several at the token
 * endpoint: the default if it is among them.
 */
export function defaultResource(
  ctx: KoaContextWithOIDC,
  client: Client,
  oneOf?: readonly string[],
): string | string[] | undefined {
  const [first] = registered(client).resources;
  if (oneOf) return first !== undefined && oneOf.includes(first) ? first : [...oneOf];
  if (ctx.oidc.params?.grant_type === 'client_credentials') return first ?? refuseWithoutApi();
  if (ctx.oidc.params?.scope !== undefined) return asksForIdentityAlone(ctx) ? undefined : first;
  if (first === undefined) {
    throw scopeMissing('The request names no scope and no API. Name at least one in the scope parameter.');
  }
  return first;
}

/** A token without an audience is for userinfo, where a machine has nobody to ask about. */
function refuseWithoutApi(): never {
  currentScope().noted.access = 'unknown-api';
  throw new errors.InvalidTarget(
    'The request names no API, and this app has no default one. Name it in the resource parameter.',
  );
}

function asksForIdentityAlone(ctx: KoaContextWithOIDC): boolean {
  return [...ctx.oidc.requestParamScopes].every((name) => IDENTITY_SCOPES.has(name));
}

/** A token without a named resource is for the granted API when API scopes are wanted, else for userinfo. */
export function usesGrantedResource(
  ctx: KoaContextWithOIDC,
  source: AuthorizationCode | RefreshToken,
): boolean {
  const asked = ctx.oidc.params?.scope ? ctx.oidc.requestParamScopes : source.scopes;
  return [...asked].some((name) => !IDENTITY_SCOPES.has(name));
}
