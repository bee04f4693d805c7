import type { Page } from 'playwright-core';
import { addToDomain } from '../../src/accounts/trust-domain-members.ts';
import { createTrustDomain, findTrustDomain } from '../../src/accounts/trust-domains.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import type { NewClient } from '../../src/developers/clients/registration.ts';
import { moveApi } from '../../src/developers/trust-domain-moves.ts';
import { withPointer } from '../support/browser.ts';
import {
  type App,
  newApi,
  newApp,
  newOrganization,
  newPerson,
  OPERATOR,
  type Person,
} from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { consentFor, open, type Scenes, signInHere, toAccountPage } from './scene-steps.ts';

const LONG = 'Pneumonoultramicroscopicsilicovolcanoconiosis Diary for All';

/** What people read to whom an app is closed, or whose consent has an end that is near. */
export const fenceScenes: Scenes = {
  async 'closed-trust-domain'(page, world) {
    const trustDomainId = await aDomain(world, 'Example staff');
    await consentFor(page, world, await anApp(world, { trustDomainId }), {});
  },
  async 'closed-trust-domain-long'(page, world) {
    const trustDomainId = await aDomain(world, 'Gemeinschaftskrankenhausbetriebsgesellschaftsmitarbeiter');
    await consentFor(page, world, await anApp(world, { trustDomainId, name: LONG }), {});
  },
  async 'closed-in-development'(page, world) {
    await consentFor(page, world, await anApp(world, { stage: 'development' }), {});
  },
  async 'closed-other-account'(page, world) {
    await consentFor(page, world, await anApp(world, { stage: 'development' }), {});
    await withPointer(page).follow('Use another account');
  },
  async 'closed-again'(page, world) {
    await consentFor(page, world, await anApp(world, { stage: 'development' }), {});
    await withPointer(page).follow('Use another account');
    await signInHere(page, await newPerson(world.platform));
  },
  async 'consent-sensitive'(page, world) {
    await consentFor(page, world, await anApp(world, {}), { scope: 'openid email notes:read notes:write' });
    await withPointer(page).unfold('Change');
  },
  async 'consent-sensitive-again'(page, world) {
    const redirect_uri = `${world.url.replace('localhost', '127.0.0.1')}/callback`;
    const native = { type: 'native', redirectUris: ['http://127.0.0.1/callback'] } as const;
    const app = await anApp(world, native);
    await consentFor(page, world, app, { redirect_uri, scope: 'openid notes:read' });
    await withPointer(page).press('Allow');
    await open(page, world, app, { redirect_uri, scope: 'openid notes:read notes:write' });
    await withPointer(page).unfold('Change');
  },
  async 'new-app-trust-domain'(page, world) {
    await toForm(page, world, 'apps/new?type=web');
  },
  async 'new-api-trust-domain'(page, world) {
    await toForm(page, world, 'apis/new');
  },
  async 'activity-trust-domain'(page, world) {
    await toAccountPage(page, world, '/account/events', await memberOfTwo(world));
  },
};

/** Of the portal, for somebody who belongs to two trust domains. */
async function toForm(page: Page, world: Exhibition, path: string): Promise<void> {
  const { db, clock } = world.platform;
  const { id: accountId, ...person } = await memberOfTwo(world);
  const organizationId = await newOrganization(world.platform, 'Paper & Pencil');
  const member = { organizationId, accountId, role: 'owner', createdAt: clock.now() };
  await db.organizationMember.create({ data: member });
  const address = `/developers/organizations/${organizationId}/${path}`;
  await toAccountPage(page, world, address, { id: accountId, ...person });
}

async function memberOfTwo(world: Exhibition): Promise<Person> {
  const person = await newPerson(world.platform);
  const domain = await findTrustDomain(world.platform, await aDomain(world, 'Example staff'));
  await addToDomain(world.platform, OPERATOR, { email: person.email, domain: String(domain?.name) });
  return person;
}

/** Its id. */
async function aDomain({ platform }: Exhibition, title: string): Promise<string> {
  const name = `d-${crypto.randomUUID().slice(0, 8)}`;
  const made = await createTrustDomain(platform, OPERATOR, { name, title });
  if (!made.ok) throw new Error(made.sentence);
  return made.domain.id;
}

/** Of an organization of its own, with an API where writing is sensitive. */
async function anApp({ platform }: Exhibition, client: Partial<NewClient>): Promise<App> {
  const organizationId = await newOrganization(platform, 'Paper & Pencil');
  const identifier = `https://${crypto.randomUUID()}.example`;
  const api = await newApi(platform, { organizationId, identifier });
  const { trustDomainId } = client;
  const domain = trustDomainId && (await findTrustDomain(platform, trustDomainId));
  if (domain) await moveApi(platform, OPERATOR, { identifier, domain: domain.name });
  const scope = { apiIdentifier: identifier, name: 'notes:write', sensitivity: 'sensitive' } as const;
  await changeScope(platform, OPERATOR, scope);
  return newApp(platform, api, { redirectUris: ['https://notebook.example/callback'], ...client });
}
