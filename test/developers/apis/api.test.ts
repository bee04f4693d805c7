import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, findApi, type NewApi } from '../../../src/developers/apis/api.ts';
import { changeScope } from '../../../src/developers/apis/scopes/scope-changes.ts';
import { digestOf, handleKind } from '../../../src/platform/crypto/secrets.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
});
afterAll(() => platform.close());

describe('registering an API', () => {
  it('gives it a client ID and a secret to introspect with', async () => {
    const { api, issued } = await anApi(platform, acme, { tokenFormat: 'jwt' });
    expect(api.clientId).toMatch(/^api_[a-z2-9]{20}$/);
    expect(handleKind(issued.secret)).toBe('secret');
    const [stored] = await platform.db.clientSecret.findMany({ where: { holderId: api.clientId } });
    expect(Buffer.from(stored?.digest ?? [])).toEqual(digestOf(issued.secret));
    expect(await findApi(platform, `${api.identifier}/`)).toMatchObject({ id: api.id, tokenFormat: 'jwt' });
  });

  it('stores its scopes with their kinds', async () => {
    const names = ['a:read', 'a:write', 'a:admin', 'a'];
    const { api } = await anApi(platform, acme, {
      scopes: names.map((name) => ({ name, description: `May ${name}` })),
    });
    const scopes = await platform.db.scope.findMany({ where: { apiId: api.id }, orderBy: { name: 'asc' } });
    expect(scopes.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'a read',
      'a:admin admin',
      'a:read read',
      'a:write write',
    ]);
    expect(scopes.every(({ sensitivity, optional }) => sensitivity === 'basic' && !optional)).toBe(true);
  });

  const described = (name: string) => ({ name, description: 'Something' });
  const refusals: [string, string, Partial<NewApi>][] = [
    ['no such organization', 'organization', { organizationId: '00000000-0000-0000-0000-000000000000' }],
    ['an identifier that is no URL', 'identifier', { identifier: 'notes' }],
    ['the address of this service', 'identifier', { identifier: 'http://localhost:3000/' }],
    ['a name with hidden characters', 'name', { name: 'No\u202etes' }],
    ['a scope about the person', 'scope', { scopes: [described('openid')] }],
    ['a scope without description', 'scope', { scopes: [{ name: 'a', description: '' }] }],
    ['a scope twice', 'scope', { scopes: [described('a'), described('a')] }],
    ['101 scopes', 'scope', { scopes: Array.from({ length: 101 }, (_, i) => described(`s${i}`)) }],
  ];
  it.each(refusals)(
    'with %s is refused because of its %s, and nothing is stored',
    async (_, reason, part) => {
      const before = await platform.db.api.count();
      const input = { organizationId: acme, identifier: 'https://refused.example', name: 'Notes', ...part };
      expect(await createApi(platform, operator, input)).toMatchObject({ ok: false, reason });
      expect(await platform.db.api.count()).toBe(before);
    },
  );

  it('under one identifier succeeds once, whatever its spelling and however many try', async () => {
    const spellings = [
      'https://race.example',
      'https://RACE.example/',
      'https://race.example:443',
      'HTTPS://race.example',
    ];
    const input = { organizationId: acme, name: 'Race', scopes: [described('a')] };
    const outcomes = await Promise.all(
      spellings.map((identifier) => createApi(platform, operator, { ...input, identifier })),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'identifier')).toHaveLength(3);
    const events = await platform.db.auditEvent.findMany({ where: { action: 'api.created' } });
    expect(events.filter(({ details }) => JSON.stringify(details).includes('race.example'))).toHaveLength(1);
  });
});

describe('a scope', () => {
  it('changes only in what is said', async () => {
    const { api } = await anApi(platform, acme);
    const key = { apiIdentifier: api.identifier, name: 'notes:write' };
    const first = ok(
      await changeScope(platform, operator, { ...key, sensitivity: 'sensitive', optional: true }),
    );
    expect(first).toMatchObject({ created: false, identifier: api.identifier });
    const second = ok(
      await changeScope(platform, operator, { ...key, kind: 'admin', description: 'Rewrite everything' }),
    );
    const expected = {
      ...{ name: 'notes:write', description: 'Rewrite everything' },
      ...{ kind: 'admin', sensitivity: 'sensitive', optional: true },
    };
    expect(second.scope).toMatchObject(expected);
    expect(await platform.db.scope.findMany({ where: { apiId: api.id, name: 'notes:write' } })).toMatchObject(
      [expected],
    );
    expect(ok(await changeScope(platform, operator, { ...key, optional: false })).scope.optional).toBe(false);
  });

  it('can be added later, and each change is recorded', async () => {
    const { api } = await anApi(platform, acme);
    const wishes = { apiIdentifier: api.identifier, name: 'notes:admin', description: 'Manage all notes' };
    expect(ok(await changeScope(platform, operator, wishes))).toMatchObject({
      created: true,
      scope: { kind: 'admin' },
    });
    const events = await platform.db.auditEvent.findMany({
      where: { targetId: api.id, action: 'scope.changed' },
    });
    expect(events).toMatchObject([
      { details: { scope: 'notes:admin', kind: 'admin', sensitivity: 'basic' } },
    ]);
  });

  it.each([
    ['api', { apiIdentifier: 'https://nowhere.example', name: 'a', description: 'A' }],
    ['api', { apiIdentifier: '\0', name: 'a', description: 'A' }],
    ['scope', { name: 'notes:unheard' }],
    ['scope', { name: 'email', description: 'Read your email' }],
    ['scope', { name: 'a\0b', description: 'A' }],
    ['description', { name: 'notes:read', description: '\u200b' }],
  ])('is refused because of the %s: %j', async (reason, wishes) => {
    const { api } = await anApi(platform, acme);
    const input = { apiIdentifier: api.identifier, ...wishes };
    expect(await changeScope(platform, operator, input)).toMatchObject({ ok: false, reason });
  });
});
