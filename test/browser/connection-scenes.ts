import { grantAccess } from '../../src/developers/access/access.ts';
import { PERSONAL_TOKENS_CLIENT } from '../../src/developers/access/personal-access.ts';
import { findClient } from '../../src/developers/clients/client.ts';
import { connectApp } from '../../src/oidc/app-letters.ts';
import { createPersonalToken } from '../../src/oidc/personal-tokens.ts';
import { newId } from '../../src/platform/ids.ts';
import { type EndChoice, endOf } from '../../src/tokens/consent-ends.ts';
import { IDENTITY } from '../../src/tokens/consents.ts';
import { newSession } from '../support/sessions.ts';
import { withPointer } from '../support/browser.ts';
import { type App, newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** Connected apps and personal access tokens. */
export const connectionScenes: Scenes = {
  'account-apps': async (page, world) => {
    const person = await withApps(world);
    await toAccountPage(page, world, '/account/apps', person);
    for (const places of await page.locator('summary').all())
      if (await places.isVisible()) await places.click();
  },
  'account-apps-none': (page, world) => toAccountPage(page, world, '/account/apps'),
  'account-apps-removed': async (page, world) => {
    await toAccountPage(page, world, '/account/apps', await withApps(world));
    await withPointer(page).press('Remove Notebook');
  },
  'account-apps-end': async (page, world) => {
    const person = await withApps(world);
    await toAccountPage(page, world, `/account/apps/${world.longNames.clientId}/end`, person);
  },
  'account-tokens': async (page, world) =>
    toAccountPage(page, world, '/account/tokens', await withTokens(world)),
  'account-tokens-none': (page, world) => toAccountPage(page, world, '/account/tokens'),
  'account-tokens-choice': async (page, world) => {
    await apisOpen(world);
    await toAccountPage(page, world, '/account/tokens/new');
  },
  'account-tokens-new': async (page, world) => {
    const api = await apisOpen(world);
    await toAccountPage(page, world, `/account/tokens/new?api=${api}`);
  },
  'account-tokens-problems': async (page, world) => {
    const api = await apisOpen(world);
    await toAccountPage(page, world, `/account/tokens/new?api=${api}`);
    await page.getByLabel('Days until it ends').fill('400');
    await page.getByRole('textbox', { name: 'Name' }).fill('\u200b');
    await withPointer(page).press('Make the token');
  },
  'account-tokens-made': async (page, world) => {
    const api = await apisOpen(world);
    await toAccountPage(page, world, `/account/tokens/new?api=${api}`);
    await page.getByRole('textbox', { name: 'Name' }).fill('Backup script');
    await page.getByRole('checkbox').first().check();
    await withPointer(page).press('Make the token');
  },
};

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

/** Somebody who allowed two apps, each of them in two places. */
async function withApps(world: Exhibition): Promise<Person> {
  const person = await newPerson(world.platform);
  for (const [app, choice] of [
    [world.notebook, 'unused-90-days'],
    [world.longNames, 'until-removed'],
  ] as const) {
    await allowApp(world, person, app, choice);
    await connect(world, person, app, null);
    await connect(world, person, app, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  }
  return person;
}

export async function allowApp(
  world: Exhibition,
  { id: accountId }: Person,
  app: App,
  choice: EndChoice,
): Promise<void> {
  const { platform } = world;
  const [resource = ''] = await resourcesOf(world, app);
  await connectApp(
    platform,
    { kind: 'account', id: accountId },
    {
      accountId,
      clientId: app.clientId,
      allowed: [
        { resource: IDENTITY, scopes: ['openid', 'profile', 'offline_access'] },
        { resource, scopes: ['notes:read', 'notes:write'] },
      ],
      end: endOf(choice, platform.clock.now()),
    },
  );
}

export async function connect(
  { platform }: Exhibition,
  person: Person,
  { clientId }: App,
  keyThumbprint: string | null,
): Promise<void> {
  const createdAt = platform.clock.now();
  const expiresAt = new Date(createdAt.getTime() + 86_400_000);
  const whose = { accountId: person.id, clientId, endsWithSession: keyThumbprint === null };
  await platform.db.grant.create({
    data: { id: newId(), ...whose, payload: {}, keyThumbprint, userAgent: PHONE, createdAt, expiresAt },
  });
}

async function resourcesOf({ platform }: Exhibition, { clientId }: App): Promise<readonly string[]> {
  return (await findClient(platform, clientId))?.resources ?? [];
}

/** Opens two APIs to everybody's own tokens; answers the client id of the one with the long names. */
export async function apisOpen(world: Exhibition): Promise<string> {
  const { platform } = world;
  let last = '';
  for (const app of [world.notebook, world.longNames]) {
    const [apiIdentifier = ''] = await resourcesOf(world, app);
    const access = { clientId: PERSONAL_TOKENS_CLIENT, apiIdentifier, origin: 'operator' } as const;
    await grantAccess(platform, OPERATOR, { ...access, scopes: ['notes:read', 'notes:write'] });
    last = (await platform.db.api.findUniqueOrThrow({ where: { identifier: apiIdentifier } })).clientId;
  }
  return last;
}

async function withTokens(world: Exhibition): Promise<Person> {
  await apisOpen(world);
  const { platform } = world;
  const person = await newPerson(platform);
  const { id: sessionId } = await newSession(platform, person.id);
  for (const [app, name] of [
    [world.notebook, 'Backup script'],
    [world.longNames, 'Pneumonoultramicroscopicsilicovolcanoconiosis export at nine'],
  ] as const) {
    const [resource = ''] = await resourcesOf(world, app);
    const wish = {
      accountId: person.id,
      sessionId,
      name,
      resource,
      scopes: ['notes:read', 'notes:write'],
      days: 30,
    };
    const made = await createPersonalToken(platform, { kind: 'account', id: person.id }, wish);
    if (!made.ok) throw new Error(made.reason);
  }
  return person;
}
