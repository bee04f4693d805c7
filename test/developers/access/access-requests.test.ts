import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import { approveRequest, refuseRequest } from '../../../src/developers/access/access-decisions.ts';
import { askForAccess, withdrawRequest } from '../../../src/developers/access/access-requests.ts';
import type { Api } from '../../../src/developers/apis/api.ts';
import { decideAccess } from '../../../src/developers/access/decide-access.ts';
import { endOpening, makeOpening } from '../../../src/developers/access/openings.ts';
import { changeScope } from '../../../src/developers/apis/scopes/scope-changes.ts';
import { takeAccess } from '../../../src/developers/access/take-access.ts';
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
let openingId: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
});
afterAll(() => platform.close());
beforeEach(async () => {
  accountId = (await createPerson(platform)).id;
  other = await anOrganization(platform, 'Other');
  api = (await anApi(platform, acme)).api;
  clientId = (await aClient(platform, other)).client.id;
  const entitlement = {
    scopes: ['notes:read', 'notes:write'],
    days: null,
    peoplePerDay: 10,
    requestsPerMinute: 60,
  };
  const of = { apiId: api.id, organizationId: acme, kind: 'request', ...entitlement } as const;
  openingId = ok(await makeOpening(platform, operator, of)).id;
});

const ask = (part: Partial<Parameters<typeof askForAccess>[2]> = {}) =>
  askForAccess(
    platform,
    { kind: 'account', id: accountId },
    {
      ...{ openingId, clientId, organizationId: other, accountId, scopes: ['notes:read'] },
      ...{ purpose: 'Shows people their notes beside their mail.', ...part },
    },
  );
const approve = (id: string, part: Partial<Parameters<typeof approveRequest>[2]> = {}) =>
  approveRequest(platform, operator, {
    ...{ id, apiId: api.id, accountId, scopes: ['notes:read'], days: 90 },
    ...{ peoplePerDay: 100, requestsPerMinute: 600, ...part },
  });
const refuse = (id: string, part: Partial<Parameters<typeof refuseRequest>[2]> = {}) =>
  refuseRequest(platform, operator, { id, apiId: api.id, accountId, note: 'Not for this', ...part });
const decision = async () =>
  decideAccess(await loadAccessInputs(platform, clientId, api.identifier), undefined, platform.clock.now());

