import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { APPS_APPROVAL } from '../../../src/developers/clients/reviews.ts';
import { acceptInvitation } from '../../../src/developers/organizations/invitation-answers.ts';
import { changeRole, removeMember } from '../../../src/developers/organizations/members.ts';
import {
  createOrganization,
  findOrganization,
  ORGANIZATIONS_A_DAY,
} from '../../../src/developers/organizations/organization.ts';
import {
  deleteOrganization,
  offerTransfer,
  renameOrganization,
} from '../../../src/developers/organizations/ownership.ts';
import { hasObligation } from '../../../src/accounts/obligations.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, ok, operator } from '../../support/developers.ts';
import { aTeam, as, handleIn, invite, join } from '../../support/organizations.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

const lettersTo = async (email: string) =>
  (await waitingLetters(platform))
    .filter(({ to }) => to === email)
    .map(({ text }) => text.replace(/\s+/g, ' '));

describe('an organization', () => {
  it('is made by a person for themselves, so many a day', async () => {
    const person = await createPerson(platform, { totp: false });
    const make = () => createOrganization(platform, as(person), { name: 'Mine', accountId: person.id });
    const outcomes = await Promise.all(Array.from({ length: ORGANIZATIONS_A_DAY + 3 }, make));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(ORGANIZATIONS_A_DAY);
    expect(await make()).toMatchObject({ reason: 'limit' });
  });

  it.each(['', '\u202eAcme', 'Support Team', 'Gatehouse', 'The official shop', 'x'.repeat(61)])(
    'is not called %j by its members',
    async (name) => {
      const { organizationId, owner } = await aTeam(platform);
      expect(await renameOrganization(platform, as(owner), { organizationId, name })).toMatchObject({
        reason: 'name',
      });
      const made = await createOrganization(platform, as(owner), { name, accountId: owner.id });
      expect(made).toMatchObject({ reason: 'name' });
    },
  );

  it("is renamed by an owner, and its apps are no verified publisher's any more", async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const { client } = await aClient(platform, organizationId);
    const verified = { verifiedAt: platform.clock.now(), verifiedHost: 'acme.example' };
    await platform.db.client.update({ where: { id: client.id }, data: verified });
    const developer = await join(platform, team, 'developer');
    const wish = { organizationId, name: 'Bank' };
    expect(await renameOrganization(platform, as(developer), wish)).toMatchObject({ reason: 'not-allowed' });
    expect(await renameOrganization(platform, as(owner), wish)).toEqual({ ok: true, changed: true });
    expect(await renameOrganization(platform, as(owner), wish)).toEqual({ ok: true, changed: false });
    const row = await platform.db.client.findUniqueOrThrow({ where: { id: client.id } });
    expect(row).toMatchObject({ verifiedAt: null, verifiedHost: null, presentedSince: expect.any(Date) });
  });

  it('with a live app is renamed by an operator, where operators approve how apps look', async () => {
    await changeSetting(platform, operator, { setting: APPS_APPROVAL, value: 'operator' });
    const { organizationId, owner } = await aTeam(platform);
    await aClient(platform, organizationId);
    const wish = { organizationId, name: 'Bank' };
    expect(await renameOrganization(platform, as(owner), wish)).toMatchObject({ reason: 'operator' });
    expect(await renameOrganization(platform, operator, wish)).toMatchObject({ changed: true });
    await changeSetting(platform, operator, { setting: APPS_APPROVAL, value: APPS_APPROVAL.fallback });
  });

  it('is deleted by an owner who types its name, once it owns nothing', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const developer = await join(platform, team, 'developer');
    const { client } = await aClient(platform, organizationId);
    const wish = { organizationId, typedName: 'Acme' };
    expect(await deleteOrganization(platform, as(developer), wish)).toMatchObject({ reason: 'not-allowed' });
    const wrong = { organizationId, typedName: 'acme' };
    expect(await deleteOrganization(platform, as(owner), wrong)).toMatchObject({ reason: 'name' });
    expect(await deleteOrganization(platform, as(owner), wish)).toMatchObject({ reason: 'not-empty' });
    await platform.db.client.delete({ where: { id: client.id } });
    expect(await deleteOrganization(platform, as(owner), wish)).toEqual({ ok: true });
    expect(await findOrganization(platform, organizationId)).toBeUndefined();
    expect(await hasObligation(platform, owner.id, 'hold-closing')).toBe(false);
    expect(await deleteOrganization(platform, as(owner), wish)).toMatchObject({ reason: 'not-allowed' });
  });

  it('is not deleted under an app that is made at the same moment', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { organizationId, owner } = await aTeam(platform);
      const [, made] = await Promise.allSettled([
        deleteOrganization(platform, as(owner), { organizationId, typedName: 'Acme' }),
        aClient(platform, organizationId),
      ]);
      const there = (await findOrganization(platform, organizationId)) !== undefined;
      expect(there).toBe(made.status === 'fulfilled');
    }
  });
});

