import { afterAll, beforeAll, expect, it } from 'vitest';
import { suspendClient } from '../../../src/developers/clients/suspension.ts';
import { loadRegisteredClient, sectorOf } from '../../../src/developers/clients/registered-client.ts';
import { digestOf } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, operator, statementsOf } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
});
afterAll(() => platform.close());

const nothingMore = {
  keys: [],
  jwksUri: null,
  stage: 'live',
  trustDomainId: '00000000-0000-7000-8000-000000000001',
  sponsored: false,
  verifiedAt: null,
  verifiedHost: null,
  presentedSince: null,
  logo: null,
  homepageUri: null,
  privacyUri: null,
  termsUri: null,
};

it('an app is loaded whole', async () => {
  const { api } = await anApi(platform, acme);
  const { client, issued } = await aClient(platform, acme, {
    scopes: ['openid', 'notes:read'],
    resources: [api.identifier],
    postLogoutRedirectUris: ['https://app.example.com/bye'],
    firstParty: true,
  });
  expect(await loadRegisteredClient(platform, client.id)).toEqual({
    id: client.id,
    kind: 'app',
    organizationId: acme,
    organizationName: 'Acme',
    name: 'Planner',
    type: 'web',
    authMethod: 'client_secret_basic',
    redirectUris: ['https://app.example.com/callback'],
    postLogoutRedirectUris: ['https://app.example.com/bye'],
    scopes: ['openid', 'notes:read'],
    resources: [api.identifier],
    firstParty: true,
    metadata: {},
    secretDigests: [digestOf(String(issued?.secret))],
    ...nothingMore,
    suspended: false,
  });
});

it('an API is loaded as a client without redirects, scopes or resources', async () => {
  const { api, issued } = await anApi(platform, acme);
  expect(await loadRegisteredClient(platform, api.clientId)).toEqual({
    id: api.clientId,
    kind: 'api',
    organizationId: acme,
    organizationName: 'Acme',
    name: 'Notes',
    type: 'api',
    authMethod: 'client_secret_basic',
    redirectUris: [],
    postLogoutRedirectUris: [],
    scopes: [],
    resources: [],
    firstParty: false,
    metadata: {},
    secretDigests: [digestOf(issued.secret)],
    ...nothingMore,
    apiId: api.id,
    apiIdentifier: api.identifier,
    suspended: false,
  });
});

it('either takes one statement', async () => {
  const { api } = await anApi(platform, acme);
  const { client } = await aClient(platform, acme);
  for (const id of [client.id, api.clientId]) {
    expect(await statementsOf(platform, () => loadRegisteredClient(platform, id))).toEqual([
      'find_registered_client',
    ]);
  }
});

it('the same app is loaded the same way each time, key by key', async () => {
  const { client } = await aClient(platform, acme);
  const [once, again] = [
    await loadRegisteredClient(platform, client.id),
    await loadRegisteredClient(platform, client.id),
  ];
  expect(JSON.stringify(once)).toBe(JSON.stringify(again));
});

it('a suspended app says so', async () => {
  const { client } = await aClient(platform, acme);
  await suspendClient(platform, operator, client.id);
  expect(await loadRegisteredClient(platform, client.id)).toMatchObject({ suspended: true });
});

it('an expired secret is not loaded', async () => {
  const { client } = await aClient(platform, acme);
  const expiresAt = platform.clock.now();
  await platform.db.clientSecret.updateMany({ where: { holderId: client.id }, data: { expiresAt } });
  expect((await loadRegisteredClient(platform, client.id))?.secretDigests).toEqual([]);
});

it.each(['', 'x', '\0', 'app_1', "app_' OR ''='", 'app_22222222222222222222\n', 'x'.repeat(100_000)])(
  'no statement is sent for %j, which nobody can have as client ID',
  async (id) => {
    let found: unknown = 'nothing asked';
    const load = async () => {
      found = await loadRegisteredClient(platform, id);
    };
    expect(await statementsOf(platform, load)).toEqual([]);
    expect(found).toBeUndefined();
  },
);

it('an unknown client ID is not found', async () => {
  expect(await loadRegisteredClient(platform, 'app_22222222222222222222')).toBeUndefined();
});

it('an app is loaded with what its publisher shows, its stage and its live keys', async () => {
  const { client } = await aClient(platform, acme);
  const shown = {
    stage: 'development',
    verifiedAt: new Date('2026-11-03T10:00:00.120Z'),
    verifiedHost: 'planner.example',
    logo: 'ab'.repeat(32),
    homepageUri: 'https://planner.example/',
    jwksUri: 'https://planner.example/jwks',
  };
  await platform.db.client.update({ where: { id: client.id }, data: shown });
  const now = platform.clock.now();
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'x' };
  const key = { clientId: client.id, label: '', jwk, thumbprint: 't', createdAt: now };
  const live = newId();
  await platform.db.clientKey.createMany({
    data: [
      { ...key, id: newId(), kid: 'ended', endedAt: now },
      { ...key, id: live, kid: 'live' },
    ],
  });
  expect(await loadRegisteredClient(platform, client.id)).toMatchObject({
    ...shown,
    verifiedAt: '2026-11-03T10:00:00.120Z',
    keys: [{ id: live, kid: 'live', jwk }],
  });
});

it('subjects are the same within an organization, and of a sponsored app its own', async () => {
  const { client } = await aClient(platform, acme);
  const own = await loadRegisteredClient(platform, client.id);
  await platform.db.client.update({ where: { id: client.id }, data: { sponsored: true } });
  const sponsored = await loadRegisteredClient(platform, client.id);
  expect([own && sectorOf(own), sponsored && sectorOf(sponsored)]).toEqual([acme, client.id]);
});
