import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { suspendAccount } from '../../src/admin/accounts/account-acts.ts';
import { carryOutDueActs } from '../../src/admin/carry-out-act.ts';
import { addOperator, changeOperatorRole, removeOperator } from '../../src/admin/operators.ts';
import { askForSecondPerson, confirmAct, withdrawAct } from '../../src/admin/two-person-acts.ts';
import { findAct, listWaitingActs } from '../../src/admin/waiting-acts.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { findClient } from '../../src/developers/clients/client.ts';
import { approveHost } from '../../src/developers/organizations/host-proofs.ts';
import { askVerification } from '../../src/developers/clients/verification.ts';
import { newId } from '../../src/platform/ids.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt } from '../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { aClient, anOrganization, ok, operator as cli } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';

let database: TestDatabase;
let platform: OpenPlatform;
let other: OpenPlatform;
const clock = clockAt();
const DAY = 86_400;
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await openTestPlatform({ database, clock });
  other = await openTestPlatform({ database, clock });
});
beforeEach(async () => {
  await platform.db.operator.deleteMany();
  await platform.db.letter.deleteMany();
  await platform.db.twoPersonAct.deleteMany();
});
afterAll(async () => {
  await other.close();
  await platform.close();
  await database.drop();
});

let made = 0;

/** An app whose publisher waits to be checked. */
async function aReview(): Promise<{ review: string; clientId: string; host: string }> {
  made += 1;
  const [organizationId, host] = [await anOrganization(platform), `publisher-${made}.example`];
  const { client } = await aClient(platform, organizationId, { name: `Planner ${made}` });
  ok(await approveHost(platform, cli, { organizationId, host }));
  const { accountId } = await platform.db.organizationMember.findFirstOrThrow({ where: { organizationId } });
  const owner = { kind: 'account', id: accountId } as const;
  ok(await askVerification(platform, owner, { organizationId, clientId: client.id, host }));
  const { id } = await platform.db.clientReview.findFirstOrThrow({ where: { clientId: client.id } });
  return { review: id, clientId: client.id, host };
}

const REASON = 'Their papers were looked at on the phone.';
const ask = (actor: Actor, review: string) =>
  askForSecondPerson(platform, actor, { act: 'verify-publisher', input: { review }, reason: REASON });
const isVerified = async (clientId: string) => (await findClient(platform, clientId))?.verifiedHost !== null;

describe('an act of two people', () => {
  it('is done when a different operator confirms it, and not before', async () => {
    const [one, two] = [await anOperator(platform, 'reviewer'), await anOperator(platform, 'administrator')];
    const { review, clientId, host } = await aReview();
    const { id, dueAt } = ok(await ask(asOperator(one), review));
    expect(dueAt).toBeNull();
    expect(await isVerified(clientId)).toBe(false);
    expect(await confirmAct(platform, asOperator(one), { id })).toMatchObject({ reason: 'own' });
    expect(await isVerified(clientId)).toBe(false);
    ok(await confirmAct(platform, asOperator(two), { id }));
    expect(await findClient(platform, clientId)).toMatchObject({ verifiedHost: host });
    expect(await findAct(platform, id)).toMatchObject({
      ...{ outcome: 'done', askedBy: `operator:${one.id}`, confirmedBy: `operator:${two.id}` },
    });
    expect(await confirmAct(platform, asOperator(two), { id })).toMatchObject({ reason: 'decided' });
  });

  it('is done once, however many confirm it on however many processes', async () => {
    const [one, two] = [await anOperator(platform, 'reviewer'), await anOperator(platform, 'reviewer')];
    const { review, clientId } = await aReview();
    const { id } = ok(await ask(asOperator(one), review));
    const confirmations = Array.from({ length: 50 }, (_, i) =>
      confirmAct(i % 2 ? platform : other, asOperator(two), { id }),
    );
    const outcomes = await Promise.all(confirmations);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const done = await platform.db.auditEvent.count({
      where: { targetId: clientId, action: 'client.verified' },
    });
    expect(done).toBe(1);
  });

  it('is confirmed by nobody whose role does not allow it', async () => {
    const one = await anOperator(platform, 'reviewer');
    await anOperator(platform, 'reviewer');
    const { review } = await aReview();
    const { id } = ok(await ask(asOperator(one), review));
    for (const role of ['support', 'security', 'auditor'] as const) {
      const actor = asOperator(await anOperator(platform, role));
      for (const rule of [confirmAct, withdrawAct])
        expect(await rule(platform, actor, { id })).toMatchObject({ reason: 'not-allowed' });
      expect(await ask(actor, review)).toMatchObject({ reason: 'not-allowed' });
    }
    const stranger = await createPerson(platform);
    for (const kind of ['operator', 'account'] as const)
      expect(await confirmAct(platform, { kind, id: stranger.id }, { id })).toMatchObject({
        reason: 'not-allowed',
      });
  });

  it('counts whoever has the command line by the name of their user', async () => {
    await anOperator(platform, 'reviewer');
    const { review, clientId } = await aReview();
    const { id } = ok(await ask(cli, review));
    expect(await confirmAct(platform, cli, { id })).toMatchObject({ reason: 'own' });
    ok(await confirmAct(platform, { kind: 'cli', id: 'somebody-else' }, { id }));
    expect(await isVerified(clientId)).toBe(true);
  });

  it('is asked for with a reason, once, and only where it could be done now', async () => {
    const one = asOperator(await anOperator(platform, 'reviewer'));
    const { review, clientId } = await aReview();
    const wish = { act: 'verify-publisher', input: { review }, reason: 'because' } as const;
    expect(await askForSecondPerson(platform, one, wish)).toMatchObject({ reason: 'reason' });
    expect(await ask(one, newId())).toMatchObject({ reason: 'review' });
    ok(await ask(one, review));
    expect(await isVerified(clientId)).toBe(false);
    expect(await ask(cli, review)).toMatchObject({ reason: 'asked-already' });
    expect(await listWaitingActs(platform)).toHaveLength(1);
  });

  it('is judged again by its own rule when it is done', async () => {
    const [one, two] = [await anOperator(platform, 'reviewer'), await anOperator(platform, 'reviewer')];
    const { review, clientId, host } = await aReview();
    const { id } = ok(await ask(asOperator(one), review));
    await platform.db.provenHost.deleteMany({ where: { host } });
    expect(await confirmAct(platform, asOperator(two), { id })).toMatchObject({ reason: 'host' });
    expect(await findAct(platform, id)).toMatchObject({ outcome: 'failed' });
    expect(await isVerified(clientId)).toBe(false);
  });
});

