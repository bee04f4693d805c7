import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import { API_SCOPE, JWT_API, JWT_SCOPE, OPAQUE_API, REDIRECT_URI, USER_SCOPES } from './support/target.ts';

/**
 * C0, the ceiling: the engine alone, with a map in memory as its store and clients in its configuration. It forgets
 * nothing, persists nothing and knows one person, who allows everything. Run as `node bench/c0.ts <port>`.
 */

/** What callers authenticate with; the same for every run, because nobody but the benchmark can reach it. */
export const C0_PARTIES = {
  machine: { id: 'machine', secret: 'a-secret-of-the-machine-with-43-characters-' },
  web: { id: 'web', secret: 'a-secret-of-the-web-app-with-43-characters-' },
  browserApp: { id: 'browser-app' },
  api: { id: 'api', secret: 'a-secret-of-the-api-with-43-characters-----' },
} as const;

const DAY = 86_400;

function settings(): Configuration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    adapter: mapAdapter(),
    jwks: {
      keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'c0' } as never],
    },
    clients: clients(),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    routes: { authorization: '/authorize' },
    cookies: { keys: ['a key for the cookies of the benchmark'] },
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      IdToken: 600,
      AuthorizationCode: 60,
      Session: DAY,
      Grant: DAY,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async (_ctx, resource) => ({
          scope: resource === JWT_API ? JWT_SCOPE : API_SCOPE,
          audience: resource,
          accessTokenFormat: resource === JWT_API ? 'jwt' : 'opaque',
          jwt: { sign: { alg: 'ES256' } },
        }),
        useGrantedResource: async () => true,
      },
    },
    findAccount: async (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const standing = client && session?.grantIdFor(client.clientId);
      if (standing) return provider.Grant.find(standing);
      const grant = new provider.Grant({ accountId: session?.accountId, clientId: client?.clientId });
      grant.addOIDCScope('openid offline_access');
      grant.addResourceScope(OPAQUE_API, API_SCOPE);
      await grant.save();
      return grant;
    },
    expiresWithSession: async () => false,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc }) => oidc.client?.clientAuthMethod === 'none',
  };
}

function clients(): NonNullable<Configuration['clients']> {
  const { machine, web, browserApp, api } = C0_PARTIES;
  const interactive = {
    redirect_uris: [REDIRECT_URI],
    response_types: ['code' as const],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: USER_SCOPES.replace(` ${API_SCOPE}`, ''),
  };
  const silent = { redirect_uris: [], response_types: [] };
  return [
    { client_id: machine.id, client_secret: machine.secret, ...silent, grant_types: ['client_credentials'] },
    { client_id: api.id, client_secret: api.secret, ...silent, grant_types: [] },
    { client_id: web.id, client_secret: web.secret, ...interactive },
    { client_id: browserApp.id, token_endpoint_auth_method: 'none', ...interactive },
  ];
}

/** The engine's own memory adapter keeps only the last 1,000 entries; this one keeps all. */
function mapAdapter(): (model: string) => Adapter {
  const rows = new Map<string, AdapterPayload>();
  return (model) => {
    const byUid = new Map<string, string>();
    const find = async (id: string) => rows.get(`${model}:${id}`);
    return {
      find,
      findByUid: async (uid) => find(byUid.get(uid) ?? ''),
      findByUserCode: async () => undefined,
      async upsert(id, payload) {
        rows.set(`${model}:${id}`, payload);
        if (model === 'Session' && payload.uid) byUid.set(payload.uid, id);
      },
      async consume(id) {
        const row = rows.get(`${model}:${id}`);
        if (row) row.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        rows.delete(`${model}:${id}`);
      },
      async revokeByGrantId(grantId) {
        for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key);
      },
    };
  };
}

async function serve(port: number): Promise<void> {
  const provider = new Provider(`http://localhost:${port}`, settings());
  const engine = provider.callback() as RequestListener;
  // Whoever arrives at an interaction is signed in at once; loadExistingGrant allows everything.
  const signInAtOnce: RequestListener = (req, res) =>
    void provider.interactionFinished(req, res, { login: { accountId: 'somebody' } });
  const server = createServer((req, res) =>
    req.url?.startsWith('/interaction/') ? signInAtOnce(req, res) : engine(req, res),
  );
  server.listen(port, '127.0.0.1');
  process.once('SIGTERM', () => server.close().closeAllConnections());
}

if (import.meta.main) await serve(Number(process.argv[2]));
