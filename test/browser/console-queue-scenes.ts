import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { OperatorRole } from '../../src/admin/roles.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { makeAppeal } from '../../src/defense/suspensions/appeals.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { registerApi } from '../../src/developers/apis/api.ts';
import { refuseApi } from '../../src/developers/apis/approval.ts';
import { changeAppSettings } from '../../src/developers/clients/app-settings.ts';
import { decideReview } from '../../src/developers/clients/decide-review.ts';
import { changeLogo } from '../../src/developers/clients/logo.ts';
import { addRedirectUri } from '../../src/developers/clients/redirect-changes.ts';
import { APPS_APPROVAL } from '../../src/developers/clients/reviews.ts';
import { goLive } from '../../src/developers/clients/stages.ts';
import { askVerification } from '../../src/developers/clients/verification.ts';
import { approveHost } from '../../src/developers/organizations/host-proofs.ts';
import { addMember } from '../../src/developers/organizations/members.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { listWaiting } from '../../src/developers/waiting.ts';
import { withPointer } from '../support/browser.ts';
import { aClient, anApi, ok } from '../support/developers.ts';
import { anOperator } from '../support/operators.ts';
import { newPerson, OPERATOR } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

const LONG_NAME = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerke e. V.';
const LONG_URI =
  'https://signin.customers.pneumonoultramicroscopicsilicovolcanoconiosis.example:8443/oauth/callback/of/everybody';

/** Organizations, apps, reviews, suspensions and appeals, as operators see them. */
export const consoleQueueScenes: Scenes = {
  'console-organizations': (page, world) => look(page, world, () => '/admin/organizations'),
  'console-organizations-none': (page, world) =>
    look(page, world, () => '/admin/organizations?q=nobody%40example.com'),
  'console-organization': (page, world) =>
    look(page, world, async ({ organizationId, clientId }) => {
      await suspend(world, clientId);
      return `/admin/organizations/${organizationId}`;
    }),
  'console-organization-events': (page, world) =>
    look(page, world, ({ organizationId }) => `/admin/organizations/${organizationId}/events`),
  'console-clients': (page, world) => look(page, world, () => '/admin/clients?q=planner'),
  'console-client': (page, world) => look(page, world, ({ clientId }) => `/admin/clients/${clientId}`),
  'console-reviews': (page, world) =>
    look(page, world, async (maker) => {
      await waitingChange(world, maker);
      await waitingApi(world, maker);
      return '/admin/reviews';
    }),
  'console-reviews-none': (page, world) =>
    look(page, world, () => '/admin/reviews?kind=publisher&after=ffffffff-ffff-7fff-bfff-ffffffffffff'),
  'console-review-live': (page, world) => look(page, world, (maker) => waitingLive(world, maker)),
  'console-review-change': (page, world) => look(page, world, (maker) => waitingChange(world, maker)),
  'console-review-problem': async (page, world) => {
    await look(page, world, (maker) => waitingPublisher(world, maker));
    await withPointer(page).press('Ask a second person');
  },
  'console-review-waits': async (page, world) => {
    let path = '';
    await look(page, world, async (maker) => {
      path = await waitingPublisher(world, maker);
      return path;
    });
    await page.getByLabel('Why we can say so').fill('Their host and their imprint agree.');
    await withPointer(page).press('Ask a second person');
    await page.goto(`${world.url}${path}`);
  },
  'console-review-api': (page, world) => look(page, world, (maker) => waitingApi(world, maker)),
  'console-suspensions': (page, world) =>
    look(page, world, async ({ clientId, apiId }) => {
      await suspend(world, clientId);
      await byRule(world, clientId, apiId);
      return '/admin/suspensions';
    }),
  'console-suspensions-none': (page, world) =>
    look(page, world, () => '/admin/suspensions?view=dry-run&kind=network'),
  'console-suspension-rule': (page, world) =>
    look(
      page,
      world,
      async ({ clientId, apiId }) => `/admin/suspensions/${await byRule(world, clientId, apiId)}`,
    ),
  'console-suspension-human': (page, world) =>
    look(page, world, async (maker) => {
      const id = await suspend(world, maker.clientId);
      await appeal(world, maker, id);
      return `/admin/suspensions/${id}`;
    }),
  'console-suspend-choice': (page, world) => look(page, world, () => '/admin/suspensions/new'),
  'console-suspend-whom': (page, world) =>
    look(page, world, () => '/admin/suspensions/new?kind=access&client=app_22222222222222222222'),
  'console-suspend': async (page, world) => {
    await look(
      page,
      world,
      ({ organizationId }) => `/admin/suspensions/new?kind=organization&organization=${organizationId}`,
    );
    await withPointer(page).press('Suspend the organization');
  },
  'console-appeals': (page, world) =>
    look(page, world, async (maker) => {
      await appeal(world, maker, await suspend(world, maker.clientId));
      return '/admin/appeals';
    }),
  'console-appeal': async (page, world) => {
    await look(page, world, async (maker) => {
      return `/admin/appeals/${await appeal(world, maker, await suspend(world, maker.clientId))}`;
    });
    await withPointer(page).press('Refuse it');
  },
};

