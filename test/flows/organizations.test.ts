import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { handleIn, rolesIn } from '../support/organizations.ts';
import { createPerson, type Person, signInThroughForms } from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.stop());

async function signedIn(person?: Person): Promise<{ visitor: Visitor; person: Person }> {
  const who = person ?? (await createPerson(server.platform));
  const visitor = new Visitor(server.url);
  await signInThroughForms(visitor, await visitor.open('/sign-in'), who);
  return { visitor, person: who };
}

async function founded(visitor: Visitor, name = 'Acme'): Promise<{ home: string; id: string }> {
  const form = await visitor.open('/developers/organizations/new');
  const home = new URL((await visitor.submit(form, 'Create it', { 'Name of the organization': name })).url)
    .pathname;
  return { home, id: String(home.split('/').at(-1)) };
}

describe('a new developer', () => {
  it('finds the portal, creates an organization and sees the next step', async () => {
    const { visitor, person } = await signedIn();
    const home = await visitor.open('/');
    const portal = [...home.links].find(([text]) => text.includes('developer portal'))?.[1];
    const first = await visitor.open(String(portal));
    expect(first.title).toContain('Build with us');
    const form = await visitor.open(String(first.links.get('Create an organization')));
    const again = await visitor.submit(form, 'Create it', { 'Name of the organization': '\u200b' });
    expect(again.status).toBe(422);
    const overview = await visitor.submit(again, 'Create it', {
      ...{ 'Name of the organization': 'Acme', accountId: 'x', ownerEmail: 'x@example.com', role: 'viewer' },
    });
    expect(overview.links.has('Register an app')).toBe(true);
    expect((await visitor.open('/developers')).url).toBe(overview.url);
    const id = String(overview.url.split('/').at(-1));
    expect(await rolesIn(server.platform, id)).toEqual({ [person.id]: 'owner' });
    await founded(visitor, 'Second');
    expect((await visitor.open('/developers')).title).toContain('Your organizations');
  });
});

describe('an owner', () => {
  it('invites, changes a role and removes, and the removed sees nothing at the next request', async () => {
    const owner = await signedIn();
    const { home, id } = await founded(owner.visitor);
    const guest = await signedIn();
    const form = await owner.visitor.open(`${home}/invitations`);
    await owner.visitor.submit(form, 'Send the invitation', {
      'Email address': guest.person.email,
      role: 'viewer',
    });
    const page = await guest.visitor.open(
      `/invitations/${await handleIn(server.platform, guest.person.email)}`,
    );
    await guest.visitor.submit(page, 'Accept');
    expect((await guest.visitor.open(`${home}/members`)).status).toBe(200);
    expect((await guest.visitor.open(`${home}/invitations`)).status).toBe(403);
    const member = await owner.visitor.open(`${home}/members/${guest.person.id}`);
    await owner.visitor.submit(member, 'Change role', { role: 'developer' });
    expect(await rolesIn(server.platform, id)).toMatchObject({ [guest.person.id]: 'developer' });
    expect((await owner.visitor.submit(member, 'Change role', { role: 'king' })).status).toBe(422);
    const removal = await owner.visitor.open(`${home}/members/${guest.person.id}/removal`);
    expect((await owner.visitor.submit(removal, 'Remove')).status).toBe(422);
    await owner.visitor.submit(removal, 'Remove', { sure: 'yes' });
    expect((await guest.visitor.open(`${home}/members`)).status).toBe(404);
    expect((await guest.visitor.open(home)).status).toBe(404);
  });

  it('sends an invitation again and withdraws it', async () => {
    const { visitor } = await signedIn();
    const { home } = await founded(visitor);
    const form = await visitor.open(`${home}/invitations`);
    const sent = await visitor.submit(form, 'Send the invitation', { 'Email address': 'late@example.com' });
    expect(sent.text).toContain('The letter is on its way.');
    const first = await handleIn(server.platform, 'late@example.com');
    const again = await visitor.submit(sent, 'Send again');
    expect((await visitor.open(`/invitations/${first}`)).status).toBe(410);
    const withdrawn = await visitor.submit(again, 'Withdraw');
    expect(withdrawn.text).toContain('The invitation is withdrawn.');
    expect(withdrawn.text).not.toContain('late@example.com');
  });

  it('cannot act on members and invitations of another organization by way of their own', async () => {
    const [owner, rival] = [await signedIn(), await signedIn()];
    const [mine, theirs] = [await founded(owner.visitor), await founded(rival.visitor, 'Rival')];
    const invite = await rival.visitor.open(`${theirs.home}/invitations`);
    await rival.visitor.submit(invite, 'Send the invitation', { 'Email address': 'theirs@example.com' });
    const row = await server.platform.db.invitation.findFirstOrThrow({
      where: { organizationId: theirs.id },
    });
    const sent = await owner.visitor.submit(
      await owner.visitor.open(`${mine.home}/invitations`),
      'Send the invitation',
      {
        'Email address': 'mine@example.com',
      },
    );
    const token =
      sent.forms.find(({ action }) => action.endsWith('/withdrawal'))?.fields.get('form_token') ?? '';
    await owner.visitor.post(`${mine.home}/invitations/${row.id}/withdrawal`, { form_token: token });
    expect(await server.platform.db.invitation.findUnique({ where: { id: row.id } })).toMatchObject({
      withdrawnAt: null,
    });
    for (const path of [`/members/${rival.person.id}`, `/members/${rival.person.id}/removal`])
      expect((await owner.visitor.open(mine.home + path)).status).toBe(404);
  });

  it('shows the way to the console to operators alone', async () => {
    const { visitor, person } = await signedIn();
    const { home } = await founded(visitor);
    expect((await visitor.open(home)).links.get('Console')).toBeUndefined();
    await server.platform.db.account.update({ where: { id: person.id }, data: { operator: true } });
    expect((await visitor.open(home)).links.get('Console')).toContain('/admin');
  });

  it('renames, cannot leave as the last one, and deletes', async () => {
    const { visitor } = await signedIn();
    const { home, id } = await founded(visitor);
    const renamed = await visitor.submit(await visitor.open(`${home}/settings`), 'Rename', {
      name: 'Bakery',
    });
    expect(renamed.text).toContain('The new name is saved.');
    const leaving = await visitor.submit(await visitor.open(`${home}/settings/leaving`), 'Leave', {
      sure: 'yes',
    });
    expect(leaving.text).toContain('at least one owner');
    const activity = await visitor.open(`${home}/activity`);
    expect(activity.text).toContain('renamed the organization to Bakery');
    const deletion = await visitor.open(`${home}/settings/deletion`);
    expect((await visitor.submit(deletion, 'Delete the organization', { name: 'Acme' })).status).toBe(422);
    expect((await visitor.submit(deletion, 'Delete the organization', { name: 'Bakery' })).title).toContain(
      'Build with us',
    );
    expect(await rolesIn(server.platform, id)).toEqual({});
  });
});
