import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasObligation } from '../../../src/accounts/obligations.ts';
import {
  changeRole,
  leaveOrganization,
  removeMember,
} from '../../../src/developers/organizations/members.ts';
import { findInvitation } from '../../../src/developers/organizations/invitation-answers.ts';
import { findMember } from '../../../src/developers/organizations/require-member.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aTeam, as, invite, join, rolesIn } from '../../support/organizations.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

describe('a role', () => {
  it('is changed by an owner, for another member, with what it demands of the account', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const { id: accountId } = await join(platform, team, 'viewer');
    expect(await changeRole(platform, as(owner), { organizationId, accountId, role: 'owner' })).toEqual({
      ok: true,
    });
    expect(await hasObligation(platform, accountId, 'hold-closing')).toBe(true);
    expect(await changeRole(platform, as(owner), { organizationId, accountId, role: 'security' })).toEqual({
      ok: true,
    });
    expect(await hasObligation(platform, accountId, 'hold-closing')).toBe(false);
    const events = await platform.db.auditEvent.findMany({
      where: { targetId: organizationId, action: 'member.role-changed' },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ details }) => details)).toEqual([
      { account: accountId, before: 'viewer', role: 'owner' },
      { account: accountId, before: 'owner', role: 'security' },
    ]);
  });

  it.each(['developer', 'viewer', 'security'] as const)('is changed by no %s', async (role) => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const member = await join(platform, team, role);
    const wish = { organizationId, accountId: owner.id };
    expect(await changeRole(platform, as(member), { ...wish, role: 'viewer' })).toMatchObject({
      reason: 'not-allowed',
    });
    expect(await removeMember(platform, as(member), wish)).toMatchObject({ reason: 'not-allowed' });
    const own = { organizationId, accountId: member.id, role: 'owner' } as const;
    expect(await changeRole(platform, as(member), own)).toMatchObject({ reason: 'not-allowed' });
    expect(await rolesIn(platform, organizationId)).toEqual({ [owner.id]: 'owner', [member.id]: role });
  });

  it('is nothing that owners change for themselves', async () => {
    const team = await aTeam(platform);
    await join(platform, team, 'owner');
    const own = { organizationId: team.organizationId, accountId: team.owner.id, role: 'viewer' } as const;
    expect(await changeRole(platform, as(team.owner), own)).toMatchObject({ reason: 'own-role' });
  });

  it('in one organization is no business of the owner of another', async () => {
    const [team, rival] = [await aTeam(platform), await aTeam(platform, 'Rival')];
    const member = await join(platform, team, 'developer');
    const theirs = { organizationId: team.organizationId, accountId: member.id };
    const mine = { organizationId: rival.organizationId, accountId: member.id };
    for (const [place, reason] of [
      [theirs, 'not-allowed'],
      [mine, 'no-member'],
      [{ ...mine, accountId: "' OR 1=1" }, 'no-member'],
    ] as const) {
      expect(await changeRole(platform, as(rival.owner), { ...place, role: 'viewer' })).toMatchObject({
        reason,
      });
      expect(await removeMember(platform, as(rival.owner), place)).toMatchObject({ reason });
    }
    expect((await rolesIn(platform, team.organizationId))[member.id]).toBe('developer');
  });

  it('is not changed by an owner whose second factor was just replaced', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const { id: accountId } = await join(platform, team, 'viewer');
    const frozenUntil = new Date(platform.clock.now().getTime() + 86_400_000);
    await platform.db.account.update({ where: { id: owner.id }, data: { frozenUntil } });
    const wish = { organizationId, accountId };
    expect(await changeRole(platform, as(owner), { ...wish, role: 'owner' })).toMatchObject({
      reason: 'frozen',
    });
    expect(await removeMember(platform, as(owner), wish)).toMatchObject({ reason: 'frozen' });
  });
});

describe('a member', () => {
  it('who is removed is none at the next request, and takes along what they offered', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const second = await join(platform, team, 'owner');
    const handle = await invite(platform, { organizationId, owner: second }, 'alt@example.com', {
      kind: 'member',
      role: 'owner',
    });
    expect(await findInvitation(platform, handle)).toMatchObject({ organizationId });
    expect(await removeMember(platform, as(team.owner), { organizationId, accountId: second.id })).toEqual({
      ok: true,
    });
    expect(await findMember(platform, second.id, organizationId)).toBeUndefined();
    expect(await findInvitation(platform, handle)).toBeUndefined();
    expect(await hasObligation(platform, second.id, 'second-factor')).toBe(false);
  });

  it('leaves by themselves, whatever their role', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const member = await join(platform, team, 'viewer');
    expect(await leaveOrganization(platform, as(member), { organizationId, accountId: member.id })).toEqual({
      ok: true,
    });
    expect(await rolesIn(platform, organizationId)).toEqual({ [owner.id]: 'owner' });
  });
});

describe('the last owner', () => {
  it('can neither leave nor be removed or demoted', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    await join(platform, team, 'developer');
    const place = { organizationId, accountId: owner.id };
    const operator = { kind: 'cli', id: 'tester' } as const;
    expect(await leaveOrganization(platform, as(owner), place)).toMatchObject({ reason: 'last-owner' });
    expect(await removeMember(platform, operator, place)).toMatchObject({ reason: 'last-owner' });
    expect(await changeRole(platform, operator, { ...place, role: 'viewer' })).toMatchObject({
      reason: 'last-owner',
    });
    expect((await rolesIn(platform, organizationId))[owner.id]).toBe('owner');
  });

  it('stays when two owners leave fifty times at once', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const second = await join(platform, team, 'owner');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const { id: accountId } = i % 2 === 0 ? owner : second;
        return leaveOrganization(platform, as({ id: accountId }), { organizationId, accountId });
      }),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(Object.values(await rolesIn(platform, organizationId))).toEqual(['owner']);
  });

  it('stays when two owners remove and demote each other at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const team = await aTeam(platform);
      const { organizationId, owner } = team;
      const second = await join(platform, team, 'owner');
      await Promise.all([
        removeMember(platform, as(owner), { organizationId, accountId: second.id }),
        changeRole(platform, as(second), { organizationId, accountId: owner.id, role: 'viewer' }),
      ]);
      expect(
        Object.values(await rolesIn(platform, organizationId)).filter((role) => role === 'owner'),
      ).toHaveLength(1);
    }
  });
});
