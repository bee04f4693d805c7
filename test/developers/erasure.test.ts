import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDueAccounts } from '../../src/accounts/area/closing.ts';
import { eraseFromPortal } from '../../src/developers/erasure.ts';
import { acceptInvitation } from '../../src/developers/organizations/invitation-answers.ts';
import { sweepInvitations } from '../../src/developers/organizations/invitation-list.ts';
import { changeRole } from '../../src/developers/organizations/members.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { invitationsHeld } from '../../src/developers/personal-data.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt } from '../support/clock.ts';
import { aClient, ok } from '../support/developers.ts';
import { aTeam, as, invite, join, rolesIn } from '../support/organizations.ts';
import type { Person } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';

const clock = clockAt();
let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform({ clock });
});
afterAll(() => platform.close());

async function letTheWeekPass(person: Person): Promise<void> {
  await platform.db.account.update({ where: { id: person.id }, data: { closesAt: clock.now() } });
}

const erase = () => closeDueAccounts(platform, [eraseFromPortal]);

describe('a person whose account is erased', () => {
  it('is no member, no tester, and in no invitation', async () => {
    const team = await aTeam(platform);
    const clientId = (await aClient(platform, team.organizationId)).client.id;
    const person = await join(platform, team, 'developer');
    const rival = await aTeam(platform, 'Rival');
    const theirs = (await aClient(platform, rival.organizationId)).client.id;
    const handle = await invite(platform, rival, person.email, { kind: 'tester', clientId: theirs });
    ok(await acceptInvitation(platform, as(person), { handle, accountId: person.id }));
    await invite(platform, { ...team, owner: person }, 'other@example.com', { kind: 'tester', clientId });
    expect(await invitationsHeld.read(platform, person.id)).toMatchObject({
      received: [{ kind: 'tester', organization: { name: 'Rival' } }],
      sent: [{ kind: 'tester', organization: { name: 'Acme' } }],
    });
    expect(JSON.stringify(await invitationsHeld.read(platform, person.id))).not.toContain(
      'other@example.com',
    );
    await letTheWeekPass(person);
    expect(await erase()).toBe(1);
    expect(Object.keys(await rolesIn(platform, team.organizationId))).toEqual([team.owner.id]);
    expect(await platform.db.clientTester.count({ where: { accountId: person.id } })).toBe(0);
    expect(await platform.db.invitation.count({ where: { emailKey: person.email } })).toBe(0);
  });

  it('is no owner: their organization holds them', async () => {
    const { owner, organizationId } = await aTeam(platform);
    await letTheWeekPass(owner);
    expect(await erase()).toBe(0);
    expect(await rolesIn(platform, organizationId)).toEqual({ [owner.id]: 'owner' });
    await platform.db.account.update({ where: { id: owner.id }, data: { closesAt: null } });
  });

  it('leaves no organization without an owner, whatever happens at that moment', async () => {
    for (let round = 0; round < 8; round += 1) {
      const team = await aTeam(platform);
      const { organizationId, owner } = team;
      const member = await join(platform, team, 'viewer');
      await letTheWeekPass(member);
      const [made, changed] = await Promise.allSettled([
        createOrganization(platform, as(member), { name: 'Last', accountId: member.id }),
        changeRole(platform, as(owner), { organizationId, accountId: member.id, role: 'owner' }),
        erase(),
      ]);
      const there = (await platform.db.account.count({ where: { id: member.id } })) === 1;
      const owns = await platform.db.organizationMember.count({
        where: { accountId: member.id, role: 'owner' },
      });
      expect({ there, owns: owns > 0 }).toEqual({ there, owns: there });
      expect([made.status, changed.status]).toEqual(['fulfilled', 'fulfilled']);
      await platform.db.account.updateMany({ where: { id: member.id }, data: { closesAt: null } });
    }
  });
});

describe('an invitation', () => {
  it('is forgotten a month after its time', async () => {
    const team = await aTeam(platform);
    await invite(platform, team, 'forgotten@example.com', { kind: 'member', role: 'viewer' });
    clock.forward(36 * 86_400);
    await sweepInvitations(platform);
    expect(await platform.db.invitation.count({ where: { organizationId: team.organizationId } })).toBe(1);
    clock.forward(2 * 86_400);
    await sweepInvitations(platform);
    expect(await platform.db.invitation.count({ where: { organizationId: team.organizationId } })).toBe(0);
  });
});
