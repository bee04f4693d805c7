import { randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { placeInWords } from '../accounts/sessions/place-in-words.ts';
import { runsOnDevice, usesSecret } from '../developers/clients/app-types.ts';
import { noteSecretUse } from '../developers/clients/credentials/credential-uses.ts';
import {
  loadRegisteredClient,
  type RegisteredClient,
  sectorOf,
} from '../developers/clients/registered-client.ts';
import { secondsAfter } from '../platform/clock.ts';
import { digestOf, sameBytes } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { keepFresh } from './fresh.ts';
import { instantiateClient } from './internals.ts';
import { currentScope } from './request-scope.ts';

/** Client objects kept ready; beyond that the one built longest ago is built anew when it comes again. */
const KEPT = 10_000;

const records = new WeakMap<Client, RegisteredClient>();

/** What we know of a client beyond its protocol metadata. */
export function registered(client: Client): RegisteredClient {
  const record = records.get(client);
  if (!record) throw new Error('this client was not loaded by registered-clients.ts');
  return record;
}

/**
 * Finds clients and APIs for one provider. Their rows are read again every half second, the objects built again
 * only when a row has changed.
 */
export function clientFinder(
  platform: Platform,
  provider: Provider,
): (id: string) => Promise<Client | undefined> {
  const built = new Map<string, BuiltClient>();
  const find = keepFresh((id) => loadClient(platform, provider, built, id));
  return async (id) => (currentScope().judgedClients.has(id) ? subjectsOnly(id) : find(id));
}

interface BuiltClient {
  readonly fingerprint: string;
  readonly builtAt: Date;
  readonly client: Client;
}

/**
 * At introspection the engine wants a token's own client only to learn how its subjects are made. The access
 * decision has read that client a moment ago, so it is not read again.
 */
function subjectsOnly(clientId: string): Client {
  return { clientId, subjectType: 'pairwise' } as Client;
}

async function loadClient(
  platform: Platform,
  provider: Provider,
  built: Map<string, BuiltClient>,
  id: string,
): Promise<Client | undefined> {
  const record = await loadRegisteredClient(platform, id);
  if (record?.suspended) currentScope().noted.suspended = id;
  if (!record || record.suspended) return undefined;
  const fingerprint = JSON.stringify(record);
  const before = built.get(id);
  const now = platform.clock.now();
  if (before?.fingerprint === fingerprint && !forgetsKeys(record, before.builtAt, now)) return before.client;
  const client = instantiateClient(provider, metadataOf(record));
  records.set(client, record);
  built.delete(id);
  built.set(id, { fingerprint, builtAt: now, client });
  const [oldest] = built.keys();
  if (built.size > KEPT && oldest !== undefined) built.delete(oldest);
  return client;
}

/** Seconds after which keys are fetched anew from their address. */
const FETCHED_KEYS_SECONDS = 300;

/**
 * The engine keeps fetched keys with the client and asks again only for one it does not know: a key that was taken away
 * at its address would be good for ever. A client built anew has fetched none yet.
 */
function forgetsKeys({ authMethod, jwksUri }: RegisteredClient, builtAt: Date, now: Date): boolean {
  const fetches = authMethod === 'private_key_jwt' && jwksUri !== null;
  return fetches && now >= secondsAfter(builtAt, FETCHED_KEYS_SECONDS);
}

export function compareSecret(platform: Platform, client: Client, presented: string): boolean {
  const { ctx, noted } = currentScope();
  if (!secretFits(platform, registered(client), presented, ctx.state.address)) return false;
  noted.authenticated = true;
  return true;
}

/** Compares with every live digest, without stopping at the first that fits, and notes which one it was. */
export function secretFits(
  platform: Platform,
  { secretDigests }: Pick<RegisteredClient, 'secretDigests'>,
  presented: string,
  address: string,
): boolean {
  const digest = digestOf(presented);
  let matches = false;
  for (const stored of secretDigests) {
    if (sameBytes(stored, digest)) matches = true;
  }
  if (matches) noteSecretUse(platform, digest, placeInWords(address));
  return matches;
}

/** The engine insists on a secret in its metadata. Nobody knows this one, so forgetting compareSecret opens nothing. */
const UNUSABLE_SECRET = randomBytes(32).toString('base64url');

/** A client or API as the engine's client metadata (RFC 7591 names). */
function metadataOf(client: RegisteredClient): Record<string, unknown> {
  const interactive = client.type !== 'machine' && client.type !== 'api';
  return {
    ...client.metadata,
    client_id: client.id,
    client_name: client.name,
    application_type: runsOnDevice(client.type) ? 'native' : 'web',
    token_endpoint_auth_method: client.authMethod,
    ...(usesSecret(client.authMethod) && { client_secret: UNUSABLE_SECRET }),
    ...(client.authMethod === 'private_key_jwt' && keysOf(client)),
    grant_types: grantTypesOf(client),
    response_types: interactive ? ['code'] : [],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    ...(interactive ? pairwiseWithin(sectorOf(client)) : { subject_type: 'public' }),
  };
}

/** None at all is an empty set: an app whose last key was ended is refused, not broken. */
function keysOf({ keys, jwksUri }: RegisteredClient) {
  if (jwksUri !== null) return { jwks_uri: jwksUri };
  return { jwks: { keys: keys.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig' })) } };
}

function grantTypesOf({ type }: RegisteredClient): string[] {
  if (type === 'api') return [];
  return type === 'machine' ? ['client_credentials'] : ['authorization_code', 'refresh_token'];
}

/** The address only names the sector; it is never fetched. */
function pairwiseWithin(sector: string) {
  return { subject_type: 'pairwise', sector_identifier_uri: `https://${sector}.invalid/` };
}
