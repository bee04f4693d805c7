import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { changeAppSettings } from '../../../src/developers/clients/app-settings.ts';
import { type ClientView, findClient } from '../../../src/developers/clients/client.ts';
import {
  decideReview,
  listWaitingReviews,
  withdrawReview,
} from '../../../src/developers/clients/decide-review.ts';
import { changeLogo } from '../../../src/developers/clients/logo.ts';
import { addRedirectUri } from '../../../src/developers/clients/redirect-changes.ts';
import { APPS_APPROVAL } from '../../../src/developers/clients/reviews.ts';
import { checklistOf, goLive } from '../../../src/developers/clients/stages.ts';
import { addTester, mayUseInDevelopment, removeTester } from '../../../src/developers/clients/testers.ts';
import { approveHost } from '../../../src/developers/organizations/host-proofs.ts';
import { removeHost } from '../../../src/developers/organizations/hosts.ts';
import { askVerification } from '../../../src/developers/clients/verification.ts';
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
  owner = { kind: 'account', id: await ownerOf(acme) };
});
afterEach(() => demandApproval('none'));
afterAll(() => platform.close());

async function ownerOf(organizationId: string): Promise<string> {
  const member = await platform.db.organizationMember.findFirstOrThrow({ where: { organizationId } });
  return member.accountId;
}

async function demandApproval(value: 'none' | 'operator'): Promise<void> {
  await changeSetting(platform, operator, { setting: APPS_APPROVAL, value });
}

let made = 0;
async function anApp(overrides: Parameters<typeof aClient>[2] = {}): Promise<ClientView> {
  made += 1;
  const { client } = await aClient(platform, acme, {
    ...{ name: `Planner ${made}`, stage: 'development', ...overrides },
  });
  return client;
}

const of = ({ id: clientId, organizationId }: ClientView) => ({ organizationId, clientId });

async function withPages(app: ClientView): Promise<ClientView> {
  const { name, scopes, resources } = app;
  const addresses = {
    homepageUri: 'https://acme.example',
    privacyUri: 'https://acme.example/p',
    termsUri: '',
  };
  const wishes = { ...of(app), name, scopes, resources, ...addresses };
  ok(await changeAppSettings(platform, owner, wishes));
  return app;
}

const live = (app: ClientView) => goLive(platform, owner, { ...of(app), acceptsTerms: true });

const now = async ({ id }: ClientView) => {
  const found = await findClient(platform, id);
  if (!found) throw new Error('the app is gone');
  return found;
};

const waitingFor = async ({ id }: ClientView) =>
  (await listWaitingReviews(platform)).filter(({ clientId }) => clientId === id);

const letters = () => platform.db.letter.count();

async function prove(organizationId: string, host: string): Promise<void> {
  const at = platform.clock.now();
  const row = { organizationId, host, challenge: 'x', method: 'dns', createdAt: at, provenAt: at };
  await platform.db.provenHost.create({ data: row });
}

