import { randomUUID } from 'node:crypto';
import { newId } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { EventName, SentEvent } from './event-names.ts';

/** Plain facts for one API: ids that it knows anyway, and its own subject of a person. */
export type EventData = Readonly<Record<string, string | readonly string[] | null>>;

export interface QueuedEvent {
  readonly apiId: string;
  readonly event: EventName;
  readonly data: EventData;
  /** When it happened. */
  readonly at?: Date;
}

/**
 * Puts an event on its way to every target of the API that wants it, in the caller's transaction: it goes out exactly if
 * its cause stands. Answers to how many.
 */
export async function queueEvent(tx: Platform, { apiId, event, data, at }: QueuedEvent): Promise<number> {
  const targets = await tx.db.eventTarget.findMany({
    where: { apiId, disabledAt: null, OR: [{ events: { isEmpty: true } }, { events: { has: event } }] },
    select: { id: true },
  });
  for (const { id } of targets) await queueFor(tx, id, event, bodyOf(event, data, at ?? tx.clock.now()));
  return targets.length;
}

/** One message to one target. */
export async function queueFor(
  { db, vault, clock }: Platform,
  targetId: string,
  event: SentEvent,
  body: string,
): Promise<string> {
  const id = newId();
  const now = clock.now();
  const sealed = vault.seal(body, placeOfBody(id));
  const row = { id, targetId, messageId: newMessageId(), event, sealed, createdAt: now, dueAt: now };
  await db.eventDelivery.create({ data: row });
  return id;
}

/** By chance, another for every target: two organizations must not find out that they are told of the same person. */
export function newMessageId(): string {
  return `msg_${randomUUID()}`;
}

/** Whole seconds, as nobody needs more to know when it was. */
export function bodyOf(event: SentEvent, data: EventData, at: Date): string {
  return JSON.stringify({ type: event, timestamp: at.toISOString().replace(/\.\d+Z$/, 'Z'), data });
}

export function placeOfBody(row: string) {
  return { table: 'event_deliveries', column: 'sealed', row };
}
