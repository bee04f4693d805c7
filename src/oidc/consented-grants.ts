import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { RegisteredClient } from '../developers/clients/registered-client.ts';
import type { Platform } from '../platform/platform.ts';
import { type ConsentedScopes, IDENTITY, type LiveConsent, liveConsents } from '../tokens/consents.ts';
import { changedFace } from './interaction/changed-face.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

/** What consent.pages.ts answers the engine with; kept in the interaction until the engine goes on. */
export interface ConsentAnswer {
  readonly accountId: string;
  /** By identifier of the API. */
  readonly leftOut: readonly ConsentedScopes[];
}

/**
 * The grant of this browser session for this client, holding what the account's consent allows of the request
 * (decision 7), and what the person has just left out of it as refused. Undefined where nothing of it is allowed yet.
 * A first-party client needs no consent.
 */
export async function loadConsentedGrant(
  platform: Platform,
  ctx: KoaContextWithOIDC,
): Promise<Grant | undefined> {
  const { client, account } = ctx.oidc;
  if (!client || !account) return undefined;
  const allowed = registered(client).firstParty
    ? everythingRequested(ctx)
    : await consented(platform, account.accountId, registered(client));
  const wanted = withinRequest(ctx, allowed);
  if (wanted.every(({ scopes }) => scopes.length === 0)) return undefined;
  const grant =
    (await standingGrant(ctx)) ??
    new ctx.oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const before = JSON.stringify(grant);
  addScopes(grant, wanted);
  refuseScopes(grant, leftOut(ctx, account.accountId), wanted);
  if (grant.iat === undefined || JSON.stringify(grant) !== before) await grant.save();
  return grant;
}

/**
 * What stands, and for the grant that may be given under it, until when. Nothing where the app has changed its face since
 * its person last saw it: they decide again whether it is the one they meant (C39). Tokens it holds go on.
 */
async function consented(
  platform: Platform,
  accountId: string,
  { id, presentedSince }: RegisteredClient,
): Promise<LiveConsent[]> {
  const consents = await liveConsents(platform, accountId, id);
  if (changedFace(presentedSince, consents)) return [];
  currentScope().consentEnd = consents[0];
  return consents;
}

/** Only a grant of this very browser session is used again; another session's ends with that session. */
async function standingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider } = ctx.oidc;
  const grantId = client && session?.grantIdFor(client.clientId);
  if (!grantId) return undefined;
  const grant = await provider.Grant.find(grantId);
  const { grants, browserSession } = currentScope();
  return grants.get(grantId)?.browserSessionId === browserSession?.id ? grant : undefined;
}

function everythingRequested(ctx: KoaContextWithOIDC): ConsentedScopes[] {
  const resources = Object.values(ctx.oidc.resourceServers ?? {});
  return [
    { resource: IDENTITY, scopes: [...ctx.oidc.requestParamOIDCScopes] },
    ...resources.map((api) => ({ resource: String(api.audience), scopes: [...api.scopes] })),
  ];
}

/** Per resource indicator as the request spelled it: what is requested, allowed, and still within the app's access. */
function withinRequest(ctx: KoaContextWithOIDC, allowed: readonly ConsentedScopes[]): ConsentedScopes[] {
  const requested = ctx.oidc.requestParamScopes;
  const scopesAt = (resource: string) =>
    allowed.find((consent) => consent.resource === resource)?.scopes ?? [];
  const apis = Object.entries(ctx.oidc.resourceServers ?? {}).map(([indicator, api]) => ({
    resource: indicator,
    scopes: scopesAt(String(api.audience)).filter((name) => requested.has(name) && api.scopes.has(name)),
  }));
  const identity = scopesAt(IDENTITY).filter((name) => ctx.oidc.requestParamOIDCScopes.has(name));
  return [{ resource: IDENTITY, scopes: identity }, ...apis];
}

function addScopes(grant: Grant, wanted: readonly ConsentedScopes[]): void {
  for (const { resource, scopes } of wanted) {
    if (scopes.length === 0) continue;
    if (resource === IDENTITY) grant.addOIDCScope(scopes.join(' '));
    else grant.addResourceScope(resource, scopes.join(' '));
  }
}

/** What the person left out on the consent page a moment ago, as consent.pages.ts answered the engine. */
function leftOut({ oidc }: KoaContextWithOIDC, accountId: string): ConsentedScopes[] {
  const answer = oidc.result?.consent as ConsentAnswer | undefined;
  if (answer?.accountId !== accountId) return [];
  return Object.entries(oidc.resourceServers ?? {}).map(([indicator, api]) => ({
    resource: indicator,
    scopes: answer.leftOut.find(({ resource }) => resource === api.audience)?.scopes ?? [],
  }));
}

/** Refused scopes are not asked for again in this session; allowing one later takes its refusal back. */
function refuseScopes(
  grant: Grant,
  refused: readonly ConsentedScopes[],
  allowed: readonly ConsentedScopes[],
): void {
  for (const { resource, scopes } of refused) {
    if (scopes.length > 0) grant.rejectResourceScope(resource, scopes.join(' '));
  }
  const resources = grant.rejected?.resources;
  for (const { resource, scopes } of resources ? allowed : []) {
    const left = resources?.[resource]?.split(' ').filter((name) => !scopes.includes(name));
    if (resources && left) resources[resource] = left.join(' ');
  }
}
