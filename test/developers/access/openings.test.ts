import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeAccess } from '../../../src/developers/access/access-changes.ts';
import { endAccess, peopleAffected } from '../../../src/developers/access/access-ends.ts';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import type { Api } from '../../../src/developers/apis/api.ts';
import { decideAccess } from '../../../src/developers/access/decide-access.ts';
import {
  endOpening,
  listOpenings,
  makeOpening,
  type NewOpening,
} from '../../../src/developers/access/openings.ts';
import { changeScope } from '../../../src/developers/apis/scopes/scope-changes.ts';
import { takeAccess } from '../../../src/developers/access/take-access.ts';
import { publishTerms } from '../../../src/developers/apis/terms.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;
let other: string;
let accountId: string;
let api: Api;
let clientId: string;
let member: { kind: 'account'; id: string };

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  other = await anOrganization(platform, 'Other');
  accountId = (await createPerson(platform)).id;
  member = { kind: 'account', id: accountId };
});
afterAll(() => platform.close());
beforeEach(async () => {
  api = (await anApi(platform, acme)).api;
  clientId = (await aClient(platform, other)).client.id;
});

const open = (part: Partial<NewOpening> = {}) =>
  makeOpening(platform, operator, {
    ...{ apiId: api.id, organizationId: acme, kind: 'all', scopes: ['notes:read'], days: null },
    ...{ peoplePerDay: 1000, requestsPerMinute: 600, ...part },
  });
const take = (openingId: string, part: Partial<Parameters<typeof takeAccess>[2]> = {}) =>
  takeAccess(platform, member, { openingId, clientId, organizationId: other, accountId, ...part });
const decision = async (of = clientId) =>
  decideAccess(await loadAccessInputs(platform, of, api.identifier), undefined, platform.clock.now());
const sensitive = (sensitivity: 'sensitive' | 'restricted') =>
  changeScope(platform, operator, { apiIdentifier: api.identifier, name: 'notes:read', sensitivity });

describe('an API that is open to all', () => {
  it('is taken by an app of anybody, with the caps of the opening, and told apart by its origin', async () => {
    const { id } = ok(await open({ days: 30 }));
    expect(await decision()).toMatchObject({ allowed: false, reason: 'no-access' });
    const taken = ok(await take(id));
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'], peoplePerDay: 1000 });
    const row = await platform.db.access.findUniqueOrThrow({ where: { id: taken.id } });
    expect(row).toMatchObject({ origin: 'open', originId: id, requestsPerMinute: 600 });
    expect(row.until?.getTime()).toBe(row.createdAt.getTime() + 30 * 86_400_000);
  });

  it('is not taken twice, for the own organization, for an app of others, or by an unknown id', async () => {
    const { id } = ok(await open());
    ok(await take(id));
    expect(await take(id)).toMatchObject({ ok: false, reason: 'app' });
    const own = (await aClient(platform, acme)).client.id;
    expect(await take(id, { clientId: own, organizationId: acme })).toMatchObject({ reason: 'app' });
    expect(await take(id, { clientId: own })).toMatchObject({ reason: 'app' });
    for (const openingId of ['x', '00000000-0000-7000-8000-000000000009']) {
      expect(await take(openingId)).toMatchObject({ reason: 'opening' });
    }
    expect(await platform.db.access.count({ where: { apiId: api.id } })).toBe(1);
  });

  it('closes again with everything that came of it, and tells the owners of the apps', async () => {
    const { id } = ok(await open());
    const stays = ok(await open({ scopes: ['notes:write'] }));
    ok(await take(id));
    ok(await take(stays.id));
    expect(await endOpening(platform, operator, { id, apiId: api.id })).toEqual({
      ok: true,
      accessesEnded: 1,
    });
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:write'] });
    expect(await endOpening(platform, operator, { id, apiId: api.id })).toMatchObject({ reason: 'opening' });
    expect(await take(id)).toMatchObject({ reason: 'opening' });
    const letters = await waitingLetters(platform);
    expect(letters.some(({ text }) => text.includes('was ended') && text.includes(clientId))).toBe(true);
  });

  it('leaves nothing behind that was taken while it closed', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = ok(await open());
      await Promise.all([take(id), endOpening(platform, operator, { id, apiId: api.id })]);
      expect(await platform.db.access.count({ where: { originId: id, endedAt: null } })).toBe(0);
    }
  });

  it('is closed by its own organization alone', async () => {
    const { id } = ok(await open());
    const elsewhere = (await anApi(platform, other)).api.id;
    expect(await endOpening(platform, operator, { id, apiId: elsewhere })).toMatchObject({ ok: false });
    expect(await listOpenings(platform, api.id)).toHaveLength(1);
  });

  it('asks for its terms where it has any', async () => {
    ok(
      await publishTerms(platform, operator, {
        organizationId: acme,
        apiId: api.id,
        text: 'Whoever uses this API is kind to it and to whom it tells of.',
      }),
    );
    const { id } = ok(await open());
    expect(await take(id)).toMatchObject({ reason: 'terms' });
    expect(await take(id, { termsVersion: 7 })).toMatchObject({ reason: 'terms' });
    ok(await take(id, { termsVersion: 1 }));
    expect(await platform.db.termsAcceptance.findMany({ where: { clientId } })).toMatchObject([
      { version: 1, acceptedBy: accountId },
    ]);
  });
});

