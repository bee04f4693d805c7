import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { changeAppSettings } from '../../../src/developers/clients/app-settings.ts';
import { findClient } from '../../../src/developers/clients/client.ts';
import { decideReview } from '../../../src/developers/clients/decide-review.ts';
import { addRedirectUri } from '../../../src/developers/clients/redirect-changes.ts';
import { openDossier } from '../../../src/developers/clients/review-dossier.ts';
import { APPS_APPROVAL } from '../../../src/developers/clients/reviews.ts';
import { goLive } from '../../../src/developers/clients/stages.ts';
import { countWaiting, listWaiting } from '../../../src/developers/waiting.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;
let owner: { kind: 'account'; id: string };
beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  const member = await platform.db.organizationMember.findFirstOrThrow({ where: { organizationId: acme } });
  owner = { kind: 'account', id: member.accountId };
  await changeSetting(platform, operator, { setting: APPS_APPROVAL, value: 'operator' });
});
afterAll(() => platform.close());

/** An app that waits to go live; answers it and its review. */
async function aWaitingApp(name: string) {
  const { client } = await aClient(platform, acme, { name, stage: 'development' });
  const of = { organizationId: acme, clientId: client.id };
  const addresses = {
    homepageUri: 'https://acme.example',
    privacyUri: 'https://acme.example/p',
    termsUri: '',
  };
  const { scopes, resources } = client;
  ok(await changeAppSettings(platform, owner, { ...of, name, scopes, resources, ...addresses }));
  ok(await goLive(platform, owner, { ...of, acceptsTerms: true }));
  const { waiting } = await listWaiting(platform);
  const review = waiting.find((one) => one.name === name)?.id ?? '';
  return { client, of, review };
}

describe('what an operator decides on', () => {
  it('says who asks, where the app sends people, and which other apps have a name like it', async () => {
    const rival = await anOrganization(platform, 'Rival');
    await aClient(platform, rival, { name: 'Si1ver Spoon', stage: 'development' });
    const { client, review } = await aWaitingApp('Silver Spoon');
    expect(await openDossier(platform, review)).toMatchObject({
      app: { id: client.id, stage: 'development' },
      askedBy: { name: 'Olive Owner' },
      redirects: [{ host: 'app.example.com', proven: false }],
      lookAlikes: [{ name: 'Si1ver Spoon', organizationName: 'Rival' }],
    });
    expect(await openDossier(platform, newId())).toBeUndefined();
    expect(await openDossier(platform, 'x')).toBeUndefined();
  });

  it('is not let through once the app was changed behind the back of who looks', async () => {
    const { client, of, review } = await aWaitingApp('Iron Anchor');
    const seen = await openDossier(platform, review);
    ok(await addRedirectUri(platform, owner, { ...of, uri: 'https://evil.example/callback' }));
    const decision = { review, approve: true, mark: seen?.mark };
    expect(await decideReview(platform, operator, decision)).toMatchObject({ reason: 'changed' });
    expect((await findClient(platform, client.id))?.stage).toBe('development');
    const again = await openDossier(platform, review);
    ok(await decideReview(platform, operator, { review, approve: true, mark: again?.mark }));
    expect((await findClient(platform, client.id))?.stage).toBe('live');
    const next = await aWaitingApp('Iron Kettle');
    expect((await openDossier(platform, next.review))?.earlier).toMatchObject([{ appName: 'Iron Anchor' }]);
  });
});

describe('the queue of operators', () => {
  it('holds apps and APIs together, the oldest first, by kind where asked, page by page', async () => {
    const before = await listWaiting(platform);
    const last = before.waiting.at(-1);
    const trustDomainId = '00000000-0000-7000-8000-000000000001';
    const row = { organizationId: acme, trustDomainId, tokenFormat: 'opaque' };
    const createdAt = platform.clock.now();
    for (let i = 0; i < 60; i += 1) {
      const api = { ...row, id: newId(), clientId: `api_queue${i}`, name: `Queue ${i}`, createdAt };
      await platform.db.api.create({
        data: { ...api, claimedIdentifier: `https://q${i}.example` },
      });
    }
    const first = await listWaiting(platform, { kind: 'api' });
    expect(first.waiting).toHaveLength(50);
    expect(first.waiting[0]).toMatchObject({ kind: 'api', wish: expect.stringMatching(/^https:\/\/q/) });
    const second = await listWaiting(platform, { kind: 'api', after: first.next });
    expect(second.next).toBeUndefined();
    const names = [...first.waiting, ...second.waiting].map(({ name }) => name);
    expect(new Set(names).size).toBe(60);
    expect((await listWaiting(platform, { after: last?.id })).waiting[0]?.kind).toBe('api');
    expect((await countWaiting(platform)).get('api')).toBe(60);
  });
});
