import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import Provider, {
  type AdapterPayload,
  type Client,
  type KoaContextWithOIDC,
  type Session,
} from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareSecretsWith,
  findClientsWith,
  type HandleModel,
  instantiateClient,
  keepSession,
  makeHandlesWith,
  projectSessionsWith,
  pushedText,
} from '../../src/oidc/internals.ts';
import { newPkce } from './stage.ts';

const READ_IN = '9.13.3';
const MODELS: HandleModel[] = [
  'AccessToken',
  'ClientCredentials',
  'RefreshToken',
  'AuthorizationCode',
  'PushedAuthorizationRequest',
];

/** What src/oidc/internals.ts takes for granted of the engine. A failure here means: read the engine again. */
describe(`the engine, as read in ${READ_IN}`, () => {
  let server: Server;
  let issuer: string;
  let provider: Provider;
  let rows: Map<string, AdapterPayload>;
  let verdict: unknown;
  let scopeSeen: unknown;
  let projected: Session[];
  let made: number;

  beforeAll(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    provider = engineAt(issuer);
    makeHandlesWith(provider, (model) => `${model}-${next()}`);
    const client = instantiateClient(provider, METADATA);
    findClientsWith(provider, async (id) => (id === METADATA.client_id ? client : undefined));
    compareSecretsWith(provider, () => verdict as boolean);
    projectSessionsWith(
      provider,
      () => `session-${next()}`,
      async (_ctx, session) => {
        projected.push(session);
      },
    );
    server.on('request', provider.callback());
  });
  afterAll(() => server.close());
  beforeEach(() => {
    [rows, projected, made, verdict, scopeSeen] = [new Map(), [], 0, true, undefined];
  });

  function next(): number {
    made += 1;
    return made;
  }

  it('is the version that was read', () => {
    const { version } = createRequire(import.meta.url)('oidc-provider/package.json') as { version: string };
    expect(version).toBe(READ_IN);
  });

  it.each(MODELS)('asks the prototype of %s for its id, and stores under that', async (model) => {
    const Model = provider[model] as unknown as new (
      payload: object,
    ) => {
      save(ttl?: number): Promise<string>;
    };
    const value = await new Model({ client: instantiateClient(provider, METADATA), accountId: 'a' }).save(60);
    expect(value).toBe(`${model}-1`);
    expect([...rows.keys()]).toEqual([`${model} ${model}-1`]);
  });

  it('settles the format of a token where its id is made, so that a JWT keeps the id of the engine', () => {
    const token = new provider.AccessToken({
      client: instantiateClient(provider, METADATA),
      accountId: 'a',
    } as never);
    token.resourceServer = { accessTokenFormat: 'jwt', identifier: () => 'x', audience: 'x' } as never;
    const id = (token as unknown as { generateTokenId(): string; format: string }).generateTokenId();
    expect(id).toMatch(/^[\w-]{21,}$/);
    expect(made).toBe(0);
    expect((token as unknown as { format: string }).format).toBe('jwt');
  });

  it('finds clients by Client.find alone, and knows none of its own', async () => {
    expect((await token({ client_id: 'nobody', client_secret: 'x' })).status).toBe(401);
    expect((await token()).status).toBe(200);
  });

  it('judges the metadata of a client that is made by hand', () => {
    expect(() => instantiateClient(provider, { ...METADATA, redirect_uris: ['x'] })).toThrow();
    expect(() => instantiateClient(provider, { ...METADATA, token_endpoint_auth_method: 'x' })).toThrow();
    const { clientId, redirectUris, clientAuthMethod } = instantiateClient(provider, METADATA) as Client;
    expect([clientId, redirectUris, clientAuthMethod]).toEqual([
      METADATA.client_id,
      METADATA.redirect_uris,
      'client_secret_basic',
    ]);
  });

  it('waits for the verdict on a secret: a promise is not taken for a yes', async () => {
    expect((await token()).status).toBe(200);
    verdict = false;
    expect((await token()).status).toBe(401);
    verdict = Promise.resolve(false);
    expect((await token()).status).toBe(401);
    verdict = Promise.resolve(true);
    expect((await token()).status).toBe(200);
  });

  it('gets each session by Session.get, and saves one that keepSession marks under the name it was given', async () => {
    const answer = await authorize();
    expect(answer.status).toBe(303);
    expect(projected).toHaveLength(1);
    const [session] = projected;
    expect(session?.jti).toBe('session-1');
    expect(answer.headers.getSetCookie().join()).toContain('_session=session-1');
    expect([...rows.keys()]).toContain('Session session-1');
  });

  it('gives a session another name by resetIdentifier, and destroys the old one', async () => {
    await authorize();
    const [session] = projected;
    if (!session) throw new Error('no session was projected');
    session.resetIdentifier();
    expect(session.jti).toBe('session-2');
    await session.save(60);
    expect([...rows.keys()].filter((key) => key.startsWith('Session'))).toEqual(['Session session-2']);
  });

  it('drops offline_access without prompt=consent, before it runs the checks of extra parameters, sent or not', async () => {
    await authorize({ scope: 'openid offline_access' });
    expect(scopeSeen).toBe('openid');
    await authorize({ scope: 'openid offline_access', prompt: 'consent' });
    expect(scopeSeen).toBe('openid offline_access');
  });

  it('keeps a pushed request as an unsigned JWT', async () => {
    const { body } = await form('/request', { ...REQUEST, scope: 'openid' });
    expect(body.request_uri).toMatch(/PushedAuthorizationRequest-1$/);
    const row = rows.get('PushedAuthorizationRequest PushedAuthorizationRequest-1');
    expect(JSON.parse(String(pushedText(row)))).toMatchObject({
      scope: 'openid',
      client_id: METADATA.client_id,
    });
    expect(JSON.stringify(row)).not.toContain('secret');
  });

  const token = (fields: Record<string, string> = {}) =>
    form('/token', { grant_type: 'client_credentials', ...fields });

  async function form(path: string, fields: Record<string, string>) {
    const auth = { client_id: METADATA.client_id, client_secret: 'secret' };
    const body = new URLSearchParams({ ...auth, ...fields });
    const response = await fetch(issuer + path, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const authorize = (params: Record<string, string> = {}) =>
    fetch(`${issuer}/auth?${new URLSearchParams({ ...REQUEST, ...params })}`, { redirect: 'manual' });

  /** The bare engine, with rows in memory. */
  function engineAt(url: string): Provider {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'k' };
    return new Provider(url, {
      adapter: (model: string) => memoryOf(model),
      jwks: { keys: [jwk] as never },
      clientDefaults: { id_token_signed_response_alg: 'ES256' },
      features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
      cookies: { keys: ['key'] },
      ttl: TTL,
      extraParams: {
        nobody_sends_this: (ctx: KoaContextWithOIDC) => {
          scopeSeen = ctx.oidc.params?.scope;
          for (const session of projected) keepSession(session);
        },
      },
    });
  }

  function memoryOf(model: string) {
    return {
      upsert: async (id: string, payload: AdapterPayload) => void rows.set(`${model} ${id}`, payload),
      find: async (id: string) => rows.get(`${model} ${id}`),
      destroy: async (id: string) => void rows.delete(`${model} ${id}`),
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      consume: async () => undefined,
      revokeByGrantId: async () => undefined,
    };
  }
});

const TTL = {
  AccessToken: 60,
  AuthorizationCode: 60,
  ClientCredentials: 60,
  RefreshToken: 60,
  Session: 60,
  Interaction: 60,
  Grant: 60,
  IdToken: 60,
};

const METADATA = {
  client_id: 'client',
  client_secret: 'never compared',
  redirect_uris: ['https://app.example.com/callback'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
} as const;

const REQUEST = {
  client_id: METADATA.client_id,
  redirect_uri: METADATA.redirect_uris[0],
  response_type: 'code',
  scope: 'openid',
  code_challenge: newPkce().challenge,
  code_challenge_method: 'S256',
};
