import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGN_UP } from '../../src/accounts/policy.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { acceptInvitation } from '../../src/developers/organizations/invitation-answers.ts';
import type { RunningServer } from '../../src/main.ts';
import { createTestDatabase } from '../support/database.ts';
import { operator } from '../support/developers.ts';
import { aTeam, as, handleIn, invite, rolesIn, type Team } from '../support/organizations.ts';
import {
  codeAt,
  codeFromMailbox,
  createPerson,
  goOnFromCodes,
  PASSWORD,
  signInThroughForms,
} from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';

let server: RunningServer;
let team: Team;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.stop());

const VIEWER = { kind: 'member', role: 'viewer' } as const;

async function invited(email: string): Promise<string> {
  team = await aTeam(server.platform);
  return `/invitations/${await invite(server.platform, team, email, VIEWER)}`;
}

/** From the form for a new account, wherever it was found, to where it leads in the end. */
async function signUp(visitor: Visitor, form: Page, email: string): Promise<Page> {
  const entries = { Name: 'New Person', Password: PASSWORD };
  const code = await visitor.submit(form, 'Create account', entries);
  const enrolment = await visitor.submit(code, 'Continue', {
    'Verification code': await codeFromMailbox(new Visitor(server.url), email),
  });
  const seed = /secret=([A-Z2-7]+)/.exec(enrolment.html)?.[1] ?? '';
  const oneTime = { 'One-time code': codeAt(seed, server.platform.clock.now()) };
  return goOnFromCodes(visitor, await visitor.submit(enrolment, 'Continue', oneTime));
}

describe('somebody who is invited', () => {
  it('creates an account on the way, comes back, and is a member once they accept', async () => {
    const email = 'newcomer@example.com';
    const visitor = new Visitor(server.url);
    const page = await visitor.open(await invited(email));
    expect(page.text).toContain('Olive Owner invites you to join the organization Acme');
    const form = await visitor.submit(page, 'Create account');
    const back = await signUp(visitor, form, email);
    expect(back.title).toContain('Your invitation');
    const home = await visitor.submit(back, 'Accept');
    expect(home.url).toContain(`/developers/organizations/${team.organizationId}`);
    expect(home.text).toContain('Welcome. Your role here is: Viewer.');
    expect(Object.values(await rolesIn(server.platform, team.organizationId)).sort()).toEqual([
      'owner',
      'viewer',
    ]);
  });

  it('is admitted where others need an invitation to sign up, for this address alone', async () => {
    await changeSetting(server.platform, operator, { setting: SIGN_UP, value: 'invitation' });
    const email = 'admitted@example.com';
    const visitor = new Visitor(server.url);
    const form = await visitor.submit(await visitor.open(await invited(email)), 'Create account');
    const other = await visitor.submit(form, 'Create account', {
      ...{ Name: 'Eve', Password: PASSWORD, email: 'eve@example.com' },
    });
    expect(other.status).toBe(422);
    const back = await signUp(visitor, form, email);
    expect(back.title).toContain('Your invitation');
    await changeSetting(server.platform, operator, { setting: SIGN_UP, value: 'open' });
  });

  it('signs in with the account of that address and comes back', async () => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    const page = await visitor.open(await invited(person.email));
    const form = await visitor.open(String(page.links.get('Sign in')));
    const back = await signInThroughForms(visitor, form, person);
    const declined = await visitor.submit(back, 'Decline');
    expect(declined.title).toContain('You declined');
    expect(Object.keys(await rolesIn(server.platform, team.organizationId))).toEqual([team.owner.id]);
  });
});

