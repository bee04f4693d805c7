import { digestOf, handleKind } from '../platform/crypto/secrets.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { findArtifact, type FoundGrant } from '../tokens/artifact-store.ts';
import { findGrant } from '../tokens/grants.ts';
import { claimsOf, isSignedBy, openGrant, readAccessJwt } from './access-jwt.ts';
import type { Engine } from './provider.ts';
import type { PresentedToken } from './token-conditions.ts';

/** What a text that somebody presents as an access token turns out to be. */
export type FoundToken =
  | {
      readonly state: 'live';
      readonly token: PresentedToken;
      /** The grant it came of; undefined where an app came for itself. */
      readonly grantId: string | undefined;
      /** The APIs that its grant is for, this one among them, as requests spelled them. */
      readonly resources: readonly string[];
      /** RFC 7638 thumbprint of the key that it is bound to. */
      readonly jkt: string | undefined;
      /** Seconds since 1970; with its grant at the latest. */
      readonly expires: number;
    }
  | { readonly state: 'expired' | 'ended'; readonly clientId: string | undefined }
  | { readonly state: 'unknown' };

const UNKNOWN: FoundToken = { state: 'unknown' };

/** Finds a live access token with its grant, in one read. Opaque or JWT, ours alone, and nothing but an access token. */
export async function findPresentedToken(
  platform: Platform,
  engine: Pick<Engine, 'verifyingKey'>,
  text: string,
): Promise<FoundToken> {
  const kind = handleKind(text);
  if (kind === 'access' || kind === 'service') return findOpaque(platform, kind, text);
  return kind === undefined ? findJwt(platform, engine, text) : UNKNOWN;
}

interface StoredToken {
  readonly clientId: string;
  readonly accountId?: string;
  readonly aud?: unknown;
  readonly scope?: string;
  readonly exp: number;
  readonly jkt?: string;
  readonly 'x5t#S256'?: string;
  readonly extra?: { readonly acr?: string };
}

async function findOpaque(platform: Platform, kind: 'access' | 'service', text: string): Promise<FoundToken> {
  const found = await findArtifact(platform, kind, digestOf(text));
  if (!found) return UNKNOWN;
  if ('ended' in found) return { state: 'ended', clientId: found.clientId };
  const { clientId, accountId, aud, scope, exp, jkt, extra, ...stored } =
    found.payload as unknown as StoredToken;
  const now = platform.clock.now();
  const expires = Math.min(exp, ...(found.grant ? [epochSeconds(found.grant.expiresAt)] : []));
  if (found.expiresAt <= now || expires <= epochSeconds(now)) return { state: 'expired', clientId };
  if (found.spent || !isOfGrant(found.grant?.payload, clientId, accountId))
    return { state: 'ended', clientId };
  // No client here has certificates, so a token that is bound to one is nobody's.
  if (stored['x5t#S256'] !== undefined) return UNKNOWN;
  const token = {
    clientId,
    audience: typeof aud === 'string' ? aud : undefined,
    accountId,
    scopes: namesIn(scope),
    bound: jkt !== undefined,
    acr: extra?.acr,
  };
  const resources = resourcesOf(found.grant);
  return { state: 'live', token, grantId: found.grant?.id, resources, jkt, expires };
}

/** As the engine compares them; a person's token without a grant is worth nothing. */
function isOfGrant(
  grant: Record<string, unknown> | undefined,
  clientId: string,
  accountId: string | undefined,
): boolean {
  if (!grant) return accountId === undefined;
  return grant.clientId === clientId && grant.accountId === accountId;
}

/** A JWT lives as long as its grant to whoever asks; to an API that only verifies it, until it expires. */
async function findJwt(
  platform: Platform,
  engine: Pick<Engine, 'verifyingKey'>,
  text: string,
): Promise<FoundToken> {
  const jwt = readAccessJwt(text);
  const key = jwt && engine.verifyingKey(jwt.kid);
  if (!jwt || !key || !isSignedBy(key, jwt)) return UNKNOWN;
  const claims = claimsOf(jwt);
  if (!claims || claims.iss !== platform.config.issuer) return UNKNOWN;
  const { client_id: clientId, sub, jti, exp: expires, grant_ref: reference } = claims;
  if (expires <= epochSeconds(platform.clock.now())) return { state: 'expired', clientId };
  const whose = reference === undefined ? undefined : openGrant(platform, reference, jti);
  if (!whose && sub !== clientId) return UNKNOWN;
  const grant = whose && (await findGrant(platform, whose.grantId));
  if (whose && !grant) return { state: 'ended', clientId };
  if (!isOfGrant(grant?.payload, clientId, whose?.accountId)) return { state: 'ended', clientId };
  const token = {
    clientId,
    audience: claims.aud,
    accountId: whose?.accountId,
    scopes: namesIn(claims.scope),
    bound: claims.cnf !== undefined,
    acr: claims.acr,
  };
  const resources = resourcesOf(grant);
  return { state: 'live', token, grantId: whose?.grantId, resources, jkt: claims.cnf?.jkt, expires };
}

function resourcesOf(grant: Pick<FoundGrant, 'payload'> | null | undefined): string[] {
  return Object.keys((grant?.payload.resources as object | undefined) ?? {});
}

function namesIn(scope: string | undefined): string[] {
  return scope?.split(' ').filter((name) => name !== '') ?? [];
}
