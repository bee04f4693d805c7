import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvent } from '../../../src/audit/trail.ts';
import { moveSuspension } from '../../../src/defense/suspensions/changes.ts';
import { endSuspension } from '../../../src/defense/suspensions/end.ts';
import { begin, pause, type Times } from '../../../src/defense/suspensions/ladder.ts';
import { startSuspension } from '../../../src/defense/suspensions/start.ts';
import { findSuspension } from '../../../src/defense/suspensions/suspension.ts';
import { grantAccess } from '../../../src/developers/access/access.ts';
import { acceptInvitation } from '../../../src/developers/organizations/invitation-answers.ts';
import { listActivity } from '../../../src/developers/organizations/activity.ts';
import { changeRole, leaveOrganization } from '../../../src/developers/organizations/members.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { inEnglish } from '../../../src/platform/words/english.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, ok, operator } from '../../support/developers.ts';
import { aTeam, as, invite, join } from '../../support/organizations.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

async function read(organizationId: string, before?: string): Promise<string[]> {
  const { activities } = await listActivity(platform, { organizationId, before });
  return activities.map(({ what }) => inEnglish(what));
}

describe('the activity of an organization', () => {
  it('says who did what to its people, apps and APIs, and says it of no other organization', async () => {
    const team = await aTeam(platform);
    const { organizationId, owner } = team;
    const rival = await aTeam(platform, 'Rival');
    const guest = await createPerson(platform, { name: 'Gina Guest', totp: false });
    const handle = await invite(platform, team, guest.email, { kind: 'member', role: 'viewer' });
    ok(await acceptInvitation(platform, as(guest), { handle, accountId: guest.id }));
    ok(await changeRole(platform, as(owner), { organizationId, accountId: guest.id, role: 'developer' }));
    const { client } = await aClient(platform, organizationId, { name: 'Planner' });
    const { api } = await anApi(platform, rival.organizationId, { name: 'Maps' });
    const access = { clientId: client.id, apiIdentifier: String(api.identifier), scopes: ['notes:read'] };
    ok(await grantAccess(platform, operator, { ...access, origin: 'operator' }));
    expect(await read(organizationId)).toEqual([
      'Planner got access to an API of another organization, by an operator',
      'an operator created the app Planner',
      'Olive Owner changed the role of Gina Guest: Developer',
      'Gina Guest accepted an invitation: membership',
      'Olive Owner invited somebody: membership',
      'an operator created the organization',
    ]);
    expect(await read(rival.organizationId)).toEqual([
      'an app of another organization got access to Maps, by an operator',
      'an operator registered the API Maps',
      'an operator created the organization',
    ]);
  });

  it('names nobody who is no member any more', async () => {
    const team = await aTeam(platform);
    const { organizationId } = team;
    const member = await join(platform, team, 'developer');
    ok(await leaveOrganization(platform, as(member), { organizationId, accountId: member.id }));
    const [left, added] = await read(organizationId);
    expect(left).toBe('somebody who is no member now left the organization');
    expect(added).toBe('an operator added somebody who is no member now as a member: Developer');
  });

  it('remembers an app that is gone, by the name it was made with', async () => {
    const { organizationId } = await aTeam(platform);
    const { client } = await aClient(platform, organizationId, { name: 'Planner' });
    await recordEvent(platform, operator, 'client.deleted', { kind: 'client', id: client.id });
    await platform.db.client.delete({ where: { id: client.id } });
    expect((await read(organizationId)).slice(0, 2)).toEqual([
      'an operator deleted the app something that is gone',
      'an operator created the app Planner',
    ]);
  });

  it('does not tell what people allowed', async () => {
    const { organizationId } = await aTeam(platform);
    const { client } = await aClient(platform, organizationId);
    await recordEvent(platform, operator, 'consent.given', { kind: 'client', id: client.id });
    expect(await read(organizationId)).toHaveLength(2);
  });

  it('says what slowed or stopped an app and how it ended, to its owners alone', async () => {
    const { organizationId } = await aTeam(platform);
    const rival = await aTeam(platform, 'Rival');
    const { client } = await aClient(platform, organizationId, { name: 'Planner' });
    const { api } = await anApi(platform, rival.organizationId, { name: 'Maps' });
    const watch = { kind: 'job', id: 'watch' } as const;
    const ids = { clientId: client.id, apiId: api.id };
    const found = { kind: 'access', ids, rule: 'scopes-probed-at-api' } as const;
    const { id } = ok(await startSuspension(platform, watch, found)).suspension;
    const rung = async (times: Times) => {
      const before = await findSuspension(platform, id);
      if (!before) throw new Error('the suspension is gone');
      await inTransaction(platform, (tx) =>
        moveSuspension(tx, watch, before, times, { ...before, note: undefined }),
      );
    };
    await rung(begin('slow', 0, platform.clock.now()));
    await rung(pause(1, platform.clock.now()));
    ok(await endSuspension(platform, operator, { id }));
    const whole = { kind: 'organization', ids: { organizationId }, note: 'Its owner asked for it.' } as const;
    ok(await startSuspension(platform, operator, whole));
    ok(
      await startSuspension(platform, operator, { kind: 'account', ids: { accountId: crypto.randomUUID() } }),
    );
    expect((await read(organizationId)).slice(0, 5)).toEqual([
      'everything of this organization was paused until an operator decides, by an operator',
      'A suspension of Planner was ended by an operator',
      'Planner was paused at an API of another organization, by the service itself',
      'Planner was slowed at an API of another organization, by the service itself',
      'an operator created the app Planner',
    ]);
    expect((await listActivity(platform, { organizationId })).activities[1]?.suspension).toBe(id);
    expect(await read(rival.organizationId)).toHaveLength(2);
  });

  it('goes on page by page', async () => {
    const { organizationId } = await aTeam(platform);
    for (let event = 0; event < 60; event += 1) {
      const target = { kind: 'organization', id: organizationId };
      await recordEvent(platform, operator, 'organization.renamed', target, { name: `Name ${event}` });
    }
    const first = await listActivity(platform, { organizationId });
    expect(first.activities).toHaveLength(50);
    const second = await listActivity(platform, { organizationId, before: first.next });
    expect(second.activities).toHaveLength(11);
    expect(second.next).toBeUndefined();
  });
});
