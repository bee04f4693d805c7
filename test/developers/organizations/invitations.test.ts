import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  declineInvitation,
  findInvitation,
} from '../../../src/developers/organizations/invitation-answers.ts';
import type { InvitedTo } from '../../../src/developers/organizations/invitation-kinds.ts';
import { listInvitations } from '../../../src/developers/organizations/invitation-list.ts';
import {
  createInvitation,
  renewInvitation,
  withdrawInvitation,
} from '../../../src/developers/organizations/invitations.ts';
import { changeRole } from '../../../src/developers/organizations/members.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt } from '../../support/clock.ts';
import { aClient, ok, operator } from '../../support/developers.ts';
import { aTeam, as, handleIn, invite, join, rolesIn } from '../../support/organizations.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const clock = clockAt();
let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform({ clock });
});
afterAll(() => platform.close());

const DEVELOPER: InvitedTo = { kind: 'member', role: 'developer' };
let made = 0;
const anAddress = () => `guest${++made}@example.com`;

describe('an invitation', () => {
  it('makes the account of its address what it says, once', async () => {
    const team = await aTeam(platform);
    const guest = await createPerson(platform, { totp: false });
    const handle = await invite(platform, team, guest.email, DEVELOPER);
    const answer = { handle, accountId: guest.id };
    expect(await acceptInvitation(platform, as(guest), answer)).toMatchObject({ ok: true });
    expect((await rolesIn(platform, team.organizationId))[guest.id]).toBe('developer');
    expect(await acceptInvitation(platform, as(guest), answer)).toEqual({ ok: false, reason: 'over' });
    expect(await declineInvitation(platform, as(guest), answer)).toEqual({ ok: false, reason: 'over' });
  });

  it('is answered once by fifty answers at the same moment', async () => {
    const team = await aTeam(platform);
    const guest = await createPerson(platform, { totp: false });
    const answer = { handle: await invite(platform, team, guest.email, DEVELOPER), accountId: guest.id };
    const rules = [acceptInvitation, declineInvitation];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => rules[i % 2]?.(platform, as(guest), answer)),
    );
    expect(outcomes.filter((outcome) => outcome?.ok)).toHaveLength(1);
    const where = { targetId: team.organizationId, action: { startsWith: 'invitation.' } };
    expect(await platform.db.auditEvent.count({ where })).toBe(2);
  });

  it('is for the account of its address alone, which is proven', async () => {
    const team = await aTeam(platform);
    const [guest, other] = [
      await createPerson(platform, { totp: false, verified: false }),
      await createPerson(platform, { totp: false }),
    ];
    const handle = await invite(platform, team, guest.email.toUpperCase(), DEVELOPER).catch(() =>
      handleIn(platform, `${guest.email.split('@')[0]?.toUpperCase()}@example.com`),
    );
    for (const { id } of [other, guest]) {
      const answer = { handle, accountId: id };
      expect(await acceptInvitation(platform, as({ id }), answer)).toEqual({
        ok: false,
        reason: 'other-account',
      });
      expect(await declineInvitation(platform, as({ id }), answer)).toEqual({
        ok: false,
        reason: 'other-account',
      });
    }
    await platform.db.account.update({ where: { id: guest.id }, data: { emailVerifiedAt: clock.now() } });
    expect(await acceptInvitation(platform, as(guest), { handle, accountId: guest.id })).toMatchObject({
      ok: true,
    });
  });

  it('is over after a week, when it is withdrawn, when it is declined, and under any other handle', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const late = await invite(platform, team, anAddress(), DEVELOPER);
    clock.forward(7 * 86_400);
    expect(await findInvitation(platform, late)).toBeUndefined();
    const withdrawn = await invite(platform, team, anAddress(), DEVELOPER);
    const [{ id = '' } = {}] = await listInvitations(platform, { organizationId });
    const kinds = ['member'] as const;
    ok(await withdrawInvitation(platform, as(team.owner), { organizationId, id, kinds }));
    expect(await findInvitation(platform, withdrawn)).toBeUndefined();
    const guest = await createPerson(platform, { totp: false });
    const declined = await invite(platform, team, guest.email, DEVELOPER);
    ok(await declineInvitation(platform, as(guest), { handle: declined, accountId: guest.id }));
    expect(await findInvitation(platform, declined)).toBeUndefined();
    for (const handle of ['', 'x', `${declined}x`, id])
      expect(await findInvitation(platform, handle)).toBeUndefined();
  });

  it('is stored as a digest', async () => {
    const team = await aTeam(platform);
    const handle = await invite(platform, team, anAddress(), DEVELOPER);
    const rows = await platform.db.invitation.findMany({ where: { organizationId: team.organizationId } });
    expect(JSON.stringify(rows)).not.toContain(handle.slice(20, 40));
  });

  it('is withdrawn and sent again by its own organization alone', async () => {
    const [team, rival] = [await aTeam(platform), await aTeam(platform, 'Rival')];
    const handle = await invite(platform, team, anAddress(), DEVELOPER);
    const [{ id = '' } = {}] = await listInvitations(platform, { organizationId: team.organizationId });
    const { organizationId, owner } = rival;
    const kinds = ['member'] as const;
    expect(await withdrawInvitation(platform, as(owner), { organizationId, id, kinds })).toMatchObject({
      reason: 'over',
    });
    const again = { organizationId, id, invitedBy: owner.id };
    expect(await renewInvitation(platform, as(owner), again)).toMatchObject({ reason: 'over' });
    expect(await findInvitation(platform, handle)).toMatchObject({ organization: 'Acme' });
  });

  it('that is sent again works under its new link alone', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const email = anAddress();
    const first = await invite(platform, team, email, DEVELOPER);
    const [{ id = '' } = {}] = await listInvitations(platform, { organizationId });
    clock.forward(1);
    ok(await renewInvitation(platform, as(owner), { organizationId, id, invitedBy: owner.id }));
    expect(await findInvitation(platform, first)).toBeUndefined();
    expect(await findInvitation(platform, await handleIn(platform, email))).toMatchObject({ email });
    expect(await listInvitations(platform, { organizationId })).toHaveLength(1);
  });

  it('is worth nothing once its inviter may no longer invite', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const second = await join(platform, team, 'owner');
    const guest = await createPerson(platform, { totp: false });
    const handle = await invite(platform, { organizationId, owner: second }, guest.email, {
      kind: 'member',
      role: 'owner',
    });
    // As if the demotion had not withdrawn it.
    await platform.db.organizationMember.updateMany({
      where: { accountId: second.id },
      data: { role: 'developer' },
    });
    expect(await acceptInvitation(platform, as(guest), { handle, accountId: guest.id })).toEqual({
      ok: false,
      reason: 'over',
    });
    expect((await rolesIn(platform, organizationId))[guest.id]).toBeUndefined();
  });

  it('is sent by nobody whose role does not allow it, and makes no owner while its inviter is frozen', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const invitation = (to: InvitedTo) => ({ organizationId, email: anAddress(), to });
    for (const role of ['developer', 'viewer', 'security'] as const) {
      const { id: invitedBy } = await join(platform, team, role);
      const wish = { ...invitation(DEVELOPER), invitedBy };
      expect(await createInvitation(platform, as({ id: invitedBy }), wish)).toMatchObject({
        reason: 'not-allowed',
      });
    }
    const frozenUntil = new Date(clock.now().getTime() + 86_400_000);
    await platform.db.account.update({ where: { id: owner.id }, data: { frozenUntil } });
    const gift = { ...invitation({ kind: 'member', role: 'owner' }), invitedBy: owner.id };
    expect(await createInvitation(platform, as(owner), gift)).toMatchObject({ reason: 'frozen' });
  });

  it.each(['', 'guest', 'a@b@example.com', 'x'.repeat(5000), 'guest@example.com\r\nBcc: eve@evil.example'])(
    'is not sent to %j',
    async (email) => {
      const { organizationId, owner } = await aTeam(platform);
      const wish = { organizationId, invitedBy: owner.id, email, to: DEVELOPER };
      expect(await createInvitation(platform, as(owner), wish)).toMatchObject({ reason: 'email' });
    },
  );

  it('is not sent to members, nor twice', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const email = anAddress();
    await invite(platform, team, email, DEVELOPER);
    const member = await join(platform, team, 'viewer');
    for (const address of [email, email.toUpperCase(), member.email, owner.email]) {
      const wish = { organizationId, invitedBy: owner.id, email: address, to: DEVELOPER };
      expect(await createInvitation(platform, as(owner), wish)).toMatchObject({ reason: 'email' });
    }
  });
});

