import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../../src/developers/access/access.ts';
import { acceptTerms, findTerms, publishTerms } from '../../../src/developers/apis/terms.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const TEXT = 'Be kind to the API.\n\n<b>Do not</b> copy what people wrote.';
const accountId = newId();
const member = { kind: 'account', id: accountId } as const;
let platform: OpenPlatform;
let acme: string;
let rival: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

const publish = (apiId: string, organizationId = acme, text = TEXT) =>
  publishTerms(platform, member, { organizationId, apiId, text });
const accept = (apiId: string, clientId: string, version: number) =>
  inTransaction(platform, (tx) => acceptTerms(tx, member, { apiId, version, clientId, accountId }));

describe('the terms of an API', () => {
  it('are published version by version, and leave 30 days each', async () => {
    const { api } = await anApi(platform, acme);
    const first = ok(await publish(api.id));
    const second = ok(await publish(api.id, acme, `${TEXT} At all.`));
    expect([first.terms.version, second.terms.version]).toEqual([1, 2]);
    expect(await findTerms(platform, api.id)).toMatchObject({ version: 2, text: `${TEXT} At all.` });
    const stored = await platform.db.api.findUniqueOrThrow({ where: { id: api.id } });
    const days = (Number(stored.termsDueAt) - Number(second.terms.publishedAt)) / 86_400_000;
    expect({ days, version: stored.termsVersion }).toEqual({ days: 30, version: 2 });
  });

  it('of two published at the same moment are two versions', async () => {
    const { api } = await anApi(platform, acme);
    const both = await Promise.all([publish(api.id), publish(api.id)]);
    expect(both.map((one) => ok(one).terms.version).sort()).toEqual([1, 2]);
  });

  it('are nobody’s to publish but their owner’s', async () => {
    const { api } = await anApi(platform, acme);
    expect(await publish(api.id, rival)).toMatchObject({ ok: false, reason: 'api' });
    expect(await findTerms(platform, api.id)).toBeUndefined();
  });

  it.each(['', 'short', 'x'.repeat(40_001), `${TEXT} \u202e`, `${TEXT} \u0007`, `${TEXT}\u200b`])(
    'are plain text of some length: %j is refused',
    async (text) => {
      const { api } = await anApi(platform, acme);
      expect(await publish(api.id, acme, text)).toMatchObject({ ok: false, reason: 'text' });
    },
  );

  it('are told to every organization that has access, once, and to no other', async () => {
    const { api } = await anApi(platform, acme, { name: 'Told' });
    for (const scopes of [['notes:read'], ['notes:write']]) {
      const { client } = await aClient(platform, rival);
      const access = { clientId: client.id, apiIdentifier: api.identifier, scopes, origin: 'operator' };
      ok(await grantAccess(platform, operator, access as Parameters<typeof grantAccess>[2]));
    }
    expect(ok(await publish(api.id)).told).toBe(1);
    const letters = (await waitingLetters(platform)).filter(({ subject }) => subject.includes('Told'));
    expect(letters).toHaveLength(1);
    expect(letters[0]?.text).toContain(`/developers/organizations/${rival}/apps`);
  });

  it('are accepted for one app in the version in force alone, which its accesses then have', async () => {
    const { api } = await anApi(platform, acme);
    const { client } = await aClient(platform, rival);
    const input = { clientId: client.id, apiIdentifier: api.identifier, scopes: ['notes:read'] };
    const access = ok(await grantAccess(platform, operator, { ...input, origin: 'operator' }));
    ok(await publish(api.id));
    ok(await publish(api.id));
    for (const version of [0, 1, 3])
      expect(await accept(api.id, client.id, version)).toMatchObject({ reason: 'terms' });
    ok(await accept(api.id, client.id, 2));
    ok(await accept(api.id, client.id, 2));
    const stored = await platform.db.access.findUniqueOrThrow({ where: { id: access.id } });
    expect(stored.termsVersion).toBe(2);
    const accepted = await platform.db.termsAcceptance.findMany({ where: { apiId: api.id } });
    expect(accepted).toMatchObject([{ version: 2, clientId: client.id, acceptedBy: accountId }]);
  });
});
