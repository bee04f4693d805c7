import type { Page } from 'playwright-core';
import { findApi } from '../../src/developers/apis/api.ts';
import { noteUsage, type UsageNote, writeUsage } from '../../src/developers/insights/usage-notes.ts';
import { newApi, newApp, newPerson, type Notes, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** Usage, checks and the documentation, as a developer sees them. */
export const insightScenes: Scenes = {
  'usage-of-app': (page, world) => toUsage(page, world, '?span=48h'),
  'usage-of-app-days': async (page, world) => {
    await toUsage(page, world, '?span=30d');
    for (const numbers of await page.locator('.chart summary').all()) await numbers.click();
  },
  'usage-of-app-long': (page, world) => toUsage(page, world, '?span=90d'),
  'usage-of-api-none': async (page, world) => {
    const stand = await aStand(world);
    await toAccountPage(page, world, `${stand.api}/usage`, stand.person);
  },
  'checks-of-app': async (page, world) => {
    const stand = await aStand(world);
    await toAccountPage(page, world, `${stand.app}/checks`, stand.person);
  },
  'checks-of-api': async (page, world) => {
    const stand = await aStand(world);
    await toAccountPage(page, world, `${stand.api}/checks`, stand.person);
  },
  docs: async (page, { url }) => void (await page.goto(`${url}/docs`)),
  'docs-quick-start': async (page, world) => {
    const stand = await aStand(world);
    await toAccountPage(page, world, '/docs/quick-start/web', stand.person);
  },
  'docs-quick-start-none': (page, world) => toAccountPage(page, world, '/docs/quick-start/spa'),
  'docs-protect': async (page, { url }) => void (await page.goto(`${url}/docs/protect-your-api`)),
  'docs-errors': async (page, { url }) => void (await page.goto(`${url}/docs/errors`)),
  'docs-error': async (page, { url }) => void (await page.goto(`${url}/docs/errors/invalid_grant`)),
  'docs-limits': async (page, { url }) => void (await page.goto(`${url}/docs/limits`)),
};

interface Stand {
  readonly person: Person;
  readonly clientId: string;
  readonly app: string;
  readonly api: string;
}

/** An app and an API of an organization that the person belongs to. */
async function aStand({ platform }: Exhibition): Promise<Stand> {
  const notes: Notes = await newApi(platform, { identifier: `https://${crypto.randomUUID()}.example` });
  const { organizationId } = notes;
  const { clientId } = await newApp(platform, notes, { scopes: ['openid', 'notes:read', 'notes:write'] });
  const person = await newPerson(platform);
  const member = { organizationId, accountId: person.id, role: 'owner', createdAt: platform.clock.now() };
  await platform.db.organizationMember.create({ data: member });
  const home = `/developers/organizations/${organizationId}`;
  const api = await findApi(platform, notes.identifier);
  return { person, clientId, app: `${home}/apps/${clientId}`, api: `${home}/apis/${api?.id}` };
}

/** A day at work: quiet at night, a bad release at noon, one slow evening. */
async function toUsage(page: Page, world: Exhibition, query: string): Promise<void> {
  const { platform } = world;
  const stand = await aStand(world);
  const now = platform.clock.now().getTime();
  for (let hours = 0; hours < 24 * 90; hours += 1) {
    const at = new Date(now - hours * 3_600_000);
    const busy = Math.max(0, Math.round(40 * Math.sin(((at.getUTCHours() - 6) * Math.PI) / 14)));
    const note: UsageNote = { clientId: stand.clientId, at, endpoint: 'token', milliseconds: 5 };
    for (let calls = 0; calls < busy; calls += 1)
      noteUsage(platform, { ...note, tokens: 2, milliseconds: 4 + calls, subject: `${calls % 17}` });
    if (at.getUTCHours() === 12)
      for (let calls = 0; calls < 25; calls += 1) noteUsage(platform, { ...note, error: 'invalid_grant' });
    if (hours % 7 === 0)
      noteUsage(platform, { ...note, endpoint: 'userinfo', error: 'invalid_token', milliseconds: 900 });
  }
  await writeUsage(platform);
  await toAccountPage(page, world, `${stand.app}/usage${query}`, stand.person);
}
