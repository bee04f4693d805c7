import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { changeLogo } from '../../src/developers/clients/logo.ts';
import { createClient, type NewClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { newId } from '../../src/platform/ids.ts';
import { ok } from '../support/developers.ts';
import { withPointer } from '../support/browser.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { open, type Scenes, signInHere, toAccountPage } from './scene-steps.ts';

/** Apps as their developers see them: registering, the guide, settings, redirects, branding, stages. */
export const developerAppScenes: Scenes = {
  'developer-apps-none': (page, world) => toAppPage(page, world, ''),
  'developer-apps': async (page, world) => {
    const stand = await aStand(world);
    await anApp(world, stand, { name: 'Pneumonoultramicroscopicsilicovolcanoconiosis Diary for All' });
    await anApp(world, stand, { type: 'machine', redirectUris: [], stage: 'live' });
    await toAppPage(page, world, '', stand);
  },
  'developer-app-new': (page, world) => toAppPage(page, world, '/new'),
  'developer-app-new-problems': async (page, world) => {
    await toAppPage(page, world, '/new?type=agent');
    await page.getByRole('textbox', { name: 'Name' }).fill('\u200b');
    await withPointer(page).press('Register it');
  },
  'developer-app-made': async (page, world) => {
    await toAppPage(page, world, '/new?type=web');
    await page.getByRole('textbox', { name: 'Name' }).fill('Paper Planner');
    await withPointer(page).press('Register it');
  },
  'developer-app-overview': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, { type: 'spa' })}`, stand);
  },
  'developer-app-settings': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/settings`, stand);
    await page.getByLabel('Homepage').fill('javascript:alert(1)');
    await page.getByLabel('Privacy notice').fill('http://planner.example/privacy');
    await withPointer(page).press('Save');
  },
  'developer-app-redirect-uris': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/redirect-uris`, stand);
    await page.getByLabel('Redirect URI 2').fill('https://planner.example/*');
    await page.getByText('has a wildcard').waitFor();
  },
  'developer-app-redirect-uris-problems': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/redirect-uris`, stand);
    await page.getByLabel('Redirect URI 2').fill('http://planner.example/callback');
    await page.getByLabel('Sign-out URI 1').fill('data:text/html,x');
    await withPointer(page).press('Save');
  },
  'developer-app-deletion': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/deletion`, stand);
    await page.getByLabel('Type the name of the app').fill('Another');
    await withPointer(page).press('Delete this app');
  },
  'developer-app-suspension': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/suspension`, stand);
    await withPointer(page).press('Stop this app');
  },
  'developer-app-branding': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await aFineApp(world, stand)}/branding`, stand);
  },
  'developer-app-branding-problems': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/branding`, stand);
    const file = { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') };
    await page.getByLabel('New logo').setInputFiles(file);
    await withPointer(page).press('Use this logo');
  },
  'developer-app-consent-preview': async (page, world) => {
    const stand = await aStand(world);
    const app = await aFineApp(world, stand);
    await toAppPage(page, world, `/${app}/consent-preview?language=en`, stand);
  },
  'developer-app-stage': async (page, world) => {
    const stand = await aStand(world);
    const redirectUris = ['https://planner.example/callback', 'https://planner.example/second'];
    await toAppPage(page, world, `/${await anApp(world, stand, { redirectUris })}/stage`, stand);
  },
  'developer-app-stage-problems': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/stage`, stand);
    await page.getByRole('checkbox').check();
    await withPointer(page).press('Go live');
  },
  'developer-app-stage-live': async (page, world) => {
    const stand = await aStand(world);
    const clientId = await aFineApp(world, stand);
    const { db, clock } = world.platform;
    await db.client.update({ where: { id: clientId }, data: { stage: 'live' } });
    const asked = { clientId, askedBy: stand.person.id, askedAt: clock.now() };
    const note = 'Please choose a name that says what the app does.';
    const decided = { outcome: 'refused', decidedAt: clock.now(), note };
    await db.clientReview.create({ data: { id: newId(), ...asked, kind: 'change' } });
    await db.clientReview.create({ data: { id: newId(), ...asked, ...decided, kind: 'live' } });
    await toAppPage(page, world, `/${clientId}/stage`, stand);
  },
  'developer-app-verification': async (page, world) => {
    const stand = await aStand(world);
    const { db, clock } = world.platform;
    const row = {
      organizationId: stand.organizationId,
      challenge: 'x',
      method: 'dns',
      createdAt: clock.now(),
    };
    await db.provenHost.create({ data: { ...row, host: 'planner.example', provenAt: clock.now() } });
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/verification`, stand);
  },
  'developer-app-verification-none': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/verification`, stand);
  },
  'developer-app-testers': async (page, world) => {
    const stand = await aStand(world);
    const clientId = await anApp(world, stand, {});
    const tester = await newPerson(world.platform);
    const createdAt = world.platform.clock.now();
    await world.platform.db.clientTester.create({ data: { clientId, accountId: tester.id, createdAt } });
    await toAppPage(page, world, `/${clientId}/testers`, stand);
    await page.getByLabel('Invite a tester').fill('friend@example.org');
    await withPointer(page).press('Send the invitation');
  },
  'developer-app-testers-problems': async (page, world) => {
    const stand = await aStand(world);
    await toAppPage(page, world, `/${await anApp(world, stand, {})}/testers`, stand);
    await page.getByLabel('Invite a tester').fill(stand.person.email);
    await withPointer(page).press('Send the invitation');
  },
  'consent-checked-publisher': async (page, world) => {
    const stand = await aStand(world);
    const clientId = await aFineApp(world, stand);
    const createdAt = world.platform.clock.now();
    const tester = await newPerson(world.platform);
    await world.platform.db.clientTester.create({ data: { clientId, accountId: tester.id, createdAt } });
    await open(
      page,
      world,
      { clientId, secret: '', redirectUri: 'https://planner.example/callback' },
      {
        scope: 'openid email',
      },
    );
    await signInHere(page, tester);
  },
};

/** With a logo, a checked publisher and everything to read. */
async function aFineApp(world: Exhibition, stand: Stand): Promise<string> {
  const clientId = await anApp(world, stand, {});
  const { platform } = world;
  const file = await sharp({ create: { width: 90, height: 90, channels: 3, background: '#7a4f9b' } })
    .png()
    .toBuffer();
  ok(await changeLogo(platform, OPERATOR, { organizationId: stand.organizationId, clientId, file }));
  await platform.db.client.update({
    where: { id: clientId },
    data: {
      ...{ verifiedAt: platform.clock.now(), verifiedHost: 'planner.example' },
      ...{ privacyUri: 'https://planner.example/privacy', termsUri: 'https://planner.example/terms' },
    },
  });
  return clientId;
}

interface Stand {
  readonly person: Person;
  readonly organizationId: string;
}

async function aStand({ platform }: Exhibition): Promise<Stand> {
  const person = await newPerson(platform);
  const input = { name: 'Paper & Pencil', ownerEmail: person.email };
  const { organization } = ok(await createOrganization(platform, OPERATOR, input));
  return { person, organizationId: organization.id };
}

/** Answers its client ID. */
async function anApp(
  { platform }: Exhibition,
  { organizationId }: Stand,
  overrides: Partial<NewClient>,
): Promise<string> {
  const redirectUris = ['https://planner.example/callback'];
  const app = { name: 'Planner', type: 'web', redirectUris, stage: 'development' } as const;
  return ok(await createClient(platform, OPERATOR, { organizationId, ...app, ...overrides })).client.id;
}

/** Opens a page below the apps of an organization as its owner. */
async function toAppPage(page: Page, world: Exhibition, below: string, stand?: Stand): Promise<void> {
  const { person, organizationId } = stand ?? (await aStand(world));
  await toAccountPage(page, world, `/developers/organizations/${organizationId}/apps${below}`, person);
}