describe('going live', () => {
  it('needs every line of the checklist, and the terms', async () => {
    const app = await anApp();
    expect((await checklistOf(platform, app)).filter(({ done }) => !done).map(({ id }) => id)).toEqual([
      'homepage',
      'privacy',
    ]);
    expect(await live(app)).toMatchObject({ reason: 'checklist' });
    await withPages(app);
    expect(await goLive(platform, owner, { ...of(app), acceptsTerms: false })).toMatchObject({
      reason: 'terms',
    });
    expect((await now(app)).stage).toBe('development');
    expect(await live(app)).toEqual({ ok: true, outcome: 'live' });
    expect((await now(app)).stage).toBe('live');
  });

  it('is nothing that another organization can do', async () => {
    const app = await withPages(await anApp());
    const rival = await anOrganization(platform, 'Rival');
    const wish = { organizationId: rival, clientId: app.id, acceptsTerms: true };
    expect(await goLive(platform, owner, wish)).toMatchObject({ reason: 'client' });
    expect((await now(app)).stage).toBe('development');
  });

  it('asks nothing of a machine that only people would read', async () => {
    const app = await anApp({ type: 'machine' });
    expect(await live(app)).toEqual({ ok: true, outcome: 'live' });
  });

  it('is refused where a live app of somebody else took the name meanwhile', async () => {
    const app = await withPages(await anApp({ name: 'Copper Kettle' }));
    const rival = await anOrganization(platform, 'Rival');
    await aClient(platform, rival, { name: 'C0pper Kettle' });
    expect(await live(app)).toMatchObject({ reason: 'name' });
  });

  it('of two apps with one name at the same moment lets one through', async () => {
    const rival = await anOrganization(platform, 'Rival');
    const apps = await Promise.all(
      [acme, rival].map(async (organizationId) => {
        const { client } = await aClient(platform, organizationId, {
          name: 'Twin Peaks',
          stage: 'development',
        });
        return withPages(client);
      }),
    );
    const outcomes = await Promise.all(apps.map(live));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });
});

