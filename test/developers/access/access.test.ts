import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess, type NewAccess } from '../../../src/developers/access/access.ts';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import { decideAccess } from '../../../src/developers/access/decide-access.ts';
import { suspendClient } from '../../../src/developers/clients/suspension.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator, statementsOf } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const TOMORROW = new Date(Date.now() + 86_400_000);

let platform: OpenPlatform;
let acme: string;
let other: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  other = await anOrganization(platform, 'Other');
});
afterAll(() => platform.close());

const grant = (part: Pick<NewAccess, 'clientId' | 'apiIdentifier'> & Partial<NewAccess>) =>
  grantAccess(platform, operator, { scopes: ['notes:read'], origin: 'operator', ...part });

async function decisionFor(clientId: string, resource: string, requested?: string[]) {
  return decideAccess(await loadAccessInputs(platform, clientId, resource), requested, platform.clock.now());
}

describe('the inputs of the decision', () => {
  it('hold the client, the API, its scopes by name and every access', async () => {
    const { api } = await anApi(platform, acme, { tokenFormat: 'jwt' });
    const { client } = await aClient(platform, other, {
      scopes: ['openid', 'notes:read'],
      resources: [api.identifier],
    });
    ok(await grant({ clientId: client.id, apiIdentifier: api.identifier }));
    ok(
      await grant({
        clientId: client.id,
        apiIdentifier: api.identifier,
        scopes: ['notes:write'],
        until: TOMORROW,
      }),
    );
    const inputs = await loadAccessInputs(platform, client.id, api.identifier);
    expect(inputs).toMatchObject({
      client: {
        id: client.id,
        organizationId: other,
        registeredScopes: ['openid', 'notes:read'],
        suspended: false,
      },
      api: {
        id: api.id,
        clientId: api.clientId,
        organizationId: acme,
        organizationName: 'Acme',
        tokenFormat: 'jwt',
      },
    });
    expect(inputs?.api.scopes).toMatchObject([
      {
        name: 'notes:read',
        description: 'Read your notes',
        kind: 'read',
        sensitivity: 'basic',
        optional: false,
        deprecated: false,
      },
      {
        name: 'notes:write',
        description: 'Change your notes',
        kind: 'write',
        sensitivity: 'basic',
        optional: false,
        deprecated: false,
      },
    ]);
    expect(inputs?.accesses).toHaveLength(2);
    expect(inputs?.accesses).toMatchObject([
      { scopes: ['notes:read'], until: null, origin: 'operator', termsVersion: 0, peoplePerDay: null },
      { scopes: ['notes:write'], until: TOMORROW, createdAt: expect.any(Date), requestsPerMinute: null },
    ]);
  });

  it('take one statement', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, other);
    const statements = await statementsOf(platform, () =>
      loadAccessInputs(platform, client.id, api.identifier),
    );
    expect(statements).toEqual(['find_access_inputs']);
  });

  it('are found by any spelling of the identifier, and for nobody who does not exist', async () => {
    const { api } = await anApi(platform, acme, { identifier: 'https://spelled.example' });
    const { client } = await aClient(platform, acme);
    expect(await loadAccessInputs(platform, client.id, 'https://SPELLED.example:443/')).toMatchObject({
      api: { id: api.id, identifier: api.identifier },
    });
    for (const resource of ['https://spelled.example/x', 'https://nowhere.example', 'spelled', '', '\0']) {
      expect(await loadAccessInputs(platform, client.id, resource)).toBeUndefined();
    }
    for (const id of ['app_22222222222222222222', '', '\0', api.clientId]) {
      expect(await loadAccessInputs(platform, id, api.identifier)).toBeUndefined();
    }
  });
});

describe('access', () => {
  it('is full at the own organization and none elsewhere until it is granted', async () => {
    const { api } = await anApi(platform, acme);
    const own = (await aClient(platform, acme)).client.id;
    const foreign = (await aClient(platform, other)).client.id;
    expect(await decisionFor(own, api.identifier)).toMatchObject({
      allowed: true,
      scopes: ['notes:read', 'notes:write'],
    });
    expect(await decisionFor(foreign, api.identifier)).toMatchObject({ allowed: false, reason: 'no-access' });
    ok(await grant({ clientId: foreign, apiIdentifier: api.identifier }));
    expect(await decisionFor(foreign, api.identifier)).toMatchObject({
      allowed: true,
      scopes: ['notes:read'],
    });
    expect(await decisionFor(foreign, api.identifier, ['notes:write'])).toMatchObject({
      reason: 'scope-not-granted',
    });
  });

  it('ends when it is closed early, whatever its own end', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, other);
    const { id } = ok(await grant({ clientId: client.id, apiIdentifier: api.identifier, until: TOMORROW }));
    await platform.db.access.update({ where: { id }, data: { endedAt: platform.clock.now() } });
    expect(await decisionFor(client.id, api.identifier)).toMatchObject({ reason: 'access-ended' });
  });

  it('is nothing to a suspended app', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, acme);
    ok(await suspendClient(platform, operator, client.id));
    expect(await decisionFor(client.id, api.identifier)).toMatchObject({ reason: 'client-suspended' });
  });

  it('is recorded when granted', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, other);
    const { id } = ok(
      await grant({ clientId: client.id, apiIdentifier: `${api.identifier}/`, until: TOMORROW }),
    );
    expect(await platform.db.auditEvent.findMany({ where: { targetId: id } })).toMatchObject([
      {
        action: 'access.granted',
        details: { client: client.id, api: api.id, until: TOMORROW.toISOString() },
      },
    ]);
  });

  it.each([
    ['client', { clientId: 'app_22222222222222222222' }],
    ['client', { clientId: '\0' }],
    ['api', { apiIdentifier: 'https://nowhere.example' }],
    ['scope', { scopes: [] }],
    ['scope', { scopes: ['notes:burn'] }],
    ['scope', { scopes: ['openid'] }],
    ['scope', { scopes: ['a\0b'] }],
    ['until', { until: new Date(0) }],
  ])('is refused because of the %s: %j', async (reason, part) => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, other);
    const before = await platform.db.access.count();
    const outcome = await grant({ clientId: client.id, apiIdentifier: api.identifier, ...part });
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(await platform.db.access.count()).toBe(before);
  });
});
