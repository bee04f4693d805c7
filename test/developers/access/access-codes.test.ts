import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endAccess } from '../../../src/developers/access/access-ends.ts';
import {
  endCode,
  listCodes,
  makeCode,
  type NewAccessCode,
} from '../../../src/developers/access/access-codes.ts';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import type { Api } from '../../../src/developers/apis/api.ts';
import { decideAccess } from '../../../src/developers/access/decide-access.ts';
import { previewCode, redeemForApp } from '../../../src/developers/access/redemption.ts';
import { changeScope } from '../../../src/developers/apis/scopes/scope-changes.ts';
import { publishTerms } from '../../../src/developers/apis/terms.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { type ShiftedTime, shiftTime } from '../../support/time.ts';

const DAY = 86_400_000;
const NOBODY = '00000000-0000-7000-8000-000000000009';

let platform: OpenPlatform;
let acme: string;
let other: string;
let accountId: string;
let api: Api;
let clientId: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  other = await anOrganization(platform, 'Other');
  accountId = (await createPerson(platform)).id;
});
afterAll(() => platform.close());
beforeEach(async () => {
  api = (await anApi(platform, acme)).api;
  clientId = (await aClient(platform, other)).client.id;
});

const make = (part: Partial<NewAccessCode> = {}) =>
  makeCode(platform, operator, {
    ...{ apiId: api.id, organizationId: acme, accountId: null, label: 'For the fair', uses: 1 },
    ...{ scopes: ['notes:read'], days: 30, peoplePerDay: 50, requestsPerMinute: 60 },
    untilAt: new Date(Date.now() + 7 * DAY),
    ...part,
  });
const aCode = async (part: Partial<NewAccessCode> = {}) => {
  const { id, issued } = ok(await make(part));
  return { id, code: issued.secret };
};
const redeem = (code: string, part: Partial<Parameters<typeof redeemForApp>[2]> = {}) =>
  redeemForApp(
    platform,
    { kind: 'account', id: accountId },
    { code, clientId, organizationId: other, accountId, ...part },
  );
const decision = async () =>
  decideAccess(await loadAccessInputs(platform, clientId, api.identifier), undefined, platform.clock.now());

