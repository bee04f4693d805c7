import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSuspension } from '../../../src/defense/suspensions/suspension.ts';
import { findClient, listClients } from '../../../src/developers/clients/client.ts';
import { createClient, type NewClient } from '../../../src/developers/clients/registration.ts';
import { resumeClient, suspendClient } from '../../../src/developers/clients/suspension.ts';
import { digestOf, handleKind } from '../../../src/platform/crypto/secrets.ts';
import { newId, PUBLIC_ID } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const CALLBACK = ['https://app.example.com/callback'];

let platform: OpenPlatform;
let acme: string;
let other: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  other = await anOrganization(platform, 'Other');
});
afterAll(() => platform.close());

describe('registering an app', () => {
  it('gives it a client ID, and a secret that is stored as a digest only', async () => {
    const { client, issued } = await aClient(platform, acme, {
      scopes: ['openid'],
      authMethod: 'client_secret_post',
    });
    expect(client).toMatchObject({
      name: 'Planner',
      type: 'web',
      authMethod: 'client_secret_post',
      scopes: ['openid'],
    });
    expect(client).toMatchObject({
      organizationName: 'Acme',
      firstParty: false,
      suspendedAt: null,
      suspensionId: null,
      resources: [],
    });
    expect(client.id).toMatch(PUBLIC_ID);
    expect(handleKind(issued?.secret)).toBe('secret');
    const stored = await platform.db.clientSecret.findMany({ where: { holderId: client.id } });
    expect(stored.map(({ digest }) => Buffer.from(digest))).toEqual([digestOf(String(issued?.secret))]);
  });

  it('is recorded with who did it, without the secret', async () => {
    const { client, issued } = await aClient(platform, acme);
    const events = await platform.db.auditEvent.findMany({ where: { targetId: client.id } });
    expect(events).toMatchObject([{ action: 'client.created', actorKind: 'cli', actorId: 'tester' }]);
    expect(JSON.stringify(events)).not.toContain(issued?.secret);
  });

  it.each(['spa', 'native'] as const)('gives a %s app no secret', async (type) => {
    const { client, issued } = await aClient(platform, acme, { type });
    expect(client.authMethod).toBe('none');
    expect(issued).toBeUndefined();
    expect(await platform.db.clientSecret.count({ where: { holderId: client.id } })).toBe(0);
  });

  it('keeps 50 redirect URIs of each sort, every one once', async () => {
    const uris = Array.from({ length: 50 }, (_, i) => `https://app.example.com/${i}`);
    const { client } = await aClient(platform, acme, {
      redirectUris: [...uris, ...uris],
      postLogoutRedirectUris: uris,
    });
    expect(client.redirectUris).toEqual(uris);
    expect(client.postLogoutRedirectUris).toEqual(uris);
  });

  const refusals: [string, string, Partial<NewClient>][] = [
    ['no such organization', 'organization', { organizationId: '00000000-0000-0000-0000-000000000000' }],
    ['an organization that is no ID', 'organization', { organizationId: "'; DROP TABLE clients" }],
    ['a name with hidden characters', 'name', { name: 'Pla\u200bnner' }],
    ['an empty name', 'name', { name: ' ' }],
    [
      'a secret method for a native app',
      'auth-method',
      { type: 'native', authMethod: 'client_secret_basic' },
    ],
    ['no secret for a web app', 'auth-method', { authMethod: 'none' }],
    ['tls_client_auth', 'auth-method', { authMethod: 'tls_client_auth' }],
    ['no redirect URI', 'redirect-uri', { redirectUris: [] }],
    ['a hostile redirect URI', 'redirect-uri', { redirectUris: [...CALLBACK, 'javascript:alert(1)'] }],
    ['a hostile URI after sign-out', 'redirect-uri', { postLogoutRedirectUris: ['data:text/html,x'] }],
    ['a redirect URI for a machine', 'redirect-uri', { type: 'machine', redirectUris: CALLBACK }],
    [
      '51 redirect URIs',
      'redirect-uri',
      { redirectUris: Array.from({ length: 51 }, (_, i) => `https://a.example/${i}`) },
    ],
    [
      '51 URIs after sign-out',
      'redirect-uri',
      { postLogoutRedirectUris: Array.from({ length: 51 }, (_, i) => `https://a.example/${i}`) },
    ],
    ['a scope that no API has', 'scope', { scopes: ['nothing:read'] }],
    ['a scope that cannot exist', 'scope', { scopes: ['a\0b'] }],
    ['an identity scope for a machine', 'scope', { type: 'machine', redirectUris: [], scopes: ['openid'] }],
    ['101 scopes', 'scope', { scopes: Array.from({ length: 101 }, (_, i) => `s${i}`) }],
    ['an unknown API', 'resource', { resources: ['https://nowhere.example'] }],
    ['an API that is no URL', 'resource', { resources: ['notes'] }],
    ['21 APIs', 'resource', { resources: Array.from({ length: 21 }, (_, i) => `https://api-${i}.example`) }],
  ];
  it.each(refusals)(
    'with %s is refused because of its %s, and nothing is stored',
    async (_, reason, part) => {
      const before = await platform.db.client.count();
      const input = {
        organizationId: acme,
        name: 'Planner',
        type: 'web',
        redirectUris: CALLBACK,
        ...part,
      } as const;
      const outcome = await createClient(platform, operator, input);
      expect(outcome).toMatchObject({ ok: false, reason, sentence: expect.stringMatching(/\.$/) });
      expect(await platform.db.client.count()).toBe(before);
    },
  );

  it('allows loopback redirects of web apps only while the issuer is one', async () => {
    const input = {
      organizationId: acme,
      name: 'Planner',
      type: 'web',
      redirectUris: ['http://localhost:4000/cb'],
    } as const;
    expect(await createClient(platform, operator, input)).toMatchObject({ ok: true });
    const production = { ...platform, config: { ...platform.config, production: true } };
    expect(await createClient(production, operator, input)).toMatchObject({
      ok: false,
      reason: 'redirect-uri',
    });
  });
});

