import { markDelivered, type UndeliveredEvent, undeliveredEvents } from '../audit/deliveries.ts';
import type { AuditAction } from '../audit/events.ts';
import { findListeners, type Listeners } from '../developers/apis/events/listeners.ts';
import { queueEvent } from '../developers/apis/events/queue-event.ts';
import { secondsAfter } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { EVENT_SOURCES } from './event-sources.ts';

const READER = 'events-out';
const ACTIONS = Object.keys(EVENT_SOURCES) as AuditAction[];

/** Entries commit within seconds of their time. What a whole outage left behind is looked for once an hour. */
const LATELY_SECONDS = 600;
const OLDEST_SECONDS = 3 * 86_400;

/**
 * Job: puts what happened on its way to the APIs concerned. The mark and the messages are one transaction: none is lost
 * over a kill, and of two processes one queues it. Answers how many messages there were.
 */
export function queueEvents(platform: Platform): Promise<number> {
  return queueSince(platform, LATELY_SECONDS);
}

/** Job: the same for what was left when all processes were down. */
export function queueLateEvents(platform: Platform): Promise<number> {
  return queueSince(platform, OLDEST_SECONDS);
}

async function queueSince(platform: Platform, seconds: number): Promise<number> {
  const listeners = await findListeners(platform);
  if (!listeners) return 0;
  const oldest = secondsAfter(platform.clock.now(), -seconds);
  // What happened before anybody wanted to know is nobody's news.
  const since = oldest > listeners.since ? oldest : listeners.since;
  let queued = 0;
  for (;;) {
    const events = await undeliveredEvents(platform, ACTIONS, READER, since);
    for (const event of events) queued += await queueOnce(platform, event, listeners);
    if (events.length === 0) return queued;
  }
}

async function queueOnce(platform: Platform, event: UndeliveredEvent, listeners: Listeners): Promise<number> {
  const find = EVENT_SOURCES[event.action];
  return inTransaction(platform, async (tx) => {
    const mine = await markDelivered(tx, READER, [event.id]);
    if (!mine.has(event.id) || !find) return 0;
    let queued = 0;
    for (const told of await find(tx, event, listeners))
      queued += await queueEvent(tx, { ...told, at: event.at });
    return queued;
  });
}