describe('where there is one operator', () => {
  it('an act waits for a day, every operator is told, and it is then done by itself, once', async () => {
    const [one, auditor] = [
      await anOperator(platform, 'administrator'),
      await anOperator(platform, 'auditor'),
    ];
    const { review, clientId } = await aReview();
    const { id, dueAt } = ok(await ask(asOperator(one), review));
    expect(dueAt?.getTime()).toBe(clock.now().getTime() + DAY * 1000);
    const told = (await waitingLetters(platform)).map(({ to }) => to);
    expect(told.sort()).toEqual([one.email, auditor.email].sort());
    clock.forward(DAY - 1);
    expect(await carryOutDueActs(platform)).toBe(0);
    clock.forward(1);
    const done = await Promise.all([platform, other, platform, other].map(carryOutDueActs));
    expect(done.reduce((sum, count) => sum + count)).toBe(1);
    expect(await isVerified(clientId)).toBe(true);
    expect(await findAct(platform, id)).toMatchObject({ outcome: 'done', confirmedBy: null });
  });

  it('a second account made meanwhile is no second person, in either order', async () => {
    const thief = asOperator(await anOperator(platform, 'administrator'));
    const [first, second] = [await aReview(), await aReview()];
    const before = ok(await ask(thief, first.review));
    const puppet = await createPerson(platform);
    ok(await addOperator(platform, thief, { email: puppet.email, role: 'administrator' }));
    expect(await confirmAct(platform, asOperator(puppet), { id: before.id })).toMatchObject({
      reason: 'too-new',
    });
    const byPuppet = ok(await ask(asOperator(puppet), second.review));
    expect(await confirmAct(platform, thief, { id: byPuppet.id })).toMatchObject({ reason: 'asker-too-new' });
    clock.forward(DAY - 1);
    expect(await confirmAct(platform, asOperator(puppet), { id: before.id })).toMatchObject({
      reason: 'too-new',
    });
    expect([await isVerified(first.clientId), await isVerified(second.clientId)]).toEqual([false, false]);
  });

  it('an old account with a new role is new', async () => {
    const boss = asOperator(await anOperator(platform, 'administrator'));
    const puppet = await anOperator(platform, 'auditor');
    const { review } = await aReview();
    ok(await changeOperatorRole(platform, boss, { accountId: puppet.id, role: 'reviewer' }));
    const { id, dueAt } = ok(await ask(boss, review));
    expect(dueAt).not.toBeNull();
    expect(await confirmAct(platform, asOperator(puppet), { id })).toMatchObject({ reason: 'too-new' });
  });

  it('whoever objects withdraws it, and nothing is done', async () => {
    const one = asOperator(await anOperator(platform, 'administrator'));
    const { review, clientId } = await aReview();
    const { id } = ok(await ask(one, review));
    ok(await withdrawAct(platform, cli, { id }));
    clock.forward(2 * DAY);
    expect(await carryOutDueActs(platform)).toBe(0);
    expect(await withdrawAct(platform, cli, { id })).toMatchObject({ reason: 'decided' });
    expect(await isVerified(clientId)).toBe(false);
  });

  it('what a removed operator asked for is not done any more', async () => {
    const thief = await anOperator(platform, 'administrator');
    const { review, clientId } = await aReview();
    const { id } = ok(await ask(asOperator(thief), review));
    await anOperator(platform, 'administrator');
    ok(await removeOperator(platform, cli, { accountId: thief.id }));
    clock.forward(2 * DAY);
    expect(await carryOutDueActs(platform)).toBe(0);
    expect(await findAct(platform, id)).toMatchObject({ outcome: 'withdrawn' });
    expect(await isVerified(clientId)).toBe(false);
  });

  it('what an operator asked for who was suspended since is not done, by time or by anybody', async () => {
    const [first, second] = [await aReview(), await aReview()];
    const thief = await anOperator(platform, 'administrator');
    const byTime = ok(await ask(asOperator(thief), first.review));
    const colleague = await anOperator(platform, 'administrator');
    const byColleague = ok(await ask(asOperator(thief), second.review));
    const wish = { accountId: thief.id, reason: 'Signed in from two continents.', hours: 30 * 24 };
    ok(await suspendAccount(platform, asOperator(colleague), wish));
    expect(await confirmAct(platform, asOperator(colleague), { id: byColleague.id })).toMatchObject({
      reason: 'asker-stopped',
    });
    clock.forward(2 * DAY);
    expect(await carryOutDueActs(platform)).toBe(0);
    expect(await findAct(platform, byTime.id)).toMatchObject({ outcome: 'failed' });
    expect([await isVerified(first.clientId), await isVerified(second.clientId)]).toEqual([false, false]);
  });
});
