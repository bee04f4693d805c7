import type { Api } from '../developers/apis/api.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { findTokenByDigest, type NamedToken } from '../tokens/named-tokens.ts';
import { claimsOf, isSignedBy, openGrant, readAccessJwt } from './access-jwt.ts';
import type { Engine } from './provider.ts';

/** How an API names a token: an opaque one by its SHA-256, a JWT, which is recorded nowhere, by itself. */
export type TokenName = { readonly digest: Buffer } | { readonly jwt: string };

/** A log is read later than it is written: for so long a JWT may have expired. */
const EXPIRED_SECONDS = 3600;

/** Whose the token is that an API names; undefined unless it was issued for this very API. */
export async function findReportedToken(
  platform: Platform,
  engine: Pick<Engine, 'verifyingKey'>,
  api: Api,
  name: TokenName,
): Promise<NamedToken | undefined> {
  if ('digest' in name) return findTokenByDigest(platform, name.digest, api.identifier);
  const jwt = readAccessJwt(name.jwt);
  const key = jwt && engine.verifyingKey(jwt.kid);
  if (!jwt || !key || !isSignedBy(key, jwt)) return undefined;
  const claims = claimsOf(jwt);
  const latest = epochSeconds(platform.clock.now()) - EXPIRED_SECONDS;
  if (!claims || claims.iss !== platform.config.issuer || claims.aud !== api.identifier) return undefined;
  if (claims.exp <= latest) return undefined;
  const { grant_ref: reference, jti, client_id: clientId } = claims;
  return {
    clientId,
    grantId: reference === undefined ? null : (openGrant(platform, reference, jti)?.grantId ?? null),
  };
}
