import validateDpop from 'oidc-provider/lib/helpers/validate_dpop.js';
import Provider, { type Client, errors, type KoaContextWithOIDC, type Session } from 'oidc-provider';

/**
 * The one door to what the engine leaves untyped or private, as read in 9.13.3, with the file of the engine where that
 * is not plain. The journeys in test/oidc and test/flows pass through every function here, so run them on an upgrade.
 */

/** The parts of the provider that are assigned to. */
interface OpenProvider {
  Client: {
    new (metadata: Record<string, unknown>): Client;
    find(id: string): Promise<Client | undefined>;
    prototype: Client;
  };
  Session: {
    get(ctx: unknown): Promise<Session>;
    prototype: Session & { oldId?: string; id: string; touched?: boolean };
  };
}

const HANDLE_MODELS = [
  'AccessToken',
  'ClientCredentials',
  'RefreshToken',
  'AuthorizationCode',
  'PushedAuthorizationRequest',
] as const;

export type HandleModel = (typeof HANDLE_MODELS)[number];

/**
 * Every handle the engine issues is made by `makeHandle`. The engine's own method runs first, because it also
 * settles the token's format (models/formats/index.js); the id of a JWT is not a handle and stays as it is.
 */
export function makeHandlesWith(provider: Provider, makeHandle: (model: HandleModel) => string): void {
  const models = provider as unknown as Record<HandleModel, { prototype: TokenPrototype }>;
  for (const model of HANDLE_MODELS) {
    const { prototype } = models[model];
    const { generateTokenId } = prototype;
    prototype.generateTokenId = function generateHandle(this: TokenPrototype) {
      const id = generateTokenId.call(this);
      return this.format === 'jwt' ? id : makeHandle(model);
    };
  }
}

interface TokenPrototype {
  format?: 'opaque' | 'jwt';
  generateTokenId(): string;
}

/** Clients come from `find` alone; the engine's own lookup and its cache of 100 are never reached (models/client.js). */
export function findClientsWith(provider: Provider, find: (id: string) => Promise<Client | undefined>): void {
  open(provider).Client.find = async (id) => (typeof id === 'string' ? find(id) : undefined);
}

/** A client instance from metadata, validated by the engine's schema; throws errors.InvalidClientMetadata. */
export function instantiateClient(provider: Provider, metadata: Record<string, unknown>): Client {
  return new (open(provider).Client)(metadata);
}

/** Presented secrets are judged by `compare` (shared/client_auth.js awaits the method). */
export function compareSecretsWith(
  provider: Provider,
  compare: (client: Client, presented: string) => boolean,
): void {
  open(provider).Client.prototype.compareClientSecret = function compareClientSecret(
    this: Client,
    presented: string,
  ) {
    return compare(this, presented);
  };
}

/** Lets `project` adjust each session before the engine looks at it, and names new sessions with `newId`. */
export function projectSessionsWith(
  provider: Provider,
  newId: () => string,
  project: (ctx: KoaContextWithOIDC, session: Session) => Promise<void>,
): void {
  const { Session } = open(provider);
  const get = Session.get;
  Session.get = async function getProjected(this: typeof Session, ctx) {
    const session = await get.call(this, ctx);
    if (session.iat === undefined) session.jti = newId();
    await project(ctx as KoaContextWithOIDC, session);
    return session;
  };
  // Who is signed in comes from the projection alone: an answer that waited in an interaction may have outlived it.
  Session.prototype.loginAccount = function loginAccount() {};
  Session.prototype.resetIdentifier = function resetIdentifier() {
    this.oldId = this.id;
    this.id = newId();
    this.touched = true;
  };
}

/** Makes the engine save a session it would otherwise forget, because it was changed outside of its own proxy. */
export function keepSession(session: Session): void {
  (session as Session & { touched?: boolean }).touched = true;
}

/** The scope a pushed authorization request was stored with; undefined where the request was not pushed. */
export function pushedScope(ctx: KoaContextWithOIDC): string | undefined {
  const text = pushedText(ctx.oidc.entities.PushedAuthorizationRequest);
  if (text === undefined) return undefined;
  const { scope } = JSON.parse(text) as { scope?: unknown };
  return typeof scope === 'string' ? scope : undefined;
}

/** The parameters of a pushed request as JSON text: the engine keeps them as an unsigned JWT. */
export function pushedText(pushed: unknown): string | undefined {
  const payload = (pushed as { request?: string } | undefined)?.request?.split('.')[1];
  return payload === undefined ? undefined : Buffer.from(payload, 'base64url').toString();
}

/** The engine's error for a request that is malformed; becomes the protocol's `invalid_request`. */
export function invalidRequest(description: string): Error {
  return new errors.InvalidRequest(description);
}

/** What a proof is for: the request as the holder of the key sent it, wherever it arrives here. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  readonly proof: string;
  readonly token: string;
}

export interface ProofRefusal {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce';
  readonly sentence: string;
}

/**
 * Verifies a DPoP proof (RFC 9449 §4.3) as the engine does for itself, for a request that somebody else was sent
 * (helpers/validate_dpop.js). `setNonce` is given the nonce that the next proof should carry. Whether it was used before is
 * the caller's to know.
 */
export async function verifyProof(
  provider: Provider,
  { method, url, proof, token }: ProvenRequest,
  setNonce: (nonce: string) => void,
): Promise<{ ok: true; thumbprint: string; jti: string } | ({ ok: false } & ProofRefusal)> {
  const context = {
    oidc: { provider, route: 'resource', urlFor: () => url },
    method,
    get: () => proof,
    set: (_name: string, value: string) => setNonce(value),
  };
  try {
    const { thumbprint, jti } = await validateDpop(provider, context, token);
    return { ok: true, thumbprint, jti };
  } catch (fault) {
    const nonce = fault instanceof errors.UseDpopNonce;
    if (!nonce && !(fault instanceof errors.InvalidDpopProof)) throw fault;
    const sentence = fault.error_description ?? 'invalid DPoP proof';
    return { ok: false, error: nonce ? 'use_dpop_nonce' : 'invalid_dpop_proof', sentence };
  }
}

function open(provider: Provider): OpenProvider {
  return provider as unknown as OpenProvider;
}
