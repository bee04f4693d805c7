import { setTimeout as sleep } from 'node:timers/promises';
import { secondsAfter } from '../../../platform/clock.ts';
import type { Platform } from '../../../platform/platform.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { SigningTarget } from './event-secret.ts';
import { placeOfBody } from './queue-event.ts';
import { type SendResult, sendEvent } from './send-event.ts';
import { stopFailingTarget } from './stop-failing-target.ts';

/** An event is tried for three days. */
export const GIVE_UP_SECONDS = 3 * 86_400;

/** While a message is under way nobody else takes it; afterwards it is tried again, so a crash loses none. */
const UNDER_WAY_SECONDS = 60;

/** Messages under way at once in a process, and of them to one target. */
const MOST = 32;
const MOST_TO_ONE = 4;

/** A run waits so long for what it sent; slower targets finish by themselves and are left alone meanwhile. */
const RUN_MS = 2_000;

/** Targets that are being sent to, by running installation. */
const busy = new WeakMap<Platform['sql'], Map<string, Promise<unknown>>>();

/**
 * Job: sends every event that is due and answers how many targets were asked. Any number of processes may do so at
 * once: each message is taken by one, and a slow target holds up nobody but itself. Order is not promised.
 */
export async function deliverDueEvents(platform: Platform): Promise<number> {
  const underWay = busy.get(platform.sql) ?? new Map<string, Promise<unknown>>();
  busy.set(platform.sql, underWay);
  let asked = 0;
  const late = sleep(RUN_MS, 'late', { ref: false });
  for (;;) {
    const taken = underWay.size < MOST ? await takeDue(platform, underWay) : [];
    for (const [targetId, messages] of Map.groupBy(taken, (one) => one.targetId)) {
      asked += 1;
      const sending = Promise.all(messages.map((one) => deliver(platform, one)));
      underWay.set(
        targetId,
        sending.finally(() => underWay.delete(targetId)),
      );
    }
    if (underWay.size === 0) return asked;
    const first = await Promise.race([late, ...underWay.values()]);
    if (first === 'late') return asked;
  }
}

interface TakenMessage extends SigningTarget {
  readonly targetId: string;
  readonly url: string;
  readonly deliveryId: string;
  readonly messageId: string;
  readonly sealed: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** A few of each target that is not being sent to already, so that a long queue of one leaves room for the others. */
async function takeDue(
  { db, clock }: Platform,
  underWay: ReadonlyMap<string, unknown>,
): Promise<TakenMessage[]> {
  const now = clock.now();
  return db.$queryRaw<TakenMessage[]>`
    WITH waiting AS MATERIALIZED (
      SELECT d.id, row_number() OVER (PARTITION BY d.target_id ORDER BY d.due_at, d.id) AS place
        FROM event_deliveries d JOIN event_targets t ON t.id = d.target_id AND t.disabled_at IS NULL
       WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.sealed IS NOT NULL AND d.due_at <= ${now}
         AND d.target_id <> ALL (${[...underWay.keys()]}::uuid[])),
    due AS MATERIALIZED (
      SELECT d.id FROM event_deliveries d JOIN waiting w ON w.id = d.id AND w.place <= ${MOST_TO_ONE}
       WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.due_at <= ${now}
       ORDER BY d.due_at LIMIT ${MOST} FOR UPDATE OF d SKIP LOCKED)
    UPDATE event_deliveries d SET attempts = d.attempts + 1, due_at = ${secondsAfter(now, UNDER_WAY_SECONDS)}
      FROM due, event_targets t WHERE d.id = due.id AND t.id = d.target_id
    RETURNING t.id::text AS id, t.id::text AS "targetId", t.url, t.sealed_secret AS "sealedSecret",
              t.older_secret AS "olderSecret", t.older_until AS "olderUntil", d.id::text AS "deliveryId",
              d.message_id AS "messageId", d.sealed, d.attempts, d.created_at AS "createdAt"`;
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
  const last = { lastAt: now, lastStatus: result.status };
  // Only while it is still ours: who was slow enough to lose a message to another has no say any more.
  const where = { id, attempts, deliveredAt: null, givenUpAt: null };
  if (result.taken) {
    const data = { ...last, deliveredAt: now, givenUpAt: null, sealed: null };
    await db.eventDelivery.updateMany({ where: { id, deliveredAt: null }, data });
  } else if (result.resting) {
    const dueAt = secondsAfter(now, REST_SECONDS * (1 + Math.random()));
    await db.eventDelivery.updateMany({ where, data: { dueAt, attempts: { decrement: 1 } } });
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

/** 5 seconds, four times as long after each try, up to 8 hours; a quarter of it by chance. */
export function retryDelay(attempts: number, chance: number = Math.random()): number {
  return Math.min(5 * 4 ** (attempts - 1), 8 * 3600) * (0.75 + chance / 4);
}
