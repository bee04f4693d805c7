import type { Page } from 'playwright-core';
import { endAccess } from '../../src/developers/access/access-ends.ts';
import { refuseRequest } from '../../src/developers/access/access-decisions.ts';
import { makeCode } from '../../src/developers/access/access-codes.ts';
import { askForAccess } from '../../src/developers/access/access-requests.ts';
import { createApi } from '../../src/developers/apis/api.ts';
import { makeOpening, type NewOpening } from '../../src/developers/access/openings.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { takeAccess } from '../../src/developers/access/take-access.ts';
import { publishTerms } from '../../src/developers/apis/terms.ts';
import { createClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** Access from both sides: who opens an API, and who wants to use it. */
export const accessScenes: Scenes = {
  'access-openings-none': (page, world) => toApi(page, world, '/openings'),
  'access-openings': async (page, world) => {
    const fair = await aFair(world);
    await opened(world, fair, { kind: 'all' });
    await opened(world, fair, { kind: 'organization', forId: fair.guest.organizationId, days: 365 });
    await opened(world, fair, { kind: 'app', forId: fair.guest.clientId, peoplePerDay: null });
    await toApi(page, world, '/openings', fair);
  },
  'access-opening-new': (page, world) => toApi(page, world, '/openings/new'),
  'access-opening-problems': async (page, world) => {
    await toApi(page, world, '/openings/new');
    await page.getByRole('radio', { name: /One app/ }).check();
    await page.getByRole('textbox', { name: 'People a day' }).fill('many');
    await withPointer(page).press('Open it like this');
  },
  'access-opening-ending': async (page, world) => {
    const fair = await aFair(world);
    const { id } = await taken(world, fair);
    const { originId } = await world.platform.db.access.findUniqueOrThrow({ where: { id } });
    await toApi(page, world, `/openings/${originId}/ending`, fair);
  },
  'access-requests': async (page, world) => {
    const fair = await aFair(world);
    await asked(world, fair);
    await toApi(page, world, '/access-requests', fair);
  },
  'access-requests-none': (page, world) => toApi(page, world, '/access-requests'),
  'access-request': async (page, world) => {
    const fair = await aFair(world);
    await toApi(page, world, `/access-requests/${await asked(world, fair)}`, fair);
  },
  'access-request-problems': async (page, world) => {
    const fair = await aFair(world);
    await toApi(page, world, `/access-requests/${await asked(world, fair)}`, fair);
    await page.getByRole('checkbox', { name: /papers:read/ }).uncheck();
    await withPointer(page).press('Approve');
  },
  'access-accesses': async (page, world) => {
    const fair = await aFair(world);
    await taken(world, fair);
    await opened(world, fair, { kind: 'app', forId: fair.guest.clientId, peoplePerDay: null });
    await toApi(page, world, '/accesses', fair);
  },
  'access-access': async (page, world) => {
    const fair = await aFair(world);
    await toApi(page, world, `/accesses/${(await taken(world, fair)).id}`, fair);
  },
  'access-access-problems': async (page, world) => {
    const fair = await aFair(world);
    await toApi(page, world, `/accesses/${(await taken(world, fair)).id}`, fair);
    await page.getByRole('textbox', { name: 'Last day' }).fill('2020-01-01');
    await withPointer(page).press('Save');
  },
  'access-ending': async (page, world) => {
    const fair = await aFair(world);
    const { id } = await taken(world, fair);
    await opened(world, fair, { kind: 'app', forId: fair.guest.clientId });
    await toApi(page, world, `/accesses/${id}/ending`, fair);
  },
  'access-codes': async (page, world) => {
    const fair = await aFair(world);
    await aCode(world, fair);
    await toApi(page, world, '/access-codes', fair);
  },
  'access-code-new': (page, world) => toApi(page, world, '/access-codes/new'),
  'access-code-made': async (page, world) => {
    await toApi(page, world, '/access-codes/new');
    await page.getByRole('textbox', { name: 'Label' }).fill('For the fair in spring');
    await page.getByRole('checkbox', { name: /papers:read/ }).check();
    await withPointer(page).press('Make the code');
  },
  'access-catalogue': async (page, world) => {
    const fair = await aFair(world);
    await opened(world, fair, { kind: 'request' });
    await toGuest(page, world, '/catalogue', fair);
  },
  'access-catalogue-listed': async (page, world) => {
    const fair = await aFair(world);
    await opened(world, fair, { kind: 'all' });
    await opened(world, fair, { kind: 'request', scopes: ['papers:sign'], days: 90 });
    await withTerms(world, fair);
    await toGuest(page, world, `/catalogue/${fair.apiId}`, fair);
  },
  'access-catalogue-problems': async (page, world) => {
    const fair = await aFair(world);
    await opened(world, fair, { kind: 'request' });
    await toGuest(page, world, `/catalogue/${fair.apiId}`, fair);
    await page.getByRole('textbox', { name: 'What for' }).fill('test');
    await withPointer(page).press('Ask for access');
  },
  'access-app': async (page, world) => {
    const fair = await aFair(world);
    const { id } = await taken(world, fair);
    await endAccess(world.platform, OPERATOR, { id, note: 'It asked for the same page all night.' });
    await taken(world, fair);
    await withTerms(world, fair);
    const request = await asked(world, fair);
    const decision = { id: request, apiId: fair.apiId, accountId: null, note: 'Not for advertising.' };
    ok(await refuseRequest(world.platform, OPERATOR, decision));
    await asked(world, fair);
    await toGuest(page, world, `/apps/${fair.guest.clientId}/access`, fair);
  },
  'access-app-none': async (page, world) => {
    const fair = await aFair(world);
    await toGuest(page, world, `/apps/${fair.guest.clientId}/access`, fair);
  },
  'access-app-terms': async (page, world) => {
    const fair = await aFair(world);
    await taken(world, fair);
    await withTerms(world, fair);
    await toGuest(page, world, `/apps/${fair.guest.clientId}/access/terms/${fair.apiId}`, fair);
  },
  'access-app-code': async (page, world) => {
    const fair = await aFair(world);
    await withTerms(world, fair);
    await toGuest(page, world, `/apps/${fair.guest.clientId}/access`, fair);
    await page.getByRole('textbox', { name: 'Access code' }).fill(await aCode(world, fair));
    await withPointer(page).press('See what it is good for');
  },
  'access-app-code-problem': async (page, world) => {
    const fair = await aFair(world);
    await toGuest(page, world, `/apps/${fair.guest.clientId}/access`, fair);
    await page.getByRole('textbox', { name: 'Access code' }).fill('gate_accesscode_oops');
    await withPointer(page).press('See what it is good for');
  },
};

interface Side {
  readonly person: Person;
  readonly organizationId: string;
}

/** An organization with an API, and a guest with an app. */
interface Fair {
  readonly host: Side;
  readonly guest: Side & { readonly clientId: string };
  readonly apiId: string;
}

let fairs = 0;

async function aFair(world: Exhibition): Promise<Fair> {
  const { platform } = world;
  fairs += 1;
  const host = await aSide(world, 'Paper & Pencil');
  const guest = await aSide(world, 'Donaudampfschifffahrtsgesellschaft');
  const identifier = `https://papers-${fairs}.example`;
  const { organizationId } = host;
  const scopes = [
    { name: 'papers:read', description: 'See your papers' },
    { name: 'papers:sign', description: 'Sign papers in your name' },
  ];
  const api = { organizationId, identifier, name: 'Papers', scopes };
  const { id: apiId } = ok(await createApi(platform, OPERATOR, api)).api;
  const key = { apiIdentifier: identifier, name: 'papers:sign', sensitivity: 'restricted' } as const;
  await changeScope(platform, OPERATOR, key);
  const redirectUris = ['https://planner.example/callback'];
  const app = { organizationId: guest.organizationId, name: 'Planner', type: 'web', redirectUris } as const;
  const { client } = ok(await createClient(platform, OPERATOR, app));
  return { host, guest: { ...guest, clientId: client.id }, apiId };
}

async function aSide({ platform }: Exhibition, name: string): Promise<Side> {
  const person = await newPerson(platform);
  const created = await createOrganization(platform, OPERATOR, { name, ownerEmail: person.email });
  return { person, organizationId: ok(created).organization.id };
}

async function opened({ platform }: Exhibition, { host, apiId }: Fair, part: Partial<NewOpening>) {
  const usual = { scopes: ['papers:read'], days: null, peoplePerDay: 1000, requestsPerMinute: 600 };
  const of = { apiId, organizationId: host.organizationId, kind: 'all', ...usual } as const;
  return ok(await makeOpening(platform, OPERATOR, { ...of, ...part })).id;
}

async function taken(world: Exhibition, fair: Fair) {
  const openingId = await opened(world, fair, { kind: 'all', days: 30 });
  const { clientId, organizationId, person } = fair.guest;
  const taking = { openingId, clientId, organizationId, accountId: person.id };
  return ok(await takeAccess(world.platform, OPERATOR, taking));
}

async function asked(world: Exhibition, fair: Fair): Promise<string> {
  const openingId = await opened(world, fair, { kind: 'request' });
  const { clientId, organizationId, person } = fair.guest;
  const taking = { openingId, clientId, organizationId, accountId: person.id, termsVersion: 1 };
  const purpose = 'Shows travellers the papers they need for their journey, and reminds them in time.';
  const wish = { ...taking, purpose, scopes: ['papers:read'] };
  return ok(await askForAccess(world.platform, OPERATOR, wish)).id;
}

async function withTerms({ platform }: Exhibition, { host, apiId }: Fair): Promise<void> {
  const text = 'Apps may show papers to the people they belong to.\n\nThey keep no copies of them.';
  ok(await publishTerms(platform, OPERATOR, { organizationId: host.organizationId, apiId, text }));
}

async function aCode({ platform }: Exhibition, { host, apiId }: Fair): Promise<string> {
  const made = await makeCode(platform, OPERATOR, {
    ...{ apiId, organizationId: host.organizationId, accountId: null, label: 'For the fair in spring' },
    ...{ scopes: ['papers:read'], days: 90, peoplePerDay: 100, requestsPerMinute: null, uses: 5 },
    untilAt: new Date(Date.now() + 30 * 86_400_000),
  });
  return ok(made).issued.secret;
}

async function toApi(page: Page, world: Exhibition, below: string, given?: Fair): Promise<void> {
  const { host, apiId } = given ?? (await aFair(world));
  await toAccountPage(
    page,
    world,
    `/developers/organizations/${host.organizationId}/apis/${apiId}${below}`,
    host.person,
  );
}

async function toGuest(page: Page, world: Exhibition, below: string, { guest }: Fair): Promise<void> {
  const path = `/developers/organizations/${guest.organizationId}${below}`;
  await toAccountPage(page, world, path, guest.person);
}