describe('an API that is open to some', () => {
  it('lets in the apps of an organization that take it, and no others', async () => {
    const third = await anOrganization(platform, 'Third');
    const { id } = ok(await open({ kind: 'organization', forId: third }));
    expect(await take(id)).toMatchObject({ reason: 'opening' });
    const app = (await aClient(platform, third)).client.id;
    ok(await take(id, { clientId: app, organizationId: third }));
    expect(await decision(app)).toMatchObject({ allowed: true });
  });

  it('lets in an app that is named at once, and tells its owners', async () => {
    ok(await open({ kind: 'app', forId: clientId }));
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'] });
    expect((await waitingLetters(platform)).some(({ text }) => text.includes(clientId))).toBe(true);
  });

  it.each([
    ['for', { kind: 'organization', forId: 'nobody' }],
    ['for', { kind: 'organization', forId: '00000000-0000-7000-8000-000000000009' }],
    ['for', { kind: 'app', forId: 'app_22222222222222222222' }],
    ['for', { kind: 'app' }],
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['notes:burn'] }],
    ['days', { days: 0 }],
    ['days', { days: 1.5 }],
    ['days', { days: 4000 }],
    ['peoplePerDay', { peoplePerDay: 0 }],
    ['requestsPerMinute', { requestsPerMinute: -1 }],
    ['api', { organizationId: '00000000-0000-7000-8000-000000000009' }],
  ] as const)('is refused because of its %s: %j', async (reason, part) => {
    expect(await open(part)).toMatchObject({ ok: false, reason });
    expect(await listOpenings(platform, api.id)).toEqual([]);
  });

  it('is not opened to itself', async () => {
    const own = (await aClient(platform, acme)).client.id;
    expect(await open({ kind: 'organization', forId: acme })).toMatchObject({ reason: 'for' });
    expect(await open({ kind: 'app', forId: own })).toMatchObject({ reason: 'for' });
  });
});

describe('what is sensitive', () => {
  it('is opened for 90 days at most', async () => {
    await sensitive('sensitive');
    expect(await open()).toMatchObject({ reason: 'days' });
    expect(await open({ days: 91 })).toMatchObject({ reason: 'days' });
    ok(await open({ days: 90 }));
  });

  it('ends after 90 days where it became so later', async () => {
    const { id } = ok(await open());
    await sensitive('sensitive');
    const { until } = ok(await take(id));
    expect(until?.getTime()).toBeLessThanOrEqual(Date.now() + 90 * 86_400_000);
  });

  it('is not opened to whoever comes where it is restricted', async () => {
    await sensitive('restricted');
    for (const kind of ['all', 'organization', 'app'] as const) {
      const forId = kind === 'app' ? clientId : other;
      expect(await open({ kind, forId, days: 30 })).toMatchObject({ reason: 'scopes' });
    }
    ok(await open({ kind: 'request', days: 30 }));
  });
});