describe('a transfer', () => {
  it('is offered by an owner who types the name, and by nobody else', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const developer = await join(platform, team, 'developer');
    const offer = { organizationId, email: 'heir@example.com', role: 'developer' } as const;
    const mine = { ...offer, invitedBy: owner.id };
    expect(await offerTransfer(platform, as(owner), { ...mine, typedName: 'acme' })).toMatchObject({
      reason: 'name',
    });
    expect(
      await offerTransfer(platform, as(owner), { ...mine, email: owner.email, typedName: 'Acme' }),
    ).toMatchObject({ reason: 'email' });
    const theirs = { ...offer, invitedBy: developer.id, typedName: 'Acme' };
    expect(await offerTransfer(platform, as(developer), theirs)).toMatchObject({ reason: 'not-allowed' });
    expect(await offerTransfer(platform, as(owner), { ...mine, typedName: ' Acme ' })).toMatchObject({
      ok: true,
    });
  });

  it('is told to everybody it changes', async () => {
    const team = await aTeam(platform);
    const heir = await createPerson(platform, { name: 'Hanna Heir', totp: false });
    const wish = { organizationId: team.organizationId, invitedBy: team.owner.id, email: heir.email };
    ok(await offerTransfer(platform, as(team.owner), { ...wish, role: 'viewer', typedName: 'Acme' }));
    const handle = await handleIn(platform, heir.email);
    ok(await acceptInvitation(platform, as(heir), { handle, accountId: heir.id }));
    const [toGiver, toHeir] = [await lettersTo(team.owner.email), await lettersTo(heir.email)];
    expect(toGiver.join()).toContain('You now have the role of a viewer in Acme.');
    expect(toHeir.join()).toContain('Hanna Heir is now an owner of Acme.');
    expect(toHeir.join()).toContain('Olive Owner is no longer an owner of Acme.');
  });
});

describe('what happens to members', () => {
  it('is told to owners and to whom it happens', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const guest = await createPerson(platform, { name: 'Gina Guest', totp: false });
    const handle = await invite(platform, team, guest.email, { kind: 'member', role: 'viewer' });
    ok(await acceptInvitation(platform, as(guest), { handle, accountId: guest.id }));
    ok(await changeRole(platform, as(owner), { organizationId, accountId: guest.id, role: 'security' }));
    ok(await removeMember(platform, as(owner), { organizationId, accountId: guest.id }));
    const toOwner = (await lettersTo(owner.email)).join();
    expect(toOwner).toContain('Gina Guest accepted an invitation and is now a member of Acme.');
    expect(toOwner).toContain('Gina Guest is no longer a member of Acme.');
    const toGuest = (await lettersTo(guest.email)).join();
    expect(toGuest).toContain('You now have the security role in Acme.');
    expect(toGuest).toContain('You are no longer a member of Acme.');
  });
});
