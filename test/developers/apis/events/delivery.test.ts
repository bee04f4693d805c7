import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverDueEvents } from '../../../../src/developers/apis/events/deliver-events.ts';
import { listDeliveries, repeatDelivery } from '../../../../src/developers/apis/events/delivery-log.ts';
import {
  addTarget,
  removeTarget,
  rotateEventSecret,
  stopTarget,
  testTarget,
} from '../../../../src/developers/apis/events/event-targets.ts';
import { forgetOldDeliveries } from '../../../../src/developers/apis/events/forget-deliveries.ts';
import { queueEvent } from '../../../../src/developers/apis/events/queue-event.ts';
import { retryDelay } from '../../../../src/developers/apis/events/retry-delay.ts';
import { listTargets } from '../../../../src/developers/apis/events/target-list.ts';
import { waitingLetters } from '../../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { ok } from '../../../support/developers.ts';
import { isSignedWith, type Receiver, startReceiver, typesOf } from '../../../support/event-receiver.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { openTestPlatform } from '../../../support/platform.ts';
import { type ShiftedTime, shiftTime } from '../../../support/time.ts';
import { newApi, type Notes, OPERATOR } from '../../../support/world.ts';

const DAY = 86_400;

describe('an event on its way', () => {
  let database: TestDatabase;
  let platform: OpenPlatform;
  let second: OpenPlatform;
  let receiver: Receiver;
  let other: Receiver;
  let api: Notes;
  let apiId: string;
  let url: string;
  let made = 0;
  let time: ShiftedTime;
  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await startReceiver();
    other = await startReceiver();
    const outboundAllow = [receiver.origin, other.origin];
    platform = await openTestPlatform({ database, outboundAllow });
    second = await openTestPlatform({ database, outboundAllow });
  }, 60_000);
  beforeEach(async () => {
    made += 1;
    api = await newApi(platform, { identifier: `https://notes-${made}.example` });
    apiId = (await platform.db.api.findUniqueOrThrow({ where: { clientId: api.clientId } })).id;
    url = `${receiver.origin}/events-${made}`;
    receiver.answer = 204;
    other.answer = 204;
    receiver.received.length = 0;
    other.received.length = 0;
    time = shiftTime();
  });
  afterEach(async () => {
    time.restore();
    await platform.db.eventTarget.deleteMany({});
  });
  afterAll(async () => {
    await platform.close();
    await second.close();
    await database.drop();
    await receiver.close();
    await other.close();
  });

  const named = () => ({ holderId: api.clientId });
  const target = async (address = url, events: string[] = []) => {
    const added = ok(await addTarget(platform, OPERATOR, { ...named(), url: address, events }));
    receiver.received.length = 0;
    other.received.length = 0;
    return added;
  };
  const happen = (client = 'app_x') =>
    queueEvent(platform, { apiId, event: 'client.suspended', data: { client_id: client, until: null } });
  const log = async () => (await listDeliveries(platform, { apiId })).deliveries;
  /** As the job does it every second, for some hours. */
  const deliverFor = async (seconds: number, step: number) => {
    for (let gone = 0; gone < seconds; gone += step) {
      time.forward(step);
      await deliverDueEvents(platform);
    }
  };

  it('is signed as Standard Webhooks says, says what happened and when, and is erased once it was taken', async () => {
    const { issued } = await target();
    expect(issued.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const begun = Math.floor(Date.now() / 1000);
    expect(await happen()).toBe(1);
    await deliverDueEvents(platform);
    const [message] = receiver.received;
    expect(message && isSignedWith(issued.secret, message)).toBe(true);
    expect(message?.headers['webhook-id']).toMatch(/^msg_/);
    const sentAt = Number(message?.headers['webhook-timestamp']);
    expect(sentAt).toBeGreaterThanOrEqual(begun);
    expect(sentAt).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
    expect(message?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(message?.body ?? '')).toEqual({
      type: 'client.suspended',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      data: { client_id: 'app_x', until: null },
    });
    const [row] = await log();
    expect(row).toMatchObject({ attempts: 1, lastStatus: 204, repeatable: false });
    const stored = await platform.db.eventDelivery.findMany();
    expect(stored.map(({ sealed }) => sealed)).toEqual([null]);
    await deliverDueEvents(platform);
    expect(receiver.received).toHaveLength(1);
  });

  it('goes to those targets alone that want it', async () => {
    await target(url, ['session.ended']);
    await target(`${other.origin}/all`);
    await happen();
    await deliverDueEvents(platform);
    expect(receiver.received).toHaveLength(0);
    expect(typesOf(other.received)).toEqual(['client.suspended']);
  });

  it('is not sealed in clear: neither the row nor the target shows what only its owner knows', async () => {
    const { issued } = await target();
    await happen('app_only_here');
    const rows = JSON.stringify([
      await platform.db.eventDelivery.findMany(),
      await platform.db.eventTarget.findMany(),
      await platform.db.auditEvent.findMany(),
    ]);
    expect(rows).not.toContain('app_only_here');
    expect(rows).not.toContain(issued.secret.slice(8));
  });

  it('is signed twice for a day after its secret was replaced, and then with the new one alone', async () => {
    const { target: one, issued } = await target();
    const rotated = ok(await rotateEventSecret(platform, OPERATOR, { ...named(), targetId: one.id }));
    await happen();
    await deliverDueEvents(platform);
    time.forward(DAY + 60);
    await happen();
    await deliverDueEvents(platform);
    const signedWith = receiver.received.map((message) =>
      [issued.secret, rotated.issued.secret].map((secret) => isSignedWith(secret, message)),
    );
    expect(signedWith).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('is tried again after 5 seconds, then ever later, under the same id, until it is taken', async () => {
    await target();
    receiver.answer = 500;
    await happen();
    await deliverDueEvents(platform);
    await deliverDueEvents(platform);
    expect(receiver.received).toHaveLength(1);
    await deliverFor(6, 3);
    expect(receiver.received).toHaveLength(2);
    await deliverFor(12, 4);
    expect(receiver.received).toHaveLength(2);
    receiver.answer = 200;
    await deliverFor(10, 5);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await log())[0]).toMatchObject({ attempts: 3, lastStatus: 200 });
  });

  it('waits by a rule that grows to eight hours, part of it by chance', () => {
    expect([1, 2, 3, 6, 7, 8, 20].map((attempts) => retryDelay(attempts, 1))).toEqual([
      5, 20, 80, 5120, 20_480, 28_800, 28_800,
    ]);
    expect(retryDelay(1, 0)).toBe(3.75);
  });

  it('is given up after three days; its target is stopped, owners and operators are told once', async () => {
    const { target: one } = await target();
    receiver.answer = 503;
    await happen('first');
    await happen('second');
    await deliverFor(4 * DAY, 1800);
    expect((await log()).map(({ givenUpAt }) => givenUpAt !== null)).toContain(true);
    const [stopped] = await listTargets(platform, apiId);
    expect(stopped?.disabledAt).not.toBeNull();
    const alerts = await platform.db.alert.findMany({ where: { kind: 'event-target-given-up' } });
    expect(alerts.filter(({ evidence }) => JSON.stringify(evidence).includes(one.id))).toHaveLength(1);
    expect(JSON.stringify(alerts)).not.toContain(url);
    expect(await happen('third')).toBe(0);
    const tries = receiver.received.length;
    expect(tries).toBeGreaterThan(20);
    await deliverFor(DAY, 3600);
    expect(receiver.received).toHaveLength(tries);
    // Of what was kept, all goes out at once.
    receiver.answer = 204;
    ok(await stopTarget(platform, OPERATOR, { ...named(), targetId: one.id, stopped: false }));
    await deliverFor(120, 60);
    expect((await log()).map(({ deliveredAt }) => deliveredAt !== null)).toEqual([true, true]);
  });

  it('ends where a target says that it is gone for good', async () => {
    await target();
    receiver.answer = 410;
    await happen();
    await deliverDueEvents(platform);
    expect((await listTargets(platform, apiId))[0]?.disabledAt).not.toBeNull();
    const about = (await waitingLetters(platform)).filter(({ text }) => text.includes('410'));
    expect(about.length).toBeGreaterThan(0);
    expect(about[0]?.text).toContain(`/apis/${apiId}/events`);
  });

  it('can be sent again as long as it is kept, and by nobody else', async () => {
    await target();
    receiver.answer = 500;
    await happen();
    await deliverDueEvents(platform);
    const [row] = await log();
    const deliveryId = String(row?.id);
    const rival = await newApi(platform, { identifier: `https://rival-${made}.example` });
    const foreign = { holderId: rival.clientId, deliveryId };
    expect(await repeatDelivery(platform, OPERATOR, foreign)).toMatchObject({ reason: 'delivery' });
    receiver.answer = 204;
    ok(await repeatDelivery(platform, OPERATOR, { ...named(), deliveryId }));
    await deliverDueEvents(platform);
    expect(receiver.received).toHaveLength(2);
    const again = await repeatDelivery(platform, OPERATOR, { ...named(), deliveryId });
    expect(again).toMatchObject({ reason: 'delivered' });
    const repeated = { action: 'event-delivery.repeated', targetId: apiId };
    expect(await platform.db.auditEvent.count({ where: repeated })).toBe(1);
  });

  it('is forgotten: its text a week after it was given up, its line after a month', async () => {
    await target();
    receiver.answer = 500;
    await happen();
    await deliverFor(4 * DAY, 1800);
    time.forward(5 * DAY);
    await forgetOldDeliveries(platform);
    expect((await log())[0]?.repeatable).toBe(true);
    time.forward(3 * DAY);
    await forgetOldDeliveries(platform);
    expect((await log())[0]?.repeatable).toBe(false);
    time.forward(30 * DAY);
    await forgetOldDeliveries(platform);
    expect(await log()).toEqual([]);
  });

  it('waits for no slow target', async () => {
    await target();
    await target(`${other.origin}/quick`);
    receiver.answer = 'nothing';
    let held = 0;
    other.answer = () => {
      held = receiver.received.length;
      return 204;
    };
    for (let turn = 0; turn < 6; turn += 1) await happen(`app_${turn}`);
    const arrived = () => deliverDueEvents(platform).then(() => other.received.length);
    await expect.poll(arrived, PATIENCE).toBe(6);
    expect(held).toBeLessThanOrEqual(4);
  });

  it('is sent once by two processes that look at the same moment', async () => {
    await target();
    for (let turn = 0; turn < 20; turn += 1) await happen(`app_${turn}`);
    // A run waits for its own no longer than two seconds.
    const arrived = () =>
      Promise.all([deliverDueEvents(platform), deliverDueEvents(second)]).then(
        () => receiver.received.length,
      );
    await expect.poll(arrived, PATIENCE).toBe(20);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([20, 20]);
  });

  it('is sent again, under its id, where a process died between the answer and its note', async () => {
    await target();
    await happen();
    // As the process leaves it that took the message and was killed while it waited.
    await platform.db.eventDelivery.updateMany({
      data: { attempts: 1, dueAt: new Date(Date.now() + 60_000) },
    });
    await deliverDueEvents(second);
    expect(receiver.received).toHaveLength(0);
    time.forward(61);
    await deliverDueEvents(second);
    expect(receiver.received).toHaveLength(1);
    expect((await log())[0]).toMatchObject({ attempts: 2, lastStatus: 204 });
  });

  it('is no redirect followed, and no other address reached', async () => {
    await target();
    receiver.answer = 302;
    await happen();
    await deliverDueEvents(platform);
    expect((await log())[0]).toMatchObject({ lastStatus: 0, deliveredAt: null });
  });

  it.each([
    ['no address', 'hello', 'url'],
    ['an address with a fragment', 'https://api.example.com/#a', 'url'],
    ['plain http', 'http://api.example.com/', 'url'],
    ['a host of this machine', 'https://127.0.0.1:8443/', 'url'],
    ['the metadata service of a cloud', 'https://169.254.169.254/latest', 'url'],
    ['a user name', 'https://a:b@api.example.com/', 'url'],
  ])('has no target at %s', async (_what, address, reason) => {
    const outcome = await addTarget(platform, OPERATOR, { ...named(), url: address, events: [] });
    expect(outcome).toMatchObject({ ok: false, reason });
  });

  it('has no target that does not answer, that answers wrongly, or that is there already', async () => {
    const add = (events: string[] = []) => addTarget(platform, OPERATOR, { ...named(), url, events });
    receiver.answer = 404;
    expect(await add()).toMatchObject({ reason: 'url', sentence: expect.stringContaining('404') });
    receiver.answer = 401;
    expect(await add()).toMatchObject({ ok: true, status: 401 });
    expect(await add()).toMatchObject({ reason: 'url' });
    expect(await add(['user.deleted'])).toMatchObject({ reason: 'events' });
  });

  it('has five targets at most, whoever asks at once', async () => {
    const adds = Array.from({ length: 8 }, (_, at) =>
      addTarget(platform, OPERATOR, { ...named(), url: `${url}/${at}`, events: [] }),
    );
    const outcomes = await Promise.all(adds);
    expect(outcomes.filter(({ ok: added }) => added)).toHaveLength(5);
  });

  it('is tested by its owner, and gone with its target', async () => {
    const { target: one, issued } = await target();
    ok(await testTarget(platform, OPERATOR, { ...named(), targetId: one.id }));
    await deliverDueEvents(platform);
    expect(typesOf(receiver.received)).toEqual(['target.tested']);
    expect(receiver.received[0] && isSignedWith(issued.secret, receiver.received[0])).toBe(true);
    await happen();
    ok(await removeTarget(platform, OPERATOR, { ...named(), targetId: one.id }));
    await deliverDueEvents(platform);
    expect(receiver.received).toHaveLength(1);
    expect(await platform.db.eventDelivery.count()).toBe(0);
  });
});
