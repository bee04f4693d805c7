import { setTimeout as sleep } from 'node:timers/promises';
import { secondsAfter } from '../../../platform/clock.ts';
import type { Platform } from '../../../platform/platform.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { placeOfBody } from './queue-event.ts';
import { type SendResult, sendEvent } from './send-event.ts';
import { retryDelay } from './retry-delay.ts';
import { stopFailingTarget } from './stop-failing-target.ts';
import { type TakenMessage, takeDue, type UnderWay } from './take-due.ts';
import { noteAnswer, noteSilence, restTarget } from './target-rest.ts';

/** An event is tried for three days. */
export const GIVE_UP_SECONDS = 3 * 86_400;

/** A run waits so long for what it sent; slower targets finish by themselves and are left alone meanwhile. */
const RUN_MS = 2_000;

/** What is being sent, by target and running installation. */
const busy = new WeakMap<Platform['sql'], Map<string, Sending>>();

interface Sending extends UnderWay {
  readonly done: Promise<unknown>;
}

/**
 * Job: sends every event that is due and answers how many targets were asked. Any number of processes may do so at
 * once: each message is taken by one, and slow targets hold up nobody but their own organization. Order is not promised.
 */
export async function deliverDueEvents(platform: Platform): Promise<number> {
  const underWay = busy.get(platform.sql) ?? new Map<string, Sending>();
  busy.set(platform.sql, underWay);
  let asked = 0;
  const late = sleep(RUN_MS, 'late', { ref: false });
  for (;;) {
    const taken = await takeDue(platform, underWay);
    for (const messages of Map.groupBy(taken, (one) => one.targetId).values()) {
      asked += 1;
      sendAll(platform, underWay, messages);
    }
    if (underWay.size === 0) return asked;
    const first = await Promise.race([late, ...[...underWay.values()].map(({ done }) => done)]);
    if (first === 'late') return asked;
  }
}

/** Messages to one target, which is under way until the last of them is done. */
function sendAll(
  platform: Platform,
  underWay: Map<string, Sending>,
  messages: readonly TakenMessage[],
): void {
  const [first] = messages;
  if (!first) return;
  const { targetId, organizationId } = first;
  const done = Promise.all(messages.map((one) => deliver(platform, one))).finally(() =>
    underWay.delete(targetId),
  );
  underWay.set(targetId, { organizationId, messages: messages.length, done });
}

/** Never throws: a fault here leaves the message to the next taker. */
async function deliver(platform: Platform, message: TakenMessage): Promise<void> {
  try {
    const body = platform.vault.open(message.sealed, placeOfBody(message.deliveryId)).toString();
    await settle(platform, message, await sendEvent(platform, message, { ...message, body }));
  } catch (err) {
    platform.log.warn({ delivery: message.deliveryId, err }, 'an event could not be sent or noted');
  }
}

/** 410 says that nobody is there and nobody will be. */
const GONE = 410;
const REST_SECONDS = 60;

async function settle(platform: Platform, message: TakenMessage, result: SendResult): Promise<void> {
  const { db, clock } = platform;
  const now = clock.now();
  const { deliveryId: id, attempts } = message;
  // Only while it is still ours: who was slow enough to lose a message to another has no say any more.
  const where = { id, attempts, deliveredAt: null, givenUpAt: null };
  if (result.resting) {
    const until = secondsAfter(now, REST_SECONDS * (1 + Math.random()));
    await db.eventDelivery.updateMany({ where, data: { dueAt: now, attempts: { decrement: 1 } } });
    return restTarget(platform, message.targetId, until);
  }
  await (result.status === 0 ? noteSilence : noteAnswer)(platform, message);
  const last = { lastAt: now, lastStatus: result.status };
  if (result.taken) {
    const data = { ...last, deliveredAt: now, givenUpAt: null, sealed: null };
    await db.eventDelivery.updateMany({ where: { id, deliveredAt: null }, data });
  } else {
    const dueAt = secondsAfter(now, retryDelay(attempts));
    const tooLate = dueAt > secondsAfter(message.createdAt, GIVE_UP_SECONDS);
    if (tooLate || result.status === GONE) return giveUp(platform, message, result.status);
    await db.eventDelivery.updateMany({ where, data: { ...last, dueAt } });
  }
}

/**
 * Gives one message up; its text is kept a week, for who wants it sent again. The target is stopped where it took
 * nothing else in all that time, or said that it is gone.
 */
async function giveUp(platform: Platform, message: TakenMessage, status: number): Promise<void> {
  const { deliveryId: id, attempts, targetId, createdAt } = message;
  await inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    const { count } = await tx.db.eventDelivery.updateMany({
      where: { id, attempts, deliveredAt: null, givenUpAt: null },
      data: { givenUpAt: now, lastAt: now, lastStatus: status },
    });
    if (count === 0) return;
    const taken = await tx.db.eventDelivery.count({ where: { targetId, deliveredAt: { gte: createdAt } } });
    if (status === GONE) await stopFailingTarget(tx, targetId, 'gone');
    else if (taken === 0) await stopFailingTarget(tx, targetId, 'failing');
  });
}
