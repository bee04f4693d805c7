import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { createInvitation } from '../../src/developers/organizations/invitations.ts';
import { addMember } from '../../src/developers/organizations/members.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { newId } from '../../src/platform/ids.ts';
import { withPointer } from '../support/browser.ts';
import { aClient, anApi } from '../support/developers.ts';
import { handleIn } from '../support/organizations.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

const LONG_NAME = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerke e. V.';

/** Organizations, their people, and what they are asked. */
export const organizationScenes: Scenes = {
  'portal-first': (page, world) => toAccountPage(page, world, '/developers'),
  'portal-organizations': async (page, world) => {
    const { owner } = await team(world);
    await createOrganization(world.platform, OPERATOR, { name: LONG_NAME, accountId: owner.id });
    await toAccountPage(page, world, '/developers', owner);
  },
  'portal-new-organization': async (page, world) => {
    await toAccountPage(page, world, '/developers/organizations/new');
    await page.getByLabel('Name of the organization').fill('\u202egnihtemos');
    await withPointer(page).press('Create it');
  },
  'portal-overview': (page, world) => toTeamPage(page, world, ''),
  'portal-overview-busy': async (page, world) => {
    const acme = await team(world);
    await withBusyApps(world, acme);
    await toAccountPage(page, world, acme.home, acme.owner);
  },
  'portal-activity': async (page, world) => {
    const acme = await team(world);
    await withBusyApps(world, acme);
    await toAccountPage(page, world, `${acme.home}/activity`, acme.owner);
  },
  'portal-members': (page, world) => toTeamPage(page, world, '/members'),
  'portal-member': async (page, world) => {
    const { home, owner, viewer } = await team(world);
    await toAccountPage(page, world, `${home}/members/${viewer.id}`, owner);
  },
  'portal-member-removal': async (page, world) => {
    const { home, owner, viewer } = await team(world);
    await toAccountPage(page, world, `${home}/members/${viewer.id}/removal`, owner);
  },
  'portal-invitations': (page, world) => toTeamPage(page, world, '/invitations'),
  'portal-invitations-problem': async (page, world) => {
    const { home, owner, viewer } = await team(world);
    await toAccountPage(page, world, `${home}/invitations`, owner);
    await page.getByLabel('Email address').fill(viewer.email);
    await withPointer(page).press('Send the invitation');
  },
  'portal-settings': (page, world) => toTeamPage(page, world, '/settings'),
  'portal-transfer': async (page, world) => {
    await toTeamPage(page, world, '/settings/transfer');
    await page.getByLabel('Email address of the new owner').fill('heir@example.com');
    await page.getByLabel(/Type the name/).fill('Something else');
    await withPointer(page).press('Ask the new owner');
  },
  'portal-leaving': async (page, world) => {
    await toTeamPage(page, world, '/settings/leaving');
    await page.getByRole('checkbox').check();
    await withPointer(page).press('Leave');
  },
  'portal-deletion': (page, world) => toTeamPage(page, world, '/settings/deletion'),
  invitation: async (page, world) => {
    const person = await newPerson(world.platform);
    await toAccountPage(page, world, await invitationFor(world, person.email), person);
  },
  'invitation-signed-out': async (page, world) => {
    await page.goto(`${world.url}${await invitationFor(world, 'new.person@example.com')}`);
  },
  'invitation-other-account': async (page, world) =>
    toAccountPage(page, world, await invitationFor(world, 'somebody.else@example.com')),
  'invitation-over': async (page, world) => {
    await page.goto(`${world.url}/invitations/gate_invitation_nothing`);
  },
};

let invitedPeople = 0;

interface Team {
  readonly organizationId: string;
  readonly home: string;
  readonly owner: Person;
  readonly viewer: Person;
}

async function team({ platform }: Exhibition, name = 'Acme'): Promise<Team> {
  const [owner, viewer] = [await newPerson(platform), await newPerson(platform)];
  const created = await createOrganization(platform, OPERATOR, { name, accountId: owner.id });
  if (!created.ok) throw new Error(created.sentence);
  const { id: organizationId } = created.organization;
  await addMember(platform, OPERATOR, { organizationId, accountId: viewer.id, role: 'viewer' });
  const invitation = { organizationId, invitedBy: owner.id, email: `invited${++invitedPeople}@example.com` };
  await createInvitation(
    platform,
    { kind: 'account', id: owner.id },
    { ...invitation, to: { kind: 'member', role: 'developer' } },
  );
  return { organizationId, home: `/developers/organizations/${organizationId}`, owner, viewer };
}

/** Apps and APIs with all there is to say about them. */
async function withBusyApps({ platform }: Exhibition, { organizationId }: Team): Promise<void> {
  const now = platform.clock.now();
  const { client } = await aClient(platform, organizationId, { name: LONG_NAME });
  await suspendClient(platform, OPERATOR, client.id);
  const { client: planner } = await aClient(platform, organizationId);
  const expiresAt = new Date(now.getTime() + 86_400_000);
  await platform.db.clientSecret.updateMany({ where: { holderId: planner.id }, data: { expiresAt } });
  const hour = new Date(now.getTime() - (now.getTime() % 3_600_000));
  const usage = { clientId: planner.id, hour, endpoint: 'token', buckets: [] };
  await platform.db.usageHour.create({ data: { ...usage, error: '', requests: 50, tokens: 50 } });
  await platform.db.usageHour.create({ data: { ...usage, error: 'invalid_grant', requests: 20, tokens: 0 } });
  const { api } = await anApi(platform, organizationId);
  const request = { clientId: planner.id, apiId: api.id, scopes: [], purpose: 'Maps', termsVersion: 0 };
  await platform.db.accessRequest.create({
    data: { id: newId(), ...request, askedBy: newId(), askedAt: now },
  });
}

async function toTeamPage(page: Parameters<typeof toAccountPage>[0], world: Exhibition, path: string) {
  const { home, owner } = await team(world);
  await toAccountPage(page, world, `${home}${path}`, owner);
}

async function invitationFor(world: Exhibition, email: string): Promise<string> {
  const { organizationId, owner } = await team(world, LONG_NAME);
  const invitation = { organizationId, invitedBy: owner.id, email };
  const sent = await createInvitation(
    world.platform,
    { kind: 'account', id: owner.id },
    { ...invitation, to: { kind: 'member', role: 'security' } },
  );
  if (!sent.ok) throw new Error(sent.sentence);
  return `/invitations/${await handleIn(world.platform, email)}`;
}
