import { errors, type KoaContextWithOIDC } from 'oidc-provider';
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

/** An access token as whoever judges it needs to know it, in whatever form it came. */
export interface PresentedToken {
  readonly clientId: string;
  readonly audience: string | undefined;
  /** Undefined where an app came for itself. */
  readonly accountId: string | undefined;
  readonly scopes: readonly string[];
  /** It belongs to a key. */
  readonly bound: boolean;
  /** How strongly its person signed in. */
  readonly acr: unknown;
}

/** The scopes of a token that still hold at the API whom it is for, or why it is worth nothing there. */
export function scopesThatHold(
  { scopes: carried, bound, accountId, acr }: PresentedToken,
  { api, scopes }: Allowed,
): { ok: true; scopes: string[] } | { ok: false; reason: 'nothing-held' | 'weak-sign-in' } {
  const unbound = new Set(bound ? [] : restrictedScopes(api, carried));
  const held = carried.filter((name) => scopes.includes(name) && !unbound.has(name));
  if (carried.length > 0 && held.length === 0) return { ok: false, reason: 'nothing-held' };
  if (accountId !== undefined && !strongEnoughFor(api, acr)) return { ok: false, reason: 'weak-sign-in' };
  return { ok: true, scopes: held };
}

/** Whether its app may reach the person of a token today; counts them where they are new and there is room. */
export async function mayReach(
  platform: Platform,
  { clientId, accountId }: PresentedToken,
  { api, peoplePerDay }: Allowed,
): Promise<boolean> {
  if (accountId === undefined || peoplePerDay === null) return true;
  return reachPerson(platform, { clientId, apiId: api.id, accountId, peoplePerDay });
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
