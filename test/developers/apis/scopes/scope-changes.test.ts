import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../../../src/developers/access/access.ts';
import { registerApi } from '../../../../src/developers/apis/api.ts';
import { saveScope, scopesOf } from '../../../../src/developers/apis/scopes/scope-changes.ts';
import { appsUsingScope, removeScope } from '../../../../src/developers/apis/scopes/scope-removal.ts';
import type { ScopeWishes } from '../../../../src/developers/apis/scopes/scope-wishes.ts';
import { sentenceOf } from '../../../../src/developers/apis/scopes/scopes.ts';
import { newId } from '../../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../../support/developers.ts';
import { createPerson } from '../../../support/people.ts';
import { openTestPlatform } from '../../../support/platform.ts';

const member = { kind: 'account', id: newId() } as const;
let platform: OpenPlatform;
let acme: string;
let rival: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

const save = (apiId: string, wishes: ScopeWishes, organizationId = acme) =>
  saveScope(platform, member, { apiId, organizationId, ...wishes });

async function scopeNamed(apiId: string, name: string) {
  return (await scopesOf(platform, apiId)).find((scope) => scope.name === name);
}

describe('a scope', () => {
  it('has a sentence for people in each language, and one for developers', async () => {
    const { api } = await anApi(platform, acme);
    const sentences = { de: 'Deine Notizen lesen', ar: 'قراءة ملاحظاتك' };
    ok(await save(api.id, { name: 'notes:read', sentences, details: 'GET /notes' }));
    const scope = await scopeNamed(api.id, 'notes:read');
    expect(scope).toMatchObject({ sentences, details: 'GET /notes', description: 'Read your notes' });
    const said = ['de', 'ar', 'en', 'fr', '__proto__'].map((code) => scope && sentenceOf(scope, code));
    expect(said).toEqual([sentences.de, sentences.ar, ...Array(3).fill('Read your notes')]);
    ok(await save(api.id, { name: 'notes:read', sentences: { ar: ' ' } }));
    expect((await scopeNamed(api.id, 'notes:read'))?.sentences).toEqual({ de: sentences.de });
  });

  it.each([
    ['scope', { name: 'a b', description: 'Something' }],
    ['scope', { name: 'openid', description: 'Something' }],
    ['scope', { name: 'new:read' }],
    ['scope', { name: 'notes:read', sentences: { xx: 'Something' } }],
    ['scope', { name: 'notes:read', sentences: JSON.parse('{"__proto__":"Something"}') }],
    ['description', { name: 'new:read', description: 'Re\u202ead' }],
    ['sentence-de', { name: 'notes:read', sentences: { de: 'Le\u200bsen' } }],
    ['details', { name: 'notes:read', details: 'x'.repeat(301) }],
    ['successor', { name: 'notes:read', deprecated: true, successor: 'notes:read' }],
    ['successor', { name: 'notes:read', deprecated: true, successor: 'nothing' }],
  ] as [string, ScopeWishes][])('is refused for its %s: %j', async (reason, wishes) => {
    const { api } = await anApi(platform, acme);
    const before = await scopesOf(platform, api.id);
    const outcome = await save(api.id, wishes);
    expect(outcome).toMatchObject({ ok: false, reason, sentence: expect.stringMatching(/\.$/) });
    expect(await scopesOf(platform, api.id)).toEqual(before);
  });

  it('that changes data without one that reads is questioned, not refused', async () => {
    const { api } = await anApi(platform, acme);
    const wishes = { name: 'files:write', description: 'Change your files', kind: 'write' } as const;
    expect(await save(api.id, wishes)).toMatchObject({
      reason: 'sure',
      sentence: expect.stringContaining('files:read'),
    });
    ok(await save(api.id, { ...wishes, sure: true }));
    ok(await save(api.id, { name: 'files:write', description: 'Change and add files' }));
    ok(await save(api.id, { name: 'notes:write', kind: 'write', description: 'Change notes' }));
  });

  it('is deprecated with a successor, and can come back', async () => {
    const { api } = await anApi(platform, acme);
    ok(await save(api.id, { name: 'all:read', description: 'Read everything' }));
    ok(await save(api.id, { name: 'notes:read', deprecated: true, successor: 'all:read' }));
    const since = (await scopeNamed(api.id, 'notes:read'))?.deprecatedAt;
    expect(since).toBeInstanceOf(Date);
    ok(await save(api.id, { name: 'notes:read', sensitivity: 'sensitive' }));
    expect(await scopeNamed(api.id, 'notes:read')).toMatchObject({
      ...{ deprecatedAt: since, successor: 'all:read', sensitivity: 'sensitive' },
    });
    const chained = { name: 'all:read', deprecated: true, successor: 'notes:read' };
    expect(await save(api.id, chained)).toMatchObject({ reason: 'successor' });
    ok(await save(api.id, { name: 'notes:read', deprecated: false }));
    expect(await scopeNamed(api.id, 'notes:read')).toMatchObject({ deprecatedAt: null, successor: null });
  });

  it('belongs to the organization of its API alone', async () => {
    const { api } = await anApi(platform, acme);
    const wishes = { name: 'notes:read', description: 'Taken over' };
    expect(await save(api.id, wishes, rival)).toMatchObject({ reason: 'api' });
    const removal = { apiId: api.id, organizationId: rival, name: 'notes:read', apps: 0 };
    expect(await removeScope(platform, member, removal)).toMatchObject({ reason: 'api' });
    expect((await scopeNamed(api.id, 'notes:read'))?.description).toBe('Read your notes');
  });
});

