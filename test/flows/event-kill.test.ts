import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTarget } from '../../src/developers/apis/events/event-targets.ts';
import { queueEvent } from '../../src/developers/apis/events/queue-event.ts';
import { ok } from '../support/developers.ts';
import { isSignedWith, type Receiver, startReceiver } from '../support/event-receiver.ts';
import { PATIENCE } from '../support/patience.ts';
import { type ShiftedServers, startShiftedServers } from '../support/shifted-servers.ts';
import { newApi, OPERATOR } from '../support/world.ts';

describe('a server killed while the receiver of an event holds its request', () => {
  let receiver: Receiver;
  let servers: ShiftedServers;
  beforeAll(async () => {
    receiver = await startReceiver();
    servers = await startShiftedServers([receiver.origin]);
  }, 120_000);
  afterAll(async () => {
    await servers.stop();
    await receiver.close();
  });

  it('delivers it again under the same webhook-id once it runs again, and then no more', {
    timeout: 120_000,
  }, async () => {
    const { platform } = servers;
    const { clientId } = await newApi(platform);
    const url = `${receiver.origin}/events`;
    const added = ok(await addTarget(platform, OPERATOR, { holderId: clientId, url, events: [] }));
    const { id: apiId } = await platform.db.api.findUniqueOrThrow({ where: { clientId } });
    receiver.received.length = 0;
    receiver.answer = 'nothing';
    const data = { client_id: 'app_x', until: null };
    await queueEvent(platform, { apiId, event: 'client.suspended', data });
    await expect.poll(() => receiver.received.length, PATIENCE).toBe(1);
    // It is left to who took it for a minute, in case they live.
    receiver.answer = 204;
    await servers.killAndStart(61);
    const row = () => platform.db.eventDelivery.findFirstOrThrow();
    await expect.poll(async () => (await row()).deliveredAt, PATIENCE).not.toBeNull();
    expect(await row()).toMatchObject({ attempts: 2, lastStatus: 204, sealed: null });
    await servers.killAndStart(61);
    await queueEvent(platform, { apiId, event: 'client.resumed', data: { client_id: 'app_x' } });
    await expect.poll(() => receiver.received.length, PATIENCE).toBeGreaterThan(2);

    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    expect(receiver.received.map((one) => isSignedWith(added.issued.secret, one))).toEqual([
      true,
      true,
      true,
    ]);
  });
});
