import type { Page } from 'playwright-core';
import { grantAccess } from '../../src/developers/access/access.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { addRoute } from '../../src/developers/apis/gateway/route-changes.ts';
import { uploadReference } from '../../src/developers/apis/reference/reference.ts';
import { withPointer } from '../support/browser.ts';
import { newApi, newApp, newOrganization, newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** What a gateway in front of an API lets through, as its owners see it, and what is left of an app's limits there. */
export const gatewayScenes: Scenes = {
  'gateway-nothing-listed': (page, world) => toGateway(page, world, {}),
  gateway: (page, world) => toGateway(page, world, { routes: true }),
  'gateway-jwt-configs': async (page, world) => {
    await toGateway(page, world, { routes: true, tokenFormat: 'jwt' });
    for (const summary of await page.locator('main summary').all()) await summary.click();
  },
  'gateway-problems': async (page, world) => {
    await toGateway(page, world, {});
    const form = page.locator('form[action$="/routes"]');
    await form.getByLabel('Path').fill('/notes//{id}');
    await form.getByLabel('Scopes that are needed').fill('notes:read');
    await withPointer(page).press('List it');
  },
  'gateway-tried': async (page, world) => {
    await toGateway(page, world, { routes: true });
    await page.locator('#try-path').fill('/v1/notes/17');
    await page.locator('#try-scopes').fill('notes:read');
    await page.locator('#try-method').selectOption('DELETE');
    await withPointer(page).press('Try it');
  },
  'gateway-import': async (page, world) => {
    await toGateway(page, world, { routes: true, reference: true });
    await page.getByRole('link', { name: 'Take the routes of the reference' }).click();
  },
  'docs-gateway': async (page, { url }) => void (await page.goto(`${url}/docs/put-a-gateway-in-front`)),
  'usage-limits-left': async (page, world) => {
    const { platform } = world;
    const api = await newApi(platform, { identifier: `https://${crypto.randomUUID()}.example` });
    const organizationId = await newOrganization(platform, 'Guests');
    const { clientId } = await newApp(platform, api, { organizationId });
    const access = {
      clientId,
      apiIdentifier: api.identifier,
      origin: 'operator',
      scopes: ['notes:read'],
    } as const;
    await grantAccess(platform, OPERATOR, { ...access, requestsPerMinute: 600, peoplePerDay: 1000 });
    const person = await aMember(world, organizationId);
    const home = `/developers/organizations/${organizationId}`;
    await toAccountPage(page, world, `${home}/apps/${clientId}/usage`, person);
  },
};

async function aMember({ platform }: Exhibition, organizationId: string): Promise<Person> {
  const person = await newPerson(platform);
  const member = { organizationId, accountId: person.id, role: 'owner', createdAt: platform.clock.now() };
  await platform.db.organizationMember.create({ data: member });
  return person;
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Notes' },
  servers: [{ url: 'https://notes.example/v1' }],
  security: [{ oauth: ['notes:read'] }],
  paths: {
    '/notes': { get: {}, post: { security: [{ oauth: ['notes:write'] }] } },
    '/notes/{id}': { get: {}, delete: { security: [{ oauth: ['notes:burn'] }] } },
    '/notes/{id}.{format}': { get: {} },
    '/health': { get: { security: [] } },
  },
};

async function toGateway(
  page: Page,
  world: Exhibition,
  given: { routes?: boolean; reference?: boolean; tokenFormat?: 'opaque' | 'jwt' },
): Promise<void> {
  const { platform } = world;
  const { tokenFormat = 'opaque' } = given;
  const notes = await newApi(platform, { identifier: `https://${crypto.randomUUID()}.example`, tokenFormat });
  const { organizationId } = notes;
  const apiId = String((await findApi(platform, notes.identifier))?.id);
  const mine = { apiId, organizationId };
  const routes = given.routes
    ? ([
        ['GET', '/v1/notes', ['notes:read']],
        ['POST', '/v1/notes', ['notes:write']],
        ['DELETE', '/v1/notes/{id}', ['notes:read', 'notes:write']],
        ['*', '/v1/files/{rest*}', ['*']],
        ['GET', '/v1/health', []],
      ] as const)
    : [];
  for (const [method, path, scopes] of routes)
    await addRoute(platform, OPERATOR, { ...mine, method, path, scopes });
  if (given.reference)
    await uploadReference(platform, OPERATOR, { ...mine, bytes: Buffer.from(JSON.stringify(DOCUMENT)) });
  const person = await aMember(world, organizationId);
  await toAccountPage(
    page,
    world,
    `/developers/organizations/${organizationId}/apis/${apiId}/gateway`,
    person,
  );
}