describe('the scopes and APIs of an app', () => {
  const scopesOf = (...names: string[]) => names.map((name) => ({ name, description: `May ${name}` }));

  it('without a named API mean the one API that has them all', async () => {
    const { api } = await anApi(platform, acme, { scopes: scopesOf('one:read', 'one:write') });
    await anApi(platform, other, { scopes: scopesOf('one:write') });
    const { client } = await aClient(platform, other, {
      scopes: ['openid', 'one:read', 'one:write', 'one:read'],
    });
    expect(client.scopes).toEqual(['openid', 'one:read', 'one:write']);
    expect(client.resources).toEqual([]);
    const { client: own } = await aClient(platform, acme, { scopes: ['one:read', 'one:write'] });
    expect(own.resources).toEqual([api.identifier]);
    const { client: reader } = await aClient(platform, other, { scopes: ['one:read'] });
    expect(reader.resources).toEqual([api.identifier]);
  });

  it('mean no API where two have them', async () => {
    await anApi(platform, acme, { scopes: scopesOf('two:read') });
    await anApi(platform, acme, { scopes: scopesOf('two:read') });
    expect((await aClient(platform, acme, { scopes: ['two:read'] })).client.resources).toEqual([]);
  });

  it('prefer the API of the own organization', async () => {
    await anApi(platform, other, { scopes: scopesOf('three:read') });
    const { api } = await anApi(platform, acme, { scopes: scopesOf('three:read') });
    expect((await aClient(platform, acme, { scopes: ['three:read'] })).client.resources).toEqual([
      api.identifier,
    ]);
  });

  it('must fit the named APIs, which are kept in their order and one spelling', async () => {
    const { api: a } = await anApi(platform, acme, {
      identifier: 'https://four.example/a',
      scopes: scopesOf('four:a'),
    });
    const { api: b } = await anApi(platform, other, {
      identifier: 'https://four.example',
      scopes: scopesOf('four:b'),
    });
    const resources = ['https://FOUR.example:443/', a.identifier, b.identifier];
    const { client } = await aClient(platform, acme, { scopes: ['four:a', 'four:b'], resources });
    expect(client.resources).toEqual([b.identifier, a.identifier]);
    const only = { organizationId: acme, name: 'Planner', type: 'web', redirectUris: CALLBACK } as const;
    const outcome = await createClient(platform, operator, {
      ...only,
      scopes: ['four:b'],
      resources: [a.identifier],
    });
    expect(outcome).toMatchObject({
      ok: false,
      reason: 'scope',
      sentence: expect.stringContaining('four:b'),
    });
  });
});