interface Maker {
  readonly organizationId: string;
  readonly owner: { readonly kind: 'account'; readonly id: string };
  readonly clientId: string;
  readonly name: string;
  readonly apiId: string;
}

let makers = 0;

/** Opens a page of the console as somebody who may do everything, once there is something to see. */
async function look(
  page: Page,
  world: Exhibition,
  path: (maker: Maker) => string | Promise<string>,
  role: OperatorRole = 'administrator',
): Promise<void> {
  const operator = await anOperator(world.platform, role);
  await toAccountPage(page, world, await path(await aMaker(world)), operator);
}

/** An organization with people, an app, an API and a proven host. */
async function aMaker({ platform }: Exhibition): Promise<Maker> {
  makers += 1;
  const [owner, viewer] = [await newPerson(platform), await newPerson(platform)];
  const named = { name: LONG_NAME, accountId: owner.id };
  const organizationId = ok(await createOrganization(platform, OPERATOR, named)).organization.id;
  ok(await addMember(platform, OPERATOR, { organizationId, accountId: viewer.id, role: 'developer' }));
  const host = `maker-${makers}.example`;
  ok(await approveHost(platform, OPERATOR, { organizationId, host }));
  const name = `Paper Planner ${makers}`;
  const redirectUris = [`https://${host}/callback`, LONG_URI];
  const { client } = await aClient(platform, organizationId, { name, redirectUris, stage: 'development' });
  const { api } = await anApi(platform, organizationId);
  const who = { kind: 'account', id: owner.id } as const;
  return { organizationId, owner: who, clientId: client.id, name, apiId: api.id };
}

/** As JSON pages would: the app has all it needs to go live. */
async function complete(
  { platform }: Exhibition,
  { organizationId, clientId, owner, name }: Maker,
): Promise<void> {
  const addresses = {
    homepageUri: 'https://maker.example',
    privacyUri: 'https://maker.example/privacy',
    termsUri: '',
  };
  const app = { organizationId, clientId, name, scopes: [], resources: [] };
  ok(await changeAppSettings(platform, owner, { ...app, ...addresses }));
}

async function waitingLive(world: Exhibition, maker: Maker): Promise<string> {
  const { platform } = world;
  await changeSetting(platform, OPERATOR, { setting: APPS_APPROVAL, value: 'operator' });
  await complete(world, maker);
  const ask = () => goLive(platform, maker.owner, { ...maker, acceptsTerms: true });
  ok(await ask());
  const [, , review = ''] = (await pathOf(world, maker.name)).split('/').slice(1);
  ok(
    await decideReview(platform, OPERATOR, {
      review,
      approve: false,
      note: 'Say what it does with the data.',
    }),
  );
  ok(await ask());
  const rival = ok(
    await createOrganization(platform, OPERATOR, { name: 'Rival', accountId: maker.owner.id }),
  );
  await aClient(platform, rival.organization.id, { name: maker.name.toUpperCase(), stage: 'development' });
  return pathOf(world, maker.name);
}

