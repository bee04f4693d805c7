import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliverDueEvents } from '../../../../src/developers/apis/events/deliver-events.ts';
import { listDeliveries } from '../../../../src/developers/apis/events/delivery-log.ts';
import { addTarget, testTarget } from '../../../../src/developers/apis/events/event-targets.ts';
import { queueEvent } from '../../../../src/developers/apis/events/queue-event.ts';
import { listTargets } from '../../../../src/developers/apis/events/target-list.ts';
import type { OpenPlatform } from '../../../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { ok } from '../../../support/developers.ts';
import { type Receiver, startReceiver } from '../../../support/event-receiver.ts';
import { openTestPlatform } from '../../../support/platform.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { shiftTime } from '../../../support/time.ts';
import { newApi, newOrganization, OPERATOR } from '../../../support/world.ts';

describe('events of many', () => {
  let database: TestDatabase;
  let platform: OpenPlatform;
  let stalled: Receiver;
  let quick: Receiver;
  let made = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
    stalled = await startReceiver();
    quick = await startReceiver();
    platform = await openTestPlatform({ database, outboundAllow: [stalled.origin, quick.origin] });
  }, 60_000);
  afterEach(async () => {
    await platform.db.eventTarget.deleteMany({});
    stalled.answer = 204;
    stalled.received.length = 0;
    quick.received.length = 0;
  });
  afterAll(async () => {
    await platform.close();
    await database.drop();
    await stalled.close();
    await quick.close();
  });

  /** An API with so many targets there. */
  const listening = async ({ origin, received }: Receiver, targets: number, organizationId?: string) => {
    made += 1;
    const identifier = `https://api-${made}.example`;
    const { clientId } = await newApi(platform, { identifier, ...(organizationId && { organizationId }) });
    const { id } = await platform.db.api.findUniqueOrThrow({ where: { clientId } });
    for (let turn = 0; turn < targets; turn += 1) {
      const url = `${origin}/${made}/${turn}`;
      ok(await addTarget(platform, OPERATOR, { holderId: clientId, url, events: [] }));
    }
    received.length = 0;
    return { apiId: id, clientId };
  };
  const happen = (apiId: string) =>
    queueEvent(platform, { apiId, event: 'client.suspended', data: { client_id: 'app_x', until: null } });

  it('of an organization all of whose targets stall take no place from another', {
    timeout: 60_000,
  }, async () => {
    const organizationId = await newOrganization(platform);
    const apis = [];
    for (let turn = 0; turn < 8; turn += 1) apis.push(await listening(stalled, 5, organizationId));
    const victim = await listening(quick, 1);
    stalled.answer = 'nothing';
    for (const { apiId } of apis) for (let turn = 0; turn < 4; turn += 1) await happen(apiId);
    await deliverDueEvents(platform);
    let held = 0;
    quick.answer = () => {
      held = stalled.received.length;
      return 204;
    };
    expect(stalled.received.length).toBeLessThanOrEqual(8);
    await happen(victim.apiId);
    await expect
      .poll(
        async () => {
          await deliverDueEvents(platform);
          return quick.received.length;
        },
        { ...PATIENCE, timeout: 30_000 },
      )
      .toBe(1);
    // It did not wait for forty targets to give no answer.
    expect(held).toBeLessThan(40);
  });

  it('of organizations that come by turns, one of each goes first', async () => {
    const crowd = await newOrganization(platform);
    const first = await listening(quick, 5, crowd);
    const second = await listening(quick, 5, crowd);
    const alone = await listening(quick, 1);
    for (let turn = 0; turn < 6; turn += 1) {
      await happen(first.apiId);
      await happen(second.apiId);
    }
    await happen(alone.apiId);
    // A run waits for its own no longer than two seconds.
    const arrived = () => deliverDueEvents(platform).then(() => quick.received.length);
    await expect.poll(arrived, PATIENCE).toBe(61);
    const own = quick.received.findIndex(({ path }) => path === `/${made}/0`);
    expect(own).toBeLessThan(9);
  });

  it('to a target that gives no answer wait together, and go on together once it does', async () => {
    const time = shiftTime();
    try {
      const { apiId, clientId } = await listening(stalled, 1);
      const [target] = await listTargets(platform, apiId);
      stalled.answer = 'hangs up';
      for (let turn = 0; turn < 20; turn += 1) await happen(apiId);
      await deliverDueEvents(platform);
      // Those on their way at once count as one try.
      expect(stalled.received).toHaveLength(4);
      await deliverDueEvents(platform);
      expect(stalled.received).toHaveLength(4);
      const [resting] = await listTargets(platform, apiId);
      expect(resting?.restsUntil?.getTime()).toBeGreaterThan(Date.now());
      const { deliveries } = await listDeliveries(platform, { apiId });
      expect(deliveries.every(({ dueAt }) => dueAt >= (resting?.restsUntil ?? new Date()))).toBe(true);

      time.forward(6);
      await deliverDueEvents(platform);
      expect(stalled.received).toHaveLength(5);
      for (let seconds = 0; seconds < 6 * 3600; seconds += 60) {
        time.forward(60);
        await deliverDueEvents(platform);
      }
      // Four tries an hour at the most, however many wait.
      expect(stalled.received.length).toBeGreaterThan(15);
      expect(stalled.received.length).toBeLessThan(40);

      stalled.answer = 204;
      stalled.received.length = 0;
      ok(await testTarget(platform, OPERATOR, { holderId: clientId, targetId: String(target?.id) }));
      for (let turn = 0; turn < 60; turn += 1) {
        await deliverDueEvents(platform);
        time.forward(60);
      }
      expect(stalled.received).toHaveLength(21);
      expect((await listTargets(platform, apiId))[0]?.restsUntil).toBeNull();
    } finally {
      time.restore();
    }
  });
});
