import type { Page } from 'playwright-core';
import { createApi, registerApi } from '../../src/developers/apis/api.ts';
import { uploadReference } from '../../src/developers/apis/reference/reference.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { acceptTerms, publishTerms } from '../../src/developers/apis/terms.ts';
import { approveHost } from '../../src/developers/organizations/host-proofs.ts';
import { claimHost } from '../../src/developers/organizations/hosts.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** APIs as their owners make and describe them, and the hosts they prove. */
export const apiScenes: Scenes = {
  'apis-none': async (page, world) => {
    const owner = await anOwner(world);
    await toAccountPage(page, world, `${owner.home}/apis`, owner.person);
  },
  apis: async (page, world) => {
    const { person, home } = await withApi(world);
    await toAccountPage(page, world, `${home}/apis`, person);
  },
  'api-new-problems': async (page, world) => {
    const owner = await anOwner(world);
    await toAccountPage(page, world, `${owner.home}/apis/new`, owner.person);
    await withPointer(page).fill('Name', 'Calendar');
    await withPointer(page).fill('Identifier', 'http://calendar.example');
    await withPointer(page).press('Register it');
  },
  'api-waits': async (page, world) => {
    const owner = await anOwner(world);
    const actor = { kind: 'account', id: owner.person.id } as const;
    const claim = { name: 'Calendar', identifier: `https://${crypto.randomUUID()}.example` };
    const { api } = ok(await registerApi(world.platform, actor, { ...owner, ...claim }));
    await toAccountPage(page, world, `${owner.home}/apis/${api.id}`, owner.person);
  },
  api: (page, world) => toApi(page, world, ''),
  'api-settings-problems': async (page, world) => {
    await toApi(page, world, '/settings');
    await withPointer(page).fill('Documentation', 'http://docs.example');
    await withPointer(page).fill('Seconds a token lives', '7200');
    await withPointer(page).press('Save');
  },
  'api-deletion-problems': async (page, world) => {
    await toApi(page, world, '/deletion');
    await withPointer(page).fill('Type its name to confirm', 'Papers');
    await withPointer(page).press('Delete the API');
  },
  'api-scopes': (page, world) => toApi(page, world, '/scopes'),
  'api-scope': (page, world) => toApi(page, world, '/scopes/by-name/papers%3Aread'),
  'api-scope-question': async (page, world) => {
    await toApi(page, world, '/scopes/new');
    await withPointer(page).fill('Name', 'photos:write');
    await withPointer(page).fill('Sentence for people in English', 'Add and delete your photos');
    await page.getByRole('radio', { name: /^writes/ }).check();
    await withPointer(page).press('Add the scope');
  },
  'api-scope-removal': (page, world) => toApi(page, world, '/scopes/by-name/papers%3Aread/removal'),
  'api-terms': (page, world) => toApi(page, world, '/terms'),
  'api-terms-problems': async (page, world) => {
    await toApi(page, world, '/terms');
    await withPointer(page).fill('Terms', 'Be kind');
    await withPointer(page).press('Publish this version');
  },
  'api-reference': async (page, world) => {
    await toApi(page, world, '/reference');
    for (const summary of await page.locator('main summary').all()) await summary.click();
  },
  'api-reference-problems': async (page, world) => {
    const { person, home, apiId } = await withApi(world, { bare: true });
    await toAccountPage(page, world, `${home}/apis/${apiId}/reference`, person);
    await withPointer(page).press('Upload');
  },
  'api-protection': async (page, world) => {
    await toApi(page, world, '/protection');
    for (const summary of await page.locator('main summary').all()) await summary.click();
  },
  'api-token-check': async (page, world) => {
    await toApi(page, world, '/protection');
    const token = newHandle('access', world.platform.clock.now());
    await withPointer(page).fill('Access token', token);
    await withPointer(page).press('Check it');
  },
  hosts: async (page, world) => {
    const owner = await withHosts(world);
    await toAccountPage(page, world, `${owner.home}/hosts`, owner.person);
  },
  'hosts-problems': async (page, world) => {
    const owner = await anOwner(world);
    await toAccountPage(page, world, `${owner.home}/hosts`, owner.person);
    await withPointer(page).fill('Host', 'localhost');
    await withPointer(page).press('Continue');
  },
  host: async (page, world) => {
    const owner = await withHosts(world);
    await toAccountPage(page, world, `${owner.home}/hosts/${owner.claimed}`, owner.person);
  },
  'host-proven': async (page, world) => {
    const owner = await withHosts(world);
    await toAccountPage(page, world, `${owner.home}/hosts/${owner.proven}`, owner.person);
  },
};