describe('an access code', () => {
  it('gives an app what it was made for, and both sides are told', async () => {
    const { code, id } = await aCode();
    expect(await previewCode(platform, { code, clientId, organizationId: other })).toMatchObject({
      ok: true,
    });
    const { accessId } = ok(await redeem(`  ${code}\n`));
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'], peoplePerDay: 50 });
    expect(await platform.db.access.findUniqueOrThrow({ where: { id: accessId } })).toMatchObject({
      ...{ origin: 'code', originId: id, requestsPerMinute: 60 },
    });
    const letters = (await waitingLetters(platform)).filter(({ text }) => text.includes('was redeemed'));
    expect(letters.some(({ text }) => text.includes(`${api.id}/accesses`))).toBe(true);
    expect(letters.some(({ text }) => text.includes(`${clientId}/access`))).toBe(true);
    expect(letters.some(({ text }) => text.includes(code))).toBe(false);
  });

  it('is stored as a digest and never shown again', async () => {
    const { code } = await aCode();
    expect(code).toMatch(/^gate_accesscode_/);
    expect(JSON.stringify(await listCodes(platform, api.id))).not.toContain(code.slice(20, 40));
    expect(JSON.stringify(await platform.db.accessCode.findMany())).not.toContain(code.slice(20, 40));
  });

  it('works as often as it says, and once for an app', async () => {
    const { code } = await aCode({ uses: 2 });
    ok(await redeem(code));
    expect(await redeem(code)).toMatchObject({ reason: 'app' });
    const second = (await aClient(platform, other)).client.id;
    ok(await redeem(code, { clientId: second }));
    const third = (await aClient(platform, other)).client.id;
    expect(await redeem(code, { clientId: third })).toMatchObject({ reason: 'code' });
  });

  it('is redeemed by exactly three of fifty who try at once where it has three uses', async () => {
    const { code, id } = await aCode({ uses: 3 });
    const apps = await Promise.all(
      [...Array(50)].map(async () => (await aClient(platform, other)).client.id),
    );
    const outcomes = await Promise.all(apps.map((one) => redeem(code, { clientId: one })));
    expect(outcomes.filter((one) => one.ok)).toHaveLength(3);
    expect(await platform.db.access.count({ where: { originId: id } })).toBe(3);
    expect((await platform.db.accessCode.findUniqueOrThrow({ where: { id } })).usesLeft).toBe(0);
  });

  it('is refused when it is ended, and what came of it goes on until that is ended', async () => {
    const { code, id } = await aCode({ uses: 5 });
    const { accessId } = ok(await redeem(code));
    expect(await endCode(platform, operator, { id, apiId: NOBODY })).toMatchObject({ ok: false });
    ok(await endCode(platform, operator, { id, apiId: api.id }));
    expect(await endCode(platform, operator, { id, apiId: api.id })).toMatchObject({ ok: false });
    const second = (await aClient(platform, other)).client.id;
    expect(await redeem(code, { clientId: second })).toMatchObject({
      ...{ reason: 'code', sentence: expect.stringContaining('was ended') },
    });
    expect(await decision()).toMatchObject({ allowed: true });
    ok(await endAccess(platform, operator, { id: accessId, apiId: api.id, note: 'Given by mistake' }));
    expect(await decision()).toMatchObject({ reason: 'access-ended' });
  });

  it('does nothing for whoever makes one up', async () => {
    const { code } = await aCode();
    const made = newHandle('accesscode', new Date());
    const wrongKind = newHandle('secret', new Date());
    for (const one of ['', 'x', code.slice(0, -1), `${code}x`, code.toUpperCase(), made, wrongKind]) {
      expect(await redeem(one)).toMatchObject({ ok: false, reason: 'code' });
    }
    expect(await decision()).toMatchObject({ reason: 'no-access' });
  });

  it('is for one organization where it says so', async () => {
    const third = await anOrganization(platform, 'Third');
    const { code } = await aCode({ forOrganization: third });
    expect(await redeem(code)).toMatchObject({ reason: 'code' });
    const app = (await aClient(platform, third)).client.id;
    ok(await redeem(code, { clientId: app, organizationId: third }));
  });

  it('is for the holder of a key where it says so: pasting in a public key is not holding it', async () => {
    const keyThumbprint = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
    const { code } = await aCode({ keyThumbprint });
    expect(await redeem(code)).toMatchObject({ reason: 'code' });
    const createdAt = platform.clock.now();
    const key = { id: NOBODY, clientId, kid: 'k', label: 'k', jwk: {}, thumbprint: keyThumbprint, createdAt };
    await platform.db.clientKey.create({ data: key });
    expect(await redeem(code)).toMatchObject({ reason: 'code' });
    await platform.db.clientKey.update({ where: { id: NOBODY }, data: { lastUsedAt: createdAt } });
    ok(await redeem(code));
    await platform.db.clientKey.delete({ where: { id: NOBODY } });
  });

  it('is not redeemed for the app of another organization, the own one, or of another trust domain', async () => {
    const { code } = await aCode();
    const own = (await aClient(platform, acme)).client.id;
    expect(await redeem(code, { clientId: own })).toMatchObject({ reason: 'app' });
    expect(await redeem(code, { clientId: own, organizationId: acme })).toMatchObject({ reason: 'app' });
    const trustDomainId = '00000000-0000-7000-8000-00000000aaaa';
    await platform.db.client.update({ where: { id: clientId }, data: { trustDomainId } });
    expect(await redeem(code)).toMatchObject({ reason: 'app' });
    expect(await platform.db.access.count({ where: { apiId: api.id } })).toBe(0);
  });

  it('is judged again: gone scopes, what became sensitive, terms', async () => {
    const { code } = await aCode({ scopes: ['notes:read', 'notes:write'], days: null });
    await platform.db.scope.deleteMany({ where: { apiId: api.id, name: 'notes:write' } });
    const key = { apiIdentifier: api.identifier, name: 'notes:read', sensitivity: 'sensitive' } as const;
    await changeScope(platform, operator, key);
    expect(await redeem(code)).toMatchObject({
      reason: 'app',
      sentence: expect.stringContaining('verified'),
    });
    await platform.db.client.update({ where: { id: clientId }, data: { verifiedAt: platform.clock.now() } });
    const text = 'Whoever uses this API is kind to it and to whom it tells of.';
    ok(await publishTerms(platform, operator, { organizationId: acme, apiId: api.id, text }));
    expect(await redeem(code)).toMatchObject({ reason: 'terms' });
    const { until } = ok(await redeem(code, { termsVersion: 1 }));
    expect(until?.getTime()).toBeLessThanOrEqual(Date.now() + 90 * DAY);
    expect(await decision()).toMatchObject({ allowed: true, scopes: ['notes:read'] });
  });

  it.each([
    ['label', { label: '' }],
    ['uses', { uses: 0 }],
    ['uses', { uses: 1.5 }],
    ['uses', { uses: 10_001 }],
    ['untilAt', { untilAt: new Date(0) }],
    ['untilAt', { untilAt: new Date(Date.now() + 400 * DAY) }],
    ['untilAt', { fromAt: new Date(Date.now() + 8 * DAY) }],
    ['scopes', { scopes: ['notes:burn'] }],
    ['days', { days: 0 }],
    ['forOrganization', { forOrganization: NOBODY }],
    ['keyThumbprint', { keyThumbprint: 'short' }],
    ['api', { organizationId: NOBODY }],
  ])('is not made with a wrong %s: %j', async (reason, part) => {
    expect(await make(part)).toMatchObject({ ok: false, reason });
    expect(await platform.db.accessCode.count({ where: { apiId: api.id } })).toBe(0);
  });

  describe('as time goes by', () => {
    let time: ShiftedTime;
    beforeEach(() => {
      time = shiftTime();
    });

    it('works from its first moment to its last', async () => {
      try {
        const fromAt = new Date(Date.now() + DAY);
        const { code } = await aCode({ fromAt, untilAt: new Date(Date.now() + 2 * DAY) });
        expect(await redeem(code)).toMatchObject({ sentence: expect.stringContaining('works from') });
        time.forward(2 * 86_400 + 1);
        expect(await redeem(code)).toMatchObject({ sentence: expect.stringContaining('has run out') });
      } finally {
        time.restore();
      }
    });
  });
});

it('what its issuer undid is not redone by the same app with the same code', async () => {
  const { code } = await aCode({ uses: 5 });
  const { accessId: id } = ok(await redeem(code));
  ok(await endAccess(platform, operator, { id, apiId: api.id }));
  expect(await redeem(code)).toMatchObject({ ok: false, reason: 'app' });
  expect(await decision()).toMatchObject({ allowed: false });
});
