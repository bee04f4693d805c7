import { type AccessToken, type ClientCredentials, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Acr, reaches } from '../accounts/sign-in/strength.ts';
import type { AccessInputs } from '../developers/access/access-inputs.ts';
import { type AccessDecision, decideAccess } from '../developers/access/decide-access.ts';
import { reachPerson } from '../developers/access/people-cap.ts';
import type { Platform } from '../platform/platform.ts';
import { wantedAcr } from './interaction/step-up.ts';

type Allowed = Extract<AccessDecision, { allowed: true }>;
type Api = AccessInputs['api'];

/**
 * What an API asks of the sign-in, beside what the request asks: the stronger of both. Kept in the request itself, so
 * that every page and check that comes later knows of it. Strengths that nobody knows stay, to be refused.
 */
export function demandSignIn({ oidc: { params } }: KoaContextWithOIDC, { minimumAcr }: Api): void {
  if (!params || minimumAcr === null) return;
  const wanted = wantedAcr(params.acr_values);
  if (params.acr_values !== undefined && wanted === undefined) return;
  if (wanted === undefined || !reaches(wanted, minimumAcr as Acr)) params.acr_values = minimumAcr;
}

/**
 * What must hold where a token for an API is issued, beyond that the app may have it: `scopes` are those it will carry.
 * Throws the refusal with its sentence.
 */
export async function checkIssue(
  platform: Platform,
  ctx: KoaContextWithOIDC,
  clientId: string,
  { api, peoplePerDay }: Allowed,
  scopes: readonly string[],
): Promise<void> {
  const bound = restrictedScopes(api, scopes);
  if (bound.length > 0 && ctx.get('DPoP') === '') {
    throw new errors.InvalidRequest(
      `The scope ${bound[0]} needs a token that is bound to a key. Send a DPoP proof with the request.`,
    );
  }
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  if (!source) return;
  if (!strongEnoughFor(api, source.acr)) {
    throw new errors.CustomOIDCProviderError(
      'invalid_grant',
      `${api.identifier} asks for a stronger sign-in (${api.minimumAcr}). Send the person to the authorization endpoint again.`,
    );
  }
  if (peoplePerDay === null) return;
  const person = { clientId, apiId: api.id, accountId: String(source.accountId), peoplePerDay };
  if (await reachPerson(platform, person)) return;
  // Not invalid_grant: the grant stays good, and an app that threw it away would only send its people to ask again.
  throw new errors.AccessDenied(
    `This app may reach ${peoplePerDay} people a day (UTC) at ${api.identifier} and has done so today. Ask the owner of the API for more.`,
  );
}

/** The scopes of a token that still hold at the API whom it is for; undefined where the token is worth nothing there. */
export async function scopesThatHold(
  platform: Platform,
  token: AccessToken | ClientCredentials,
  { api, scopes, peoplePerDay }: Allowed,
): Promise<string[] | undefined> {
  const carried = token.scope?.split(' ') ?? [];
  const unbound = new Set(token.isSenderConstrained() ? [] : restrictedScopes(api, carried));
  const held = carried.filter((name) => scopes.includes(name) && !unbound.has(name));
  if (carried.length > 0 && held.length === 0) return undefined;
  const { accountId, extra } = token as AccessToken;
  if (accountId === undefined) return held;
  if (!strongEnoughFor(api, extra?.acr)) return undefined;
  if (peoplePerDay === null) return held;
  const person = { clientId: String(token.clientId), apiId: api.id, accountId, peoplePerDay };
  return (await reachPerson(platform, person)) ? held : undefined;
}

/** The first reason why what a code or refresh token carries for this API is refused, where nothing of it is left. */
export function refusalOfCarried(
  inputs: AccessInputs | undefined,
  carried: readonly string[],
  now: Date,
): Extract<AccessDecision, { allowed: false }> | undefined {
  const here = carried.filter((name) => inputs?.api.scopes.some((scope) => scope.name === name));
  const decisions = here.map((name) => decideAccess(inputs, [name], now));
  if (decisions.some(({ allowed }) => allowed)) return undefined;
  return decisions.find((decision) => !decision.allowed);
}

function restrictedScopes({ scopes }: Api, names: readonly string[]): string[] {
  return names.filter((name) =>
    scopes.some((scope) => scope.name === name && scope.sensitivity === 'restricted'),
  );
}

function strongEnoughFor({ minimumAcr }: Api, acr: unknown): boolean {
  return minimumAcr === null || reaches(acr as Acr, minimumAcr as Acr);
}