describe('where operators approve', () => {
  it('an app waits, is approved once, and its owners are told', async () => {
    await demandApproval('operator');
    const app = await withPages(await anApp());
    expect(await live(app)).toEqual({ ok: true, outcome: 'waits' });
    expect(await live(app)).toEqual({ ok: true, outcome: 'waits' });
    expect((await now(app)).stage).toBe('development');
    const [review, ...more] = await waitingFor(app);
    expect(more).toEqual([]);
    const before = await letters();
    const decision = { review: String(review?.id), approve: true };
    const outcomes = await Promise.all([1, 2, 3].map(() => decideReview(platform, operator, decision)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect((await now(app)).stage).toBe('live');
    expect(await letters()).toBe(before + 1);
  });

  it('a refusal needs a note and leaves the app as it was', async () => {
    await demandApproval('operator');
    const app = await withPages(await anApp());
    await live(app);
    const review = String((await waitingFor(app))[0]?.id);
    expect(await decideReview(platform, operator, { review, approve: false })).toMatchObject({
      reason: 'note',
    });
    ok(await decideReview(platform, operator, { review, approve: false, note: 'Say what it does.' }));
    expect((await now(app)).stage).toBe('development');
    expect(await decideReview(platform, operator, { review, approve: true })).toMatchObject({
      reason: 'review',
    });
  });

  it('is judged again when it is approved', async () => {
    await demandApproval('operator');
    const app = await withPages(await anApp());
    await live(app);
    await changeAppSettings(platform, owner, {
      ...of(app),
      ...{ name: app.name, homepageUri: '', privacyUri: '', termsUri: '', scopes: [], resources: [] },
    });
    const review = String((await waitingFor(app))[0]?.id);
    expect(await decideReview(platform, operator, { review, approve: true })).toMatchObject({
      reason: 'checklist',
    });
    expect((await now(app)).stage).toBe('development');
  });

  it('a change of a live app waits while the app goes on, and comes whole', async () => {
    const app = await withPages(await anApp({ name: 'Brass Lantern' }));
    await live(app);
    await demandApproval('operator');
    const uri = 'https://app.example.com/waits';
    const file = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#222222' } })
      .png()
      .toBuffer();
    const outcomes = [
      await addRedirectUri(platform, owner, { ...of(app), uri }),
      await addRedirectUri(platform, owner, { ...of(app), uri: `${uri}-2` }),
      await changeLogo(platform, owner, { ...of(app), file }),
    ];
    for (const outcome of outcomes) expect(outcome).toEqual({ ok: true, outcome: 'waits' });
    expect(await now(app)).toMatchObject({ redirectUris: app.redirectUris, logo: null, stage: 'live' });
    const waiting = await waitingFor(app);
    expect(waiting).toMatchObject([{ kind: 'change' }]);
    ok(await decideReview(platform, operator, { review: String(waiting[0]?.id), approve: true }));
    expect(await now(app)).toMatchObject({
      redirectUris: [...app.redirectUris, uri, `${uri}-2`],
      logo: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('what waits can be taken back by its own organization alone', async () => {
    await demandApproval('operator');
    const app = await withPages(await anApp());
    await live(app);
    const foreign = {
      organizationId: await anOrganization(platform),
      clientId: app.id,
      kind: 'live',
    } as const;
    expect(await withdrawReview(platform, owner, foreign)).toMatchObject({ reason: 'review' });
    expect(await withdrawReview(platform, owner, { ...of(app), kind: 'live' })).toEqual({ ok: true });
    expect(await waitingFor(app)).toEqual([]);
  });
});

describe('a checked publisher', () => {
  it('needs a host that the organization has proven, then and now', async () => {
    const app = await anApp();
    const ask = { ...of(app), host: 'publisher.example' };
    expect(await askVerification(platform, owner, ask)).toMatchObject({ reason: 'host' });
    await prove(acme, 'publisher.example');
    ok(await askVerification(platform, owner, ask));
    const review = String((await waitingFor(app))[0]?.id);
    await platform.db.provenHost.deleteMany({ where: { host: 'publisher.example' } });
    expect(await decideReview(platform, operator, { review, approve: true })).toMatchObject({
      reason: 'host',
    });
    await prove(acme, 'publisher.example');
    ok(await decideReview(platform, operator, { review, approve: true }));
    expect(await now(app)).toMatchObject({ verifiedHost: 'publisher.example', verifiedAt: expect.any(Date) });
  });

  it('is one no longer when the host is given up, or goes to whoever proves it then', async () => {
    const app = await anApp();
    const host = 'given-up.example';
    await prove(acme, host);
    ok(await askVerification(platform, owner, { ...of(app), host }));
    ok(
      await decideReview(platform, operator, {
        review: String((await waitingFor(app))[0]?.id),
        approve: true,
      }),
    );
    ok(await approveHost(platform, operator, { organizationId: await anOrganization(platform), host }));
    expect(await now(app)).toMatchObject({ verifiedHost: null, verifiedAt: null });

    ok(await approveHost(platform, operator, { organizationId: acme, host }));
    ok(await askVerification(platform, owner, { ...of(app), host }));
    ok(
      await decideReview(platform, operator, {
        review: String((await waitingFor(app))[0]?.id),
        approve: true,
      }),
    );
    ok(await removeHost(platform, operator, { organizationId: acme, host }));
    expect(await now(app)).toMatchObject({ verifiedHost: null, verifiedAt: null });
  });

  it('is asked for anew when the face changes while an operator looks', async () => {
    const app = await anApp();
    await prove(acme, 'faces.example');
    ok(await askVerification(platform, owner, { ...of(app), host: 'faces.example' }));
    ok(await addRedirectUri(platform, owner, { ...of(app), uri: 'https://evil.example/callback' }));
    expect(await waitingFor(app)).toEqual([]);
  });
});

describe('a tester', () => {
  it('may use the app until removed; members always may, others never', async () => {
    const app = await anApp();
    const accountId = newId();
    expect(await mayUseInDevelopment(platform, app.id, accountId)).toBe(false);
    expect(await mayUseInDevelopment(platform, app.id, owner.id)).toBe(true);
    await addTester(platform, owner, { clientId: app.id, accountId });
    expect(await mayUseInDevelopment(platform, app.id, accountId)).toBe(true);
    const rival = await anOrganization(platform);
    expect(await removeTester(platform, owner, { organizationId: rival, clientId: app.id, accountId })).toBe(
      false,
    );
    expect(await removeTester(platform, owner, { ...of(app), accountId })).toBe(true);
    expect(await mayUseInDevelopment(platform, app.id, accountId)).toBe(false);
  });
});