describe('an access', () => {
  it('gets another end and other limits from its API alone', async () => {
    const { id } = ok(await take(ok(await open()).id));
    const elsewhere = (await anApi(platform, other)).api.id;
    const until = new Date(Date.now() + 86_400_000);
    expect(await changeAccess(platform, operator, { id, apiId: elsewhere, until })).toMatchObject({
      ok: false,
    });
    expect(await changeAccess(platform, operator, { id, clientId: 'app_x', until })).toMatchObject({
      ok: false,
    });
    ok(await changeAccess(platform, operator, { id, apiId: api.id, until, peoplePerDay: 5 }));
    expect(await platform.db.access.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ until, peoplePerDay: 5, requestsPerMinute: 600 },
    });
    expect(await changeAccess(platform, operator, { id, peoplePerDay: 0 })).toMatchObject({
      reason: 'peoplePerDay',
    });
    expect(await changeAccess(platform, operator, { id, until: new Date(0) })).toMatchObject({
      reason: 'until',
    });
    ok(await changeAccess(platform, operator, { id, until: null, peoplePerDay: null }));
    expect(await decision()).toMatchObject({ allowed: true, peoplePerDay: null });
  });

  it('to something sensitive is not stretched beyond its 90 days', async () => {
    await sensitive('sensitive');
    const { id } = ok(await take(ok(await open({ days: 30 })).id));
    const year = new Date(Date.now() + 365 * 86_400_000);
    for (const until of [null, year]) {
      expect(await changeAccess(platform, operator, { id, until })).toMatchObject({ reason: 'until' });
    }
  });

  it('ends for whom it belongs to and for nobody else, and says why', async () => {
    const { id } = ok(await take(ok(await open()).id));
    const foreign = (await aClient(platform, acme)).client.id;
    expect(await endAccess(platform, member, { id, clientId: foreign })).toMatchObject({ reason: 'access' });
    expect(await endAccess(platform, member, { id: 'x' })).toMatchObject({ reason: 'access' });
    expect(await endAccess(platform, member, { id, note: 'a\u202eb' })).toMatchObject({ reason: 'note' });
    expect(ok(await endAccess(platform, member, { id, apiId: api.id, note: 'Too loud' })).ended).toEqual([
      id,
    ]);
    expect(await decision()).toMatchObject({ reason: 'access-ended' });
    expect((await platform.db.access.findUniqueOrThrow({ where: { id } })).endNote).toBe('Too loud');
    expect(await endAccess(platform, member, { id, apiId: api.id })).toMatchObject({ reason: 'access' });
  });

  it('is not taken back by its app once the owner of the API ended it, but by one that gave it back itself', async () => {
    const opening = ok(await open()).id;
    const { id } = ok(await take(opening));
    ok(await endAccess(platform, member, { id, clientId }));
    const again = ok(await take(opening)).id;
    ok(await endAccess(platform, member, { id: again, apiId: api.id }));
    expect(await take(opening)).toMatchObject({ ok: false, reason: 'app' });
    expect(await decision()).toMatchObject({ allowed: false });
    ok(await take(ok(await open()).id));
  });

  it('is neither opened nor widened by an owner whose second factor was replaced a few days ago', async () => {
    const { id } = ok(await take(ok(await open()).id));
    const hijacked = await createPerson(platform);
    const frozenUntil = new Date(platform.clock.now().getTime() + 86_400_000);
    await platform.db.account.update({ where: { id: hijacked.id }, data: { frozenUntil } });
    const thief = { kind: 'account', id: hijacked.id } as const;
    const wish = { scopes: ['notes:write'], days: null, peoplePerDay: null, requestsPerMinute: null };
    const opening = { apiId: api.id, organizationId: acme, kind: 'all', ...wish } as const;
    expect(await makeOpening(platform, thief, opening)).toMatchObject({ reason: 'frozen' });
    const wider = { id, apiId: api.id, peoplePerDay: null };
    expect(await changeAccess(platform, thief, wider)).toMatchObject({ reason: 'frozen' });
  });

  it('ends with every other one of its app where that is wanted', async () => {
    const { id } = ok(await take(ok(await open()).id));
    ok(await take(ok(await open({ scopes: ['notes:write'] })).id));
    const bystander = (await aClient(platform, other)).client.id;
    ok(await take(ok(await open()).id, { clientId: bystander }));
    expect(ok(await endAccess(platform, member, { id, apiId: api.id, all: true })).ended).toHaveLength(2);
    expect(await decision()).toMatchObject({ reason: 'access-ended' });
    expect(await decision(bystander)).toMatchObject({ allowed: true });
  });
});

describe('whoever ends the access of an app', () => {
  async function aGrant(resources: Record<string, string>, openid = '') {
    const { id: person } = await createPerson(platform);
    const now = platform.clock.now();
    const id = `grant-${person}`;
    const payload = { resources, ...(openid && { openid: { scope: openid } }) };
    const expiresAt = new Date(now.getTime() + 86_400_000);
    const row = {
      id,
      accountId: person,
      clientId,
      endsWithSession: false,
      payload,
      createdAt: now,
      expiresAt,
    };
    await platform.db.grant.create({ data: row });
    return id;
  }
  const lives = async (id: string) =>
    (await platform.db.grant.findUniqueOrThrow({ where: { id } })).revokedAt === null;

  it('sees how many people are affected, and ends the grants that held nothing else', async () => {
    const { id } = ok(await take(ok(await open()).id));
    const only = await aGrant({ [`${api.identifier}/`]: 'notes:read' }, 'openid offline_access');
    const two = await aGrant({ [api.identifier]: 'notes:read', 'https://elsewhere.example': 'x' });
    const aboutThem = await aGrant({ [api.identifier]: 'notes:read' }, 'openid email');
    const elsewhere = await aGrant({ 'https://elsewhere.example': 'x' });
    await platform.db.consent.create({
      data: {
        ...{ id, accountId, clientId, resource: api.identifier, scopes: ['notes:read'] },
        grantedAt: platform.clock.now(),
      },
    });
    expect(await peopleAffected(platform, clientId, api)).toEqual({ people: 4, connections: 3 });
    expect(ok(await endAccess(platform, operator, { id, apiId: api.id })).connectionsEnded).toBe(1);
    expect(await Promise.all([only, two, aboutThem, elsewhere].map(lives))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('ends no grant while another access goes on', async () => {
    const { id } = ok(await take(ok(await open()).id));
    ok(await take(ok(await open()).id));
    const grant = await aGrant({ [api.identifier]: 'notes:read' });
    expect(ok(await endAccess(platform, operator, { id, apiId: api.id })).connectionsEnded).toBe(0);
    expect(await lives(grant)).toBe(true);
  });
});