describe('a request for access', () => {
  it('gives nothing until it is approved, then what was approved for so many days', async () => {
    const { id } = ok(await ask({ scopes: ['notes:read', 'notes:write'] }));
    expect(await decision()).toMatchObject({ reason: 'no-access' });
    expect(
      (await waitingLetters(platform)).some(({ text }) => text.includes(`${api.id}/access-requests`)),
    ).toBe(true);
    ok(await approve(id));
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'], peoplePerDay: 100 });
    const row = await platform.db.access.findFirstOrThrow({ where: { clientId } });
    expect(row).toMatchObject({ origin: 'request', originId: id });
    expect(row.until?.getTime()).toBe(row.createdAt.getTime() + 90 * 86_400_000);
  });

  it('is decided once, by its API alone', async () => {
    const { id } = ok(await ask());
    const elsewhere = (await anApi(platform, other)).api.id;
    expect(await approve(id, { apiId: elsewhere })).toMatchObject({ reason: 'request' });
    expect(await refuse(id, { apiId: elsewhere })).toMatchObject({ reason: 'request' });
    const decided = await Promise.all([...Array(4).keys()].map((n) => (n % 2 ? approve(id) : refuse(id))));
    expect(decided.filter((one) => one.ok)).toHaveLength(1);
    expect(await platform.db.access.count({ where: { clientId } })).toBeLessThanOrEqual(1);
  });

  it('is refused with a note that stands on its page and in no letter', async () => {
    const { id } = ok(await ask());
    ok(await refuse(id, { note: 'Read https://evil.example first' }));
    expect(await decision()).toMatchObject({ reason: 'no-access' });
    expect((await platform.db.accessRequest.findUniqueOrThrow({ where: { id } })).note).toContain('evil');
    expect((await waitingLetters(platform)).some(({ text }) => text.includes('evil.example'))).toBe(false);
  });

  it('is not approved with more than was asked, or with what is wrong, and waits on then', async () => {
    const { id } = ok(await ask());
    expect(await approve(id, { scopes: ['notes:write'] })).toMatchObject({ reason: 'scopes' });
    expect(await approve(id, { days: 0 })).toMatchObject({ reason: 'days' });
    expect(await approve(id, { peoplePerDay: 0 })).toMatchObject({ reason: 'peoplePerDay' });
    await changeScope(platform, operator, {
      ...{ apiIdentifier: api.identifier, name: 'notes:read', sensitivity: 'restricted' },
    });
    expect(await approve(id, { days: 91 })).toMatchObject({ reason: 'days' });
    ok(await approve(id));
    expect(await decision()).toMatchObject({ allowed: true, scopes: [] });
    await platform.db.client.update({ where: { id: clientId }, data: { verifiedAt: platform.clock.now() } });
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'] });
  });

  it('is withdrawn by its app alone, and once', async () => {
    const { id } = ok(await ask());
    const foreign = (await aClient(platform, acme)).client.id;
    expect(await withdrawRequest(platform, operator, { id, clientId: foreign })).toMatchObject({ ok: false });
    ok(await withdrawRequest(platform, operator, { id, clientId }));
    expect(await withdrawRequest(platform, operator, { id, clientId })).toMatchObject({ ok: false });
    expect(await approve(id)).toMatchObject({ reason: 'request' });
  });

  it('waits alone: the next comes after it', async () => {
    const { id } = ok(await ask());
    const twice = await Promise.all([ask(), ask()]);
    expect(twice.map((one) => !one.ok && one.reason)).toEqual(['app', 'app']);
    ok(await withdrawRequest(platform, operator, { id, clientId }));
    const again = await Promise.all([ask(), ask()]);
    expect(again.filter((one) => one.ok)).toHaveLength(1);
  });

  it('is made twenty times a day at most', async () => {
    for (let n = 0; n < 20; n += 1) {
      const { id } = ok(await ask());
      ok(await withdrawRequest(platform, operator, { id, clientId }));
    }
    expect(await ask()).toMatchObject({ reason: 'too-many' });
    const second = await anOrganization(platform, 'Second');
    const { client } = await aClient(platform, second);
    expect(await ask({ clientId: client.id, organizationId: second })).toMatchObject({ reason: 'too-many' });
  });

  it.each([
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['notes:burn'] }],
    ['purpose', { purpose: '' }],
    ['purpose', { purpose: 'testing' }],
    ['purpose', { purpose: 'x'.repeat(501) }],
    ['opening', { openingId: '00000000-0000-7000-8000-000000000009' }],
    ['app', { clientId: 'app_22222222222222222222' }],
  ])('is refused because of its %s: %j', async (reason, part) => {
    expect(await ask(part)).toMatchObject({ ok: false, reason });
    expect(await platform.db.accessRequest.count({ where: { apiId: api.id } })).toBe(0);
  });

  it('is not made for the app of others, from another trust domain, or after the opening ended', async () => {
    const foreign = (await aClient(platform, acme)).client.id;
    expect(await ask({ clientId: foreign })).toMatchObject({ reason: 'app' });
    const trustDomainId = '00000000-0000-7000-8000-00000000aaaa';
    await platform.db.client.update({ where: { id: clientId }, data: { trustDomainId } });
    expect(await ask()).toMatchObject({ reason: 'app' });
    await endOpening(platform, operator, { id: openingId, apiId: api.id });
    expect(await ask()).toMatchObject({ reason: 'opening' });
  });

  it('is not a way round: what is open on request cannot be taken', async () => {
    const taking = { openingId, clientId, organizationId: other, accountId };
    expect(await takeAccess(platform, operator, taking)).toMatchObject({ reason: 'opening' });
  });
});