describe('an invitation', () => {
  it('makes no endless number of sign-up passes for whoever presses its button again and again', async () => {
    await changeSetting(server.platform, operator, { setting: SIGN_UP, value: 'invitation' });
    const visitor = new Visitor(server.url);
    const page = await visitor.open(await invited('presser@example.com'));
    const before = await server.platform.db.signUpPass.count();
    for (let press = 0; press < 8; press += 1) await visitor.submit(page, 'Create account');
    expect((await server.platform.db.signUpPass.count()) - before).toBe(5);
    await changeSetting(server.platform, operator, { setting: SIGN_UP, value: 'open' });
  });

  it('does nothing however often its page is looked at', async () => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
    const path = await invited(person.email);
    for (const suffix of ['', '/acceptance', '/refusal', '?accept', '/sign-up']) {
      await visitor.open(path + suffix);
      await new Visitor(server.url).open(path + suffix);
    }
    const row = await server.platform.db.invitation.findFirst({
      where: { organizationId: team.organizationId },
    });
    expect(row).toMatchObject({ acceptedAt: null, declinedAt: null });
  });

  it('gives what it says and nothing that the form is made to ask for', async () => {
    const person = await createPerson(server.platform);
    const rival = await aTeam(server.platform, 'Rival');
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
    const page = await visitor.open(await invited(person.email));
    const { organizationId } = team;
    const smuggled = {
      role: 'owner',
      kind: 'transfer',
      organizationId: rival.organizationId,
      accountId: rival.owner.id,
    };
    await visitor.submit(page, 'Accept', smuggled);
    expect(await rolesIn(server.platform, organizationId)).toEqual({
      [team.owner.id]: 'owner',
      [person.id]: 'viewer',
    });
    expect(Object.keys(await rolesIn(server.platform, rival.organizationId))).toEqual([rival.owner.id]);
    // The same form once more.
    expect((await visitor.submit(page, 'Accept', smuggled)).status).toBe(410);
  });

  it('is refused to the account of another address, which is told so and learns nothing', async () => {
    const [person, other] = [await createPerson(server.platform), await createPerson(server.platform)];
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), other);
    const [mine, nobodys] = [await invited(person.email), await invited('nobody@example.com')];
    for (const path of [mine, nobodys]) {
      const page = await visitor.open(path);
      expect(page.text).toContain(`You are signed in as ${other.email}`);
      expect(page.forms.some(({ action }) => action.includes('acceptance'))).toBe(false);
    }
    // The token of a form of their own, moved to the address of the acceptance.
    const theirs = await visitor.open(
      `/invitations/${await invite(server.platform, team, other.email, VIEWER)}`,
    );
    const token = theirs.forms[0]?.fields.get('form_token') ?? '';
    const moved = await visitor.post(`${mine}/acceptance`, { form_token: token });
    expect(moved.status).toBe(403);
    expect((await rolesIn(server.platform, team.organizationId))[other.id]).toBeUndefined();
  });

  it('is not sent from another site', async () => {
    const path = await invited('cross@example.com');
    const answer = await new Visitor(server.url).post(
      `${path}/acceptance`,
      {},
      { referrer: 'https://evil.example' },
    );
    expect(answer.status).toBe(403);
  });

  it('is accepted once by two processes', async () => {
    const database = await createTestDatabase();
    const [one, two] = [await openTestPlatform({ database }), await openTestPlatform({ database })];
    const acme = await aTeam(one);
    const guest = await createPerson(one, { totp: false });
    const handle = await invite(one, acme, guest.email, VIEWER);
    const answer = { handle, accountId: guest.id };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => acceptInvitation(i % 2 === 0 ? one : two, as(guest), answer)),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
    await database.drop();
  });
});

describe('a transfer', () => {
  it('asks both sides to confirm who they are, and the giver for the name of the organization', async () => {
    const [giver, heir] = [await createPerson(server.platform), await createPerson(server.platform)];
    const acme = { ...(await aTeam(server.platform)), owner: giver };
    const { organizationId } = acme;
    await server.platform.db.organizationMember.updateMany({
      where: { organizationId },
      data: { accountId: giver.id },
    });
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), giver);
    const form = await visitor.open(`/developers/organizations/${organizationId}/settings/transfer`);
    const wish = { email: heir.email, role: 'developer' };
    const wrong = await visitor.submit(form, 'Ask the new owner', { ...wish, name: 'acme' });
    expect(wrong.status).toBe(422);
    await server.platform.db.browserSession.updateMany({
      where: { accountId: giver.id },
      data: { authenticatedAt: new Date(server.platform.clock.now().getTime() - 3_600_000) },
    });
    const stale = await visitor.submit(
      form,
      'Ask the new owner',
      { ...wish, name: 'Acme' },
      { follow: false },
    );
    expect(stale.location).toContain('/sign-in?ticket=');
    expect(await server.platform.db.invitation.count({ where: { organizationId } })).toBe(0);
    await server.platform.db.browserSession.updateMany({
      where: { accountId: giver.id },
      data: { authenticatedAt: server.platform.clock.now() },
    });
    await visitor.submit(form, 'Ask the new owner', { ...wish, name: 'Acme' });
    const theirs = new Visitor(server.url);
    await signInThroughForms(theirs, await theirs.open('/sign-in'), heir);
    const page = await theirs.open(`/invitations/${await handleIn(server.platform, heir.email)}`);
    await server.platform.db.browserSession.updateMany({
      where: { accountId: heir.id },
      data: { authenticatedAt: new Date(server.platform.clock.now().getTime() - 3_600_000) },
    });
    const unconfirmed = await theirs.submit(page, 'Accept', {}, { follow: false });
    expect(unconfirmed.location).toContain('/sign-in?ticket=');
    expect(await rolesIn(server.platform, organizationId)).toEqual({ [giver.id]: 'owner' });
    await server.platform.db.browserSession.updateMany({
      where: { accountId: heir.id },
      data: { authenticatedAt: server.platform.clock.now() },
    });
    await theirs.submit(page, 'Accept');
    expect(await rolesIn(server.platform, organizationId)).toEqual({
      [giver.id]: 'developer',
      [heir.id]: 'owner',
    });
  });
});