describe('the letter of an invitation', () => {
  it('names organization and inviter without becoming a link, in the language of its reader', async () => {
    const team = await aTeam(platform, 'Win at evil.example/pay <b>now</b>');
    const guest = await createPerson(platform, { totp: false });
    await platform.db.account.update({ where: { id: guest.id }, data: { locale: 'de' } });
    await invite(platform, team, guest.email, DEVELOPER);
    const letter = (await waitingLetters(platform)).find(({ to }) => to === guest.email);
    expect(letter?.subject).toBe('Sie haben eine Einladung');
    expect(letter?.text).not.toContain('evil.example');
    expect(letter?.html).not.toContain('<b>');
    expect(letter?.html).not.toContain('evil.example');
    expect(letter?.html?.match(/<a /g)).toHaveLength(1);
  });
});

describe('invitations', () => {
  it('are twenty a day, however many are sent at the same moment', async () => {
    const { organizationId, owner } = await aTeam(platform);
    const send = () =>
      createInvitation(platform, as(owner), {
        organizationId,
        invitedBy: owner.id,
        email: anAddress(),
        to: DEVELOPER,
      });
    const outcomes = await Promise.all(Array.from({ length: 30 }, send));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(20);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({ reason: 'limit' });
    const [{ id = '' } = {}] = await listInvitations(platform, { organizationId });
    const again = { organizationId, id, invitedBy: owner.id };
    expect(await renewInvitation(platform, as(owner), again)).toMatchObject({ reason: 'limit' });
    ok(await withdrawInvitation(platform, as(owner), { organizationId, id, kinds: ['member'] }));
    expect(await send()).toMatchObject({ reason: 'limit' });
    clock.forward(86_400);
    expect(await send()).toMatchObject({ ok: true });
  });

  it('to one address are few a day, from however many organizations at the same moment', async () => {
    const email = anAddress();
    const teams = [];
    for (let team = 0; team < 8; team += 1) teams.push(await aTeam(platform));
    const outcomes = await Promise.all(
      teams.map(({ organizationId, owner }) =>
        createInvitation(platform, as(owner), { organizationId, invitedBy: owner.id, email, to: DEVELOPER }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(5);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({ reason: 'limit' });
  });
});

describe('a tester', () => {
  it('is invited by a developer and stays one of that app', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const developer = await join(platform, team, 'developer');
    const clientId = (await aClient(platform, organizationId)).client.id;
    const guest = await createPerson(platform, { totp: false });
    const handle = await invite(platform, { organizationId, owner: developer }, guest.email, {
      kind: 'tester',
      clientId,
    });
    expect(await acceptInvitation(platform, as(guest), { handle, accountId: guest.id })).toMatchObject({
      ok: true,
    });
    expect(await platform.db.clientTester.findMany({ where: { accountId: guest.id } })).toMatchObject([
      { clientId },
    ]);
    expect((await rolesIn(platform, organizationId))[guest.id]).toBeUndefined();
  });

  it('is one of ten before an app is live', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const clientId = (await aClient(platform, organizationId)).client.id;
    await platform.db.client.update({ where: { id: clientId }, data: { stage: 'development' } });
    const send = () =>
      createInvitation(platform, as(owner), {
        ...{ organizationId, invitedBy: owner.id, email: anAddress() },
        to: { kind: 'tester', clientId },
      });
    const outcomes = await Promise.all(Array.from({ length: 12 }, send));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(10);
    await platform.db.client.update({ where: { id: clientId }, data: { stage: 'live' } });
    expect(await send()).toMatchObject({ ok: true });
  });

  it('is of an app of the organization that invites', async () => {
    const [team, rival] = [await aTeam(platform), await aTeam(platform, 'Rival')];
    const clientId = (await aClient(platform, rival.organizationId)).client.id;
    const { organizationId, owner } = team;
    const wish = {
      organizationId,
      invitedBy: owner.id,
      email: anAddress(),
      to: { kind: 'tester', clientId } as const,
    };
    expect(await createInvitation(platform, as(owner), wish)).toMatchObject({ reason: 'not-allowed' });
  });
});

describe('a transfer', () => {
  it('makes the invited an owner and the inviter what they chose, when it is accepted', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const heir = await join(platform, team, 'viewer');
    const handle = await invite(platform, team, heir.email, { kind: 'transfer', role: 'developer' });
    expect(await rolesIn(platform, organizationId)).toEqual({ [owner.id]: 'owner', [heir.id]: 'viewer' });
    expect(await acceptInvitation(platform, as(heir), { handle, accountId: heir.id })).toMatchObject({
      ok: true,
    });
    expect(await rolesIn(platform, organizationId)).toEqual({ [owner.id]: 'developer', [heir.id]: 'owner' });
  });

  it('is not accepted by an account that is frozen', async () => {
    const team = await aTeam(platform);
    const heir = await createPerson(platform, { totp: false });
    const handle = await invite(platform, team, heir.email, { kind: 'transfer', role: 'developer' });
    const frozenUntil = new Date(clock.now().getTime() + 86_400_000);
    await platform.db.account.update({ where: { id: heir.id }, data: { frozenUntil } });
    expect(await acceptInvitation(platform, as(heir), { handle, accountId: heir.id })).toEqual({
      ok: false,
      reason: 'frozen',
    });
    expect(Object.values(await rolesIn(platform, team.organizationId))).toEqual(['owner']);
  });

  it('is void once its giver is no owner', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const giver = await join(platform, team, 'owner');
    const heir = await createPerson(platform, { totp: false });
    const handle = await invite(platform, { organizationId, owner: giver }, heir.email, {
      kind: 'transfer',
      role: 'viewer',
    });
    ok(await changeRole(platform, operator, { organizationId, accountId: giver.id, role: 'developer' }));
    expect(await findInvitation(platform, handle)).toBeUndefined();
  });
});