interface Owner {
  readonly person: Person;
  readonly organizationId: string;
  readonly home: string;
}

async function anOwner({ platform }: Exhibition): Promise<Owner> {
  const person = await newPerson(platform);
  const name = 'The Honourable Company of Stationers and Newspaper Makers';
  const made = ok(await createOrganization(platform, OPERATOR, { name, ownerEmail: person.email }));
  const organizationId = made.organization.id;
  return { person, organizationId, home: `/developers/organizations/${organizationId}` };
}

const TERMS = 'Be kind to the papers.\n\nDo not keep what people wrote for longer than a day.';

/** An API that says everything about itself; a bare one says nothing. */
async function withApi(
  world: Exhibition,
  { bare = false }: { bare?: boolean } = {},
): Promise<Owner & { apiId: string }> {
  const owner = await anOwner(world);
  const { platform } = world;
  const { organizationId } = owner;
  const identifier = `https://${crypto.randomUUID()}.papers.example/v1`;
  const scopes = [
    { name: 'papers:read', description: 'Read your papers' },
    { name: 'papers:write', description: 'Write papers in your name, and throw away those you do not need' },
    { name: 'papers:everything-there-is:admin', description: 'Decide who may read which paper' },
  ];
  const name = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerke';
  const input = { organizationId, identifier, name, scopes };
  const { api } = ok(await createApi(platform, OPERATOR, input));
  if (bare) return { ...owner, apiId: api.id };
  const of = { apiIdentifier: identifier };
  const sentences = { de: 'Deine Papiere lesen' };
  const details = 'GET on /papers and below';
  await changeScope(platform, OPERATOR, { ...of, name: 'papers:read', sentences, details, optional: true });
  const old = { name: 'papers:write', deprecated: true, successor: 'papers:read', sensitivity: 'restricted' };
  await changeScope(platform, OPERATOR, { ...of, ...old } as Parameters<typeof changeScope>[2]);
  ok(await publishTerms(platform, OPERATOR, { organizationId, apiId: api.id, text: TERMS }));
  const accepted = { apiId: api.id, version: 1, clientId: world.longNames.clientId, accountId: null };
  ok(await acceptTerms(platform, OPERATOR, accepted));
  const bytes = Buffer.from(JSON.stringify(DOCUMENT));
  ok(await uploadReference(platform, OPERATOR, { organizationId, apiId: api.id, bytes }));
  return { ...owner, apiId: api.id };
}

async function toApi(page: Page, world: Exhibition, path: string): Promise<void> {
  const { person, home, apiId } = await withApi(world);
  await toAccountPage(page, world, `${home}/apis/${apiId}${path}`, person);
}

async function withHosts(world: Exhibition) {
  const owner = await anOwner(world);
  const { organizationId } = owner;
  const claimed = `${crypto.randomUUID()}.customers.pneumonoultramicroscopicsilicovolcanoconiosis.example`;
  const proven = `${crypto.randomUUID()}.example`;
  ok(await claimHost(world.platform, OPERATOR, { organizationId, host: claimed }));
  ok(await approveHost(world.platform, OPERATOR, { organizationId, host: proven }));
  return { ...owner, claimed, proven };
}

const PAPER = {
  type: 'object',
  required: ['title'],
  properties: {
    title: { type: 'string', maxLength: 120, description: 'What stands above it' },
    text: { type: 'string' },
    words: { type: 'integer', minimum: 0, maximum: 100_000 },
  },
};

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Papers', version: '1.4', description: 'Everything about papers.\nAnd pencils.' },
  security: [{ oauth: ['papers:read'] }],
  paths: {
    '/papers': {
      get: {
        summary: 'Lists papers',
        description: 'The newest first.',
        responses: {
          200: {
            description: 'Papers',
            content: { 'application/json': { schema: { type: 'array', items: PAPER } } },
          },
        },
      },
      post: {
        summary: 'Writes a paper',
        deprecated: true,
        security: [],
        requestBody: { required: true, content: { 'application/json': { schema: PAPER } } },
        responses: { 201: { description: 'Written' } },
      },
    },
    '/papers/{paper}/pages/with/a/very/long/path/that/nobody/can/break/anywhere/{page}': {
      parameters: [{ name: 'paper', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } }],
      delete: { summary: 'Throws a page away', security: [{ oauth: ['pages:admin'] }] },
    },
  },
};