describe('removing a scope', () => {
  it('takes it from accesses and consents, so that nobody has it should the name come back', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, rival);
    const scopes = ['notes:read', 'notes:write'];
    const input = { clientId: client.id, apiIdentifier: api.identifier, scopes, origin: 'operator' } as const;
    const access = ok(await grantAccess(platform, operator, input));
    await aClient(platform, acme, { scopes: ['notes:read'], resources: [api.identifier] });
    const accountId = newId();
    const consent = { accountId, clientId: client.id, resource: api.identifier, scopes };
    await platform.db.consent.create({ data: { ...consent, id: newId(), grantedAt: platform.clock.now() } });

    const named = { apiId: api.id, name: 'notes:read' };
    expect(await appsUsingScope(platform, named)).toBe(2);
    const removal = { ...named, organizationId: acme };
    expect(await removeScope(platform, member, { ...removal, apps: 1 })).toMatchObject({ reason: 'apps' });
    ok(await removeScope(platform, member, { ...removal, apps: 2 }));
    const left = await platform.db.access.findUniqueOrThrow({ where: { id: access.id } });
    expect(left.scopes).toEqual(['notes:write']);
    expect(await platform.db.consent.findFirstOrThrow({ where: { accountId } })).toMatchObject({
      scopes: ['notes:write'],
    });
    expect(await removeScope(platform, member, { ...removal, apps: 1 })).toMatchObject({ reason: 'scope' });
  });

  it('of an API that only claims a name takes nothing from the API that has it', async () => {
    const { api } = await anApi(platform, acme);
    const accountId = newId();
    const consent = { accountId, clientId: 'app_x', resource: api.identifier, scopes: ['notes:read'] };
    await platform.db.consent.create({ data: { ...consent, id: newId(), grantedAt: platform.clock.now() } });
    const claim = { organizationId: rival, identifier: 'https://claimed.example', name: 'Claims' };
    const waiting = ok(await registerApi(platform, member, claim)).api;
    await platform.db.api.update({
      where: { id: waiting.id },
      data: { claimedIdentifier: api.identifier },
    });
    ok(await save(waiting.id, { name: 'notes:read', description: 'Read notes' }, rival));
    const removal = { apiId: waiting.id, organizationId: rival, name: 'notes:read', apps: 0 };
    ok(await removeScope(platform, member, removal));
    expect(await platform.db.consent.findFirstOrThrow({ where: { accountId } })).toMatchObject({
      scopes: ['notes:read'],
    });
  });
});

it('a scope is made less sensitive by an owner alone, and by none who is frozen', async () => {
  const { api } = await anApi(platform, acme);
  const by = (id: string, sensitivity: 'basic' | 'sensitive' | 'restricted') => {
    const of = { apiId: api.id, organizationId: acme, name: 'notes:read', sensitivity };
    return saveScope(platform, { kind: 'account', id }, of);
  };
  const developer = (await createPerson(platform)).id;
  const place = { organizationId: acme, accountId: developer, createdAt: platform.clock.now() };
  await platform.db.organizationMember.create({ data: { ...place, role: 'developer' } });
  ok(await by(developer, 'restricted'));
  for (const id of [developer, newId()]) {
    expect(await by(id, 'basic')).toMatchObject({ ok: false, reason: 'sensitivity' });
  }
  const where = { organizationId: acme, role: 'owner' };
  const { accountId: owner } = await platform.db.organizationMember.findFirstOrThrow({ where });
  const freeze = (until: Date | null) =>
    platform.db.account.update({ where: { id: owner }, data: { frozenUntil: until } });
  await freeze(new Date(platform.clock.now().getTime() + 86_400_000));
  expect(await by(owner, 'sensitive')).toMatchObject({ ok: false, reason: 'sensitivity' });
  expect((await scopeNamed(api.id, 'notes:read'))?.sensitivity).toBe('restricted');
  await freeze(null);
  ok(await by(owner, 'basic'));
});