describe('suspending an app', () => {
  const member = { kind: 'account', id: newId() } as const;

  it('marks it until a member resumes it, each once and recorded', async () => {
    const { client } = await aClient(platform, acme);
    expect(await suspendClient(platform, member, client.id)).toEqual({ ok: true, changed: true });
    expect(await suspendClient(platform, member, client.id)).toEqual({ ok: true, changed: false });
    expect((await findClient(platform, client.id))?.suspendedAt).toBeInstanceOf(Date);
    expect(await resumeClient(platform, operator, client.id)).toEqual({ ok: true, changed: true });
    expect(await resumeClient(platform, member, client.id)).toEqual({ ok: true, changed: false });
    expect((await findClient(platform, client.id))?.suspendedAt).toBeNull();
    const events = await platform.db.auditEvent.findMany({
      where: { targetId: client.id },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ action }) => action)).toEqual([
      'client.created',
      'client.suspended',
      'client.resumed',
    ]);
  });

  it('by an operator is a suspension that no member lifts, also beside a stop of their own', async () => {
    const { client } = await aClient(platform, acme);
    const note = 'It copies the look of a bank.';
    expect(await suspendClient(platform, operator, client.id, note)).toEqual({ ok: true, changed: true });
    expect(await suspendClient(platform, operator, client.id)).toEqual({ ok: true, changed: false });
    expect(await suspendClient(platform, member, client.id)).toEqual({ ok: true, changed: true });
    expect(await resumeClient(platform, member, client.id)).toMatchObject({ reason: 'operator' });
    const seen = await findClient(platform, client.id);
    expect(seen).toMatchObject({ suspendedAt: expect.any(Date), suspendedBy: null });
    const suspension = await findSuspension(platform, String(seen?.suspensionId));
    expect(suspension).toMatchObject({ kind: 'client', state: 'human', rule: 'operator', note });
  });

  it.each(['app_22222222222222222222', '', '\0', 'x'.repeat(10_000)])(
    'refuses an unknown client ID: %j',
    async (id) => {
      expect(await suspendClient(platform, operator, id)).toMatchObject({ ok: false, reason: 'client' });
      expect(await resumeClient(platform, operator, id)).toMatchObject({ ok: false, reason: 'client' });
      expect(await findClient(platform, id)).toBeUndefined();
    },
  );
});

describe('the list of apps', () => {
  it('comes in pages that miss and repeat none', async () => {
    const owner = await anOrganization(platform, 'Listed');
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.push((await aClient(platform, owner)).client.id);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await listClients(platform, { organizationId: owner, limit: 2, ...(after && { after }) });
      expect(page.clients.length).toBeLessThanOrEqual(2);
      seen.push(...page.clients.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(ids.sort());
    expect((await listClients(platform, { organizationId: owner, limit: 5 })).next).toBeUndefined();
  });

  it('holds no secret and no digest', async () => {
    const { client, issued } = await aClient(platform, acme);
    const text = JSON.stringify([await findClient(platform, client.id), await listClients(platform)]);
    expect(text).not.toContain(issued?.secret);
    expect(text.toLowerCase()).not.toContain('digest');
    expect(Object.keys(ok({ ok: true, ...client }))).not.toContain('metadata');
  });
});
