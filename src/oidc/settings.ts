import type { Configuration, ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { ACR_VALUES } from '../accounts/sign-in/strength.ts';
import { IDENTITY_SCOPES } from '../developers/apis/scopes/scopes.ts';
import { ASSERTION_ALGORITHMS } from '../developers/clients/credentials/public-keys.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { sealGrant } from './access-jwt.ts';
import { accountForEngine, CLAIMS, subjectFor, subjectInRequest } from './account-claims.ts';
import { adapterFor } from './adapter.ts';
import { judgeAssertion } from './client-assertions.ts';
import { loadConsentedGrant } from './consented-grants.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';
import { engineFetch } from './engine-fetch.ts';
import { engineKeys } from './engine-keys.ts';
import { interactionPath } from './interaction/interactions.ts';
import { interactionPrompts } from './interaction/policy.ts';
import { showStrength } from './interaction/step-up.ts';
import { mayIntrospect } from './judge-token.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';
import { checkRequest } from './request-checks.ts';
import { accessInputs, defaultResource, resourceServerFor, usesGrantedResource } from './resource-servers.ts';
import type { PrivateJwk } from './signing-keys.ts';
import { lifetimes } from './token-lifetimes.ts';

/** The pages that the engine shows itself; app.ts hands them in, because a rule never imports a page. */
export interface EnginePages {
  confirmSignOut(ctx: KoaContextWithOIDC): Promise<void>;
  showSignedOut(ctx: KoaContextWithOIDC): Promise<void>;
  showError(ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void>;
}

/** The engine as this service runs it: what is on, for how long things live, and who answers its questions. */
export function engineSettings(
  platform: Platform,
  pages: EnginePages,
  keys: readonly PrivateJwk[],
): Configuration {
  const { config, vault } = platform;
  const cookieKeys = [vault.secret('cookie-signing').toString('base64url')];
  return {
    adapter: adapterFor(platform),
    jwks: { keys: engineKeys(keys) },
    scopes: [...IDENTITY_SCOPES],
    claims: CLAIMS,
    acrValues: [...ACR_VALUES],
    responseTypes: ['code'],
    subjectTypes: ['pairwise', 'public'],
    pkce: { required: () => true },
    clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
    assertJwtClientAuthClaimsAndHeader: (ctx, claims, header, client) =>
      judgeAssertion(platform, ctx, { claims, header, client }),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: ALGORITHMS,
    clockTolerance: LIFETIMES.clockTolerance,
    conformIdTokenClaims: false,
    features: featureSettings(platform, pages),
    ttl: lifetimes(platform),
    routes: ENDPOINTS,
    cookies: {
      keys: cookieKeys,
      names: cookieNames(config.secure),
      long: { httpOnly: true, sameSite: 'lax', path: '/', secure: config.secure, signed: true },
      short: { httpOnly: true, sameSite: 'lax', secure: config.secure, signed: true },
    },
    interactions: {
      url: (_ctx, interaction) => interactionPath(interaction),
      policy: interactionPrompts(platform),
    },
    ...accountSettings(platform),
    ...grantSettings(platform),
    fetch: engineFetch(platform),
    extraParams: { gatehouse_request: checkRequest },
    clientBasedCORS: (_ctx, origin, client) => ownOrigins(client.redirectUris).has(origin),
    renderError: pages.showError,
  };
}

/** Asymmetric signatures only; `none` and everything keyed by a client secret stay off (secrets are stored as digests). */
const ALGORITHMS = {
  idTokenSigningAlgValues: ['ES256', 'RS256'],
  userinfoSigningAlgValues: ['ES256', 'RS256'],
  clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
  dPoPSigningAlgValues: ['ES256', 'PS256', 'RS256', 'Ed25519', 'EdDSA'],
} as NonNullable<Configuration['enabledJWA']>;

function featureSettings(platform: Platform, pages: EnginePages): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    dPoP: { enabled: true, nonceSecret: platform.vault.secret('dpop-nonce') },
    pushedAuthorizationRequests: { enabled: true },
    userinfo: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => mayIntrospect(platform, client, token),
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource, client) => resourceServerFor(platform, ctx, resource, client),
      defaultResource: (ctx, client, oneOf) => defaultResource(ctx, client, oneOf) as string,
      useGrantedResource: (ctx, source) => usesGrantedResource(ctx, source as never),
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: pages.confirmSignOut,
      postLogoutSuccessSource: pages.showSignedOut,
    },
  };
}

/** The engine's cookies beside our own: the interaction ones are bound to a path, so `__Host-` is not theirs to have. */
function cookieNames(secure: boolean) {
  return secure
    ? { session: '__Host-engine', interaction: '__Secure-interaction', resume: '__Secure-resume' }
    : { session: 'gatehouse_engine', interaction: 'gatehouse_interaction', resume: 'gatehouse_resume' };
}

function accountSettings(platform: Platform) {
  return {
    findAccount: (ctx: KoaContextWithOIDC, accountId: string) => accountForEngine(platform, ctx, accountId),
    pairwiseIdentifier: async (ctx, accountId, client) => subjectInRequest(platform, ctx, accountId, client),
    // OAuth access tokens say how and when the person signed in, so that an API can ask for more (RFC 9470 §6).
    extraTokenClaims: (ctx) => {
      const source = ctx.oidc?.entities.AuthorizationCode ?? ctx.oidc?.entities.RefreshToken;
      return source && { acr: source.acr, auth_time: source.authTime };
    },
    formats: {
      customizers: {
        // A JWT is read by the API: it sees the subject of its own organization (decision 9), and nothing of the grant.
        jwt: async (_ctx, token, jwt) => {
          const { accountId, clientId, aud, grantId, jti } = token as unknown as TokenOfPerson;
          const inputs = await accessInputs(platform, String(clientId), String(aud));
          if (inputs) currentScope().noted.jwtOf = { clientId: String(clientId), apiId: inputs.api.id };
          if (!accountId || !inputs) return;
          jwt.payload.sub = subjectFor(platform, accountId, inputs.api.organizationId);
          if (grantId) jwt.payload.grant_ref = sealGrant(platform, { grantId, accountId }, jti);
        },
      },
    },
  } satisfies Configuration;
}

interface TokenOfPerson {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly aud?: string;
  readonly grantId?: string;
  readonly jti: string;
}

function grantSettings(platform: Platform) {
  return {
    // The first call of an authorization that knows both the person and the client.
    loadExistingGrant: (ctx: KoaContextWithOIDC) => {
      showStrength(platform, ctx);
      return loadConsentedGrant(platform, ctx);
    },
    // Tokens end with their grant, and a grant knows whether it ends with the browser session.
    expiresWithSession: () => false,
    // So giving back any token ends the grant, and goes on record as that: the engine makes an exception for access tokens.
    revokeGrantPolicy: () => true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc }) => {
      const bound = oidc.entities.RefreshToken?.isSenderConstrained() ?? false;
      const asked = oidc.client ? registered(oidc.client).metadata.rotate_refresh_tokens === true : false;
      return asked || (oidc.client?.clientAuthMethod === 'none' && !bound);
    },
  } satisfies Configuration;
}

/** A browser app is let in from the origins it redirects to, never from `null` or from elsewhere. */
function ownOrigins(redirectUris: readonly string[] = []): Set<string> {
  return new Set(redirectUris.map((uri) => new URL(uri).origin).filter((origin) => origin !== 'null'));
}
