import type { Page } from 'playwright-core';
import { makeAppeal } from '../../src/defense/suspensions/appeals.ts';
import { endSuspension } from '../../src/defense/suspensions/end.ts';
import { begin, pause, type Times } from '../../src/defense/suspensions/ladder.ts';
import { startSuspension, type SuspensionWish } from '../../src/defense/suspensions/start.ts';
import { createApi } from '../../src/developers/apis/api.ts';
import { createClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { decideAppeal } from '../../src/developers/suspensions/decide-appeal.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { postAs } from '../support/relying-party.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** What developers see whose app was slowed or paused, and what the owners of the API see of it. */
export const suspensionScenes: Scenes = {
  'suspensions-none': async (page, world) => {
    const stand = await aStand(world);
    await to(page, world, stand, `/apps/${stand.clientId}/suspensions`);
  },
  suspensions: async (page, world) => {
    const stand = await aStand(world);
    await endSuspension(world.platform, OPERATOR, { id: await stopped(world, stand), confirmed: true });
    await misused(world, stand, (now) => pause(2, now));
    await to(page, world, stand, `/apps/${stand.clientId}/suspensions`);
  },
  'suspensions-app-overview': async (page, world) => {
    const stand = await aStand(world);
    await misused(world, stand, (now) => pause(1, now));
    await stopped(world, stand);
    await to(page, world, stand, `/apps/${stand.clientId}`);
  },
  'suspensions-organization-overview': async (page, world) => {
    const stand = await aStand(world);
    await misused(world, stand, (now) => pause(1, now));
    await to(page, world, stand, '');
  },
  'suspension-watched': async (page, world) => {
    const stand = await aStand(world);
    await to(
      page,
      world,
      stand,
      `/suspensions/${await misused(world, stand, (now) => begin('observe', 0, now))}`,
    );
  },
  'suspension-paused': async (page, world) => {
    const stand = await aStand(world);
    for (const scope of ['papers:steal', 'papers:burn']) {
      const app = { clientId: stand.clientId, secret: stand.secret };
      await postAs(world.url, '/token', app, { grant_type: 'client_credentials', scope });
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const id = await misused(world, stand, (now) => pause(3, now));
    const outlivingUntil = new Date(Date.now() + 9 * 60_000);
    await world.platform.db.suspension.update({
      where: { id },
      data: { outlivingTokens: 41, outlivingUntil },
    });
    await to(page, world, stand, `/suspensions/${id}`);
  },
  'suspension-waits': async (page, world) => {
    const stand = await aStand(world);
    await to(page, world, stand, `/suspensions/${await stopped(world, stand)}`);
  },
  'suspension-appeal-problem': async (page, world) => {
    const stand = await aStand(world);
    await to(page, world, stand, `/suspensions/${await stopped(world, stand)}`);
    await page.getByRole('textbox', { name: 'What should they know?' }).fill('Why?');
    await withPointer(page).press('Send the appeal');
  },
  'suspension-appealed': async (page, world) => {
    const stand = await aStand(world);
    await to(page, world, stand, `/suspensions/${await stopped(world, stand)}`);
    await page.getByRole('textbox', { name: 'What should they know?' }).fill(APPEAL);
    await withPointer(page).press('Send the appeal');
    await withPointer(page).unfold('What was written');
  },
  'suspension-appeal-refused': async (page, world) => {
    const stand = await aStand(world);
    const id = await stopped(world, stand);
    const appeal = { suspensionId: id, accountId: stand.person.id, text: APPEAL };
    const made = ok(await makeAppeal(world.platform, OPERATOR, appeal));
    const note = 'The page that looks like our sign-in is still there. Take it down, then write to support.';
    ok(await decideAppeal(world.platform, OPERATOR, { id: made.appeal.id, granted: false, note }));
    await to(page, world, stand, `/suspensions/${id}`);
  },
  'suspension-over': async (page, world) => {
    const stand = await aStand(world);
    const id = await misused(world, stand, (now) => pause(1, now));
    ok(await endSuspension(world.platform, OPERATOR, { id }));
    await to(page, world, stand, `/suspensions/${id}`);
  },
  'suspensions-at-api': async (page, world) => {
    const stand = await aStand(world);
    await misused(world, stand, (now) => pause(1, now));
    await to(page, world, stand, `/apis/${stand.apiId}/suspensions`);
  },
  'suspensions-at-api-none': async (page, world) => {
    const stand = await aStand(world);
    await to(page, world, stand, `/apis/${stand.apiId}/suspensions`);
  },
};

const APPEAL =
  'A test of ours went to the live service and asked for every scope it could think of.\n\nIt is switched off since noon, and the job that ran it has other credentials now.';

interface Stand {
  readonly person: Person;
  readonly organizationId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly apiId: string;
}

let stands = 0;

async function aStand({ platform }: Exhibition): Promise<Stand> {
  stands += 1;
  const person = await newPerson(platform);
  const named = { name: 'Paper & Pencil', ownerEmail: person.email };
  const { id: organizationId } = ok(await createOrganization(platform, OPERATOR, named)).organization;
  const identifier = `https://archive-${stands}.example`;
  const scopes = [
    { name: 'papers:read', description: 'See your papers' },
    { name: 'papers:write', description: 'Change your papers' },
  ];
  const api = { organizationId, identifier, name: 'Papers', scopes, tokenFormat: 'jwt' } as const;
  const { id: apiId } = ok(await createApi(platform, OPERATOR, api)).api;
  const app = { organizationId, name: 'Planner', type: 'machine', resources: [identifier] } as const;
  const { client, issued } = ok(await createClient(platform, OPERATOR, app));
  return { person, organizationId, clientId: client.id, secret: issued?.secret ?? '', apiId };
}

/** What a rule found, at the rung that `times` says. */
async function misused({ platform }: Exhibition, stand: Stand, times: (now: Date) => Times): Promise<string> {
  const evidence = { signal: 'scope-refused', times: 31, minutes: 60, distinct: 28 };
  const wish: SuspensionWish = { kind: 'access', ids: stand, rule: 'scopes-probed-at-api', evidence };
  const { id } = ok(await startSuspension(platform, { kind: 'job', id: 'watch' }, wish)).suspension;
  await platform.db.suspension.update({ where: { id }, data: times(new Date()) });
  return id;
}

async function stopped({ platform }: Exhibition, { clientId }: Stand): Promise<string> {
  const note = 'Its page https://planner.example/login copies the look of a bank and asks for passwords.';
  const wish: SuspensionWish = { kind: 'client', ids: { clientId }, note };
  return ok(await startSuspension(platform, OPERATOR, wish)).suspension.id;
}

async function to(page: Page, world: Exhibition, stand: Stand, below: string): Promise<void> {
  const path = `/developers/organizations/${stand.organizationId}${below}`;
  await toAccountPage(page, world, path, stand.person);
}
