import { randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { loadRegisteredClient, type RegisteredClient } from '../developers/clients/registered-client.ts';
import { digestOf, sameBytes } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { instantiateClient } from './internals.ts';
import { currentScope } from './request-scope.ts';

/** A change to a client is in force everywhere within this time, without any message between processes. */
const FRESH_MS = 500;

/** Clients kept ready; beyond that the one unused for longest is loaded and built anew. */
const KEPT = 10_000;

interface Kept {
  readonly loadedAt: number;
  readonly client: Promise<Client | undefined>;
}

const records = new WeakMap<Client, RegisteredClient>();

/** What we know of a client beyond its protocol metadata. */
export function registered(client: Client): RegisteredClient {
  const record = records.get(client);
  if (!record) throw new Error('this client was not loaded by registered-clients.ts');
  return record;
}

/**
 * Finds clients and APIs for one provider. Instances are kept and built again only when the row changed.
 * An unknown id is never remembered, so that a client works the moment it was made.
 */
export function clientFinder(
  platform: Platform,
  provider: Provider,
): (id: string) => Promise<Client | undefined> {
  const kept = new Map<string, Kept>();
  const built = new Map<string, { fingerprint: string; client: Client }>();
  return async (id) => {
    if (currentScope().judgedClients.has(id)) return subjectsOnly(id);
    const now = performance.now();
    const known = kept.get(id);
    if (known && now - known.loadedAt < FRESH_MS) return known.client;
    const client = loadClient(platform, provider, built, id);
    kept.delete(id);
    kept.set(id, { loadedAt: now, client });
    if (kept.size > KEPT) forgetOldest(kept, built);
    const found = await client.catch(() => undefined);
    if (!found) kept.delete(id);
    return client;
  };
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
  built: Map<string, { fingerprint: string; client: Client }>,
  id: string,
): Promise<Client | undefined> {
  const record = await loadRegisteredClient(platform, id);
  if (!record || record.suspended) return undefined;
  const fingerprint = JSON.stringify(record);
  const before = built.get(id);
  if (before?.fingerprint === fingerprint) return before.client;
  const client = instantiateClient(provider, metadataOf(record));
  records.set(client, record);
  built.set(id, { fingerprint, client });
  return client;
}

function forgetOldest(kept: Map<string, Kept>, built: Map<string, unknown>): void {
  const [oldest] = kept.keys();
  if (oldest === undefined) return;
  kept.delete(oldest);
  built.delete(oldest);
}

/** Compares with every live digest, without stopping at the first that fits. */
export function compareSecret(client: Client, presented: string): boolean {
  const digest = digestOf(presented);
  let matches = false;
  for (const stored of registered(client).secretDigests) {
    if (sameBytes(stored, digest)) matches = true;
  }
  return matches;
}

/** The engine insists on a secret in its metadata. Nobody knows this one, so forgetting compareSecret opens nothing. */
const UNUSABLE_SECRET = randomBytes(32).toString('base64url');

/** How a code travels back. A fragment reaches scripts instead of the app's server, which is of no use to a code. */
export const RESPONSE_MODES = ['query', 'form_post'] as const;

/** A client or API as the engine's client metadata (RFC 7591 names). */
function metadataOf(client: RegisteredClient): Record<string, unknown> {
  const interactive = client.type === 'web' || client.type === 'spa' || client.type === 'native';
  return {
    ...client.metadata,
    client_id: client.id,
    client_name: client.name,
    application_type: client.type === 'native' ? 'native' : 'web',
    token_endpoint_auth_method: client.authMethod,
    ...(client.authMethod.startsWith('client_secret') && { client_secret: UNUSABLE_SECRET }),
    grant_types: grantTypesOf(client),
    response_types: interactive ? ['code'] : [],
    ...(interactive && { response_modes: [...RESPONSE_MODES] }),
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    ...(interactive ? pairwiseWithin(client.organizationId) : { subject_type: 'public' }),
  };
}

function grantTypesOf({ type }: RegisteredClient): string[] {
  if (type === 'api') return [];
  return type === 'machine' ? ['client_credentials'] : ['authorization_code', 'refresh_token'];
}

/** Subjects differ by organization (decision 9). The address only names the sector; it is never fetched. */
function pairwiseWithin(organizationId: string) {
  return { subject_type: 'pairwise', sector_identifier_uri: `https://${organizationId}.invalid/` };
}
