import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Platform } from '../platform/platform.ts';
import { type ConsentedScopes, IDENTITY, liveConsents } from '../tokens/consents.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

/**
 * The grant of this browser session for this client, holding what the account's consent allows of the request
 * (decision 7). Undefined where nothing of it is allowed yet. A first-party client needs no consent.
 */
export async function loadConsentedGrant(
  platform: Platform,
  ctx: KoaContextWithOIDC,
): Promise<Grant | undefined> {
  const { client, account } = ctx.oidc;
  if (!client || !account) return undefined;
  const allowed = registered(client).firstParty
    ? everythingRequested(ctx)
    : await liveConsents(platform, account.accountId, client.clientId);
  const wanted = withinRequest(ctx, allowed);
  if (wanted.every(({ scopes }) => scopes.length === 0)) return undefined;
  const grant =
    (await standingGrant(ctx)) ??
    new ctx.oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  if (addScopes(grant, wanted)) await grant.save();
  return grant;
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

/** True when the grant did not hold all of it before. */
function addScopes(grant: Grant, wanted: readonly ConsentedScopes[]): boolean {
  let added = grant.iat === undefined;
  for (const { resource, scopes } of wanted) {
    const held = (resource === IDENTITY ? grant.getOIDCScope() : grant.getResourceScope(resource)).split(' ');
    const missing = scopes.filter((name) => !held.includes(name)).join(' ');
    if (missing === '') continue;
    added = true;
    if (resource === IDENTITY) grant.addOIDCScope(missing);
    else grant.addResourceScope(resource, missing);
  }
  return added;
}