async function waitingChange(world: Exhibition, maker: Maker): Promise<string> {
  const { platform } = world;
  await changeSetting(platform, OPERATOR, { setting: APPS_APPROVAL, value: 'none' });
  await complete(world, maker);
  ok(await goLive(platform, maker.owner, { ...maker, acceptsTerms: true }));
  await changeSetting(platform, OPERATOR, { setting: APPS_APPROVAL, value: 'operator' });
  const background = { r: 31, g: 92, b: 77 };
  const file = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
  ok(await changeLogo(platform, maker.owner, { ...maker, file }));
  ok(await addRedirectUri(platform, maker.owner, { ...maker, uri: 'https://other.example/callback' }));
  return pathOf(world, maker.name);
}

async function waitingPublisher(world: Exhibition, maker: Maker): Promise<string> {
  const host = `maker-${makers}.example`;
  ok(await askVerification(world.platform, maker.owner, { ...maker, host }));
  return pathOf(world, maker.name);
}

async function waitingApi(world: Exhibition, { organizationId, owner }: Maker): Promise<string> {
  const { platform } = world;
  const claim = async (who: string, name: string, actor: typeof owner) => {
    const identifier = `https://api.maker-${makers}.example:8443/${name.toLowerCase().replaceAll(' ', '-')}`;
    return ok(await registerApi(platform, actor, { organizationId: who, identifier, name })).api;
  };
  const other = await newPerson(platform);
  const rival = ok(await createOrganization(platform, OPERATOR, { name: 'Rival', accountId: other.id }));
  const theirs = { kind: 'account', id: other.id } as const;
  const name = `Weather ${makers}`;
  const waiting = await claim(rival.organization.id, name, theirs);
  await claim(organizationId, 'Tides', owner);
  ok(await refuseApi(platform, OPERATOR, { api: waiting.id, note: 'This host belongs to somebody else.' }));
  await platform.db.api.update({
    where: { id: waiting.id },
    data: { claimedIdentifier: waiting.identifier },
  });
  return pathOf(world, name);
}

async function pathOf({ platform }: Exhibition, name: string): Promise<string> {
  for (let after: string | undefined; ; ) {
    const page = await listWaiting(platform, { after });
    const found = page.waiting.find((one) => one.name === name);
    if (found) return `/admin/reviews/${found.kind === 'api' ? 'apis/' : ''}${found.id}`;
    if (!page.next) throw new Error(`nothing waits for ${name}`);
    after = page.next;
  }
}

async function suspend({ platform }: Exhibition, clientId: string): Promise<string> {
  const note = 'It asked thousands of people for access with a name that is not its own.';
  return ok(await startSuspension(platform, OPERATOR, { kind: 'client', ids: { clientId }, note })).suspension
    .id;
}

async function byRule({ platform }: Exhibition, clientId: string, apiId: string): Promise<string> {
  const evidence = {
    ...{ calls: 20_345, refused: 18_002 },
    requests: Array.from({ length: 3 }, () => crypto.randomUUID()),
  };
  const wish = { kind: 'access', ids: { clientId, apiId }, rule: 'rate-ignored', evidence } as const;
  const job = { kind: 'job', id: 'run-rules' } as const;
  const { suspension } = ok(await startSuspension(platform, job, wish));
  const now = platform.clock.now();
  const paused = new Date(now.getTime() + 15 * 60_000);
  const until = new Date(now.getTime() + 30 * 60_000);
  await platform.db.suspension.update({
    where: { id: suspension.id },
    data: {
      state: 'pause',
      level: 1,
      pausedUntil: paused,
      until,
      outlivingTokens: 12,
      outlivingUntil: paused,
    },
  });
  const report = { apiId, clientId, jti: crypto.randomUUID(), grantId: null, reason: 'flooding' };
  await platform.db.abuseReport.create({
    data: { ...report, id: crypto.randomUUID(), note: 'Thousands of calls a minute.', receivedAt: now },
  });
  return suspension.id;
}

async function appeal({ platform }: Exhibition, { owner }: Maker, suspensionId: string): Promise<string> {
  const text =
    'We are sorry. A build of last night sent every request twice.\n\nIt is fixed since 10:40, and a test holds it: <b>please</b> look at our requests since then.';
  return ok(await makeAppeal(platform, owner, { suspensionId, accountId: owner.id, text })).appeal.id;
}
