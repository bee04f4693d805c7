import { secondsAfter } from '../platform/clock.ts';
import { forgetRows, type OldRows } from '../platform/database/forget-rows.ts';
import { firstIdAt } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { AuditAction } from './events.ts';

/** An event that a job of an upper floor has to tell somebody about. */
export interface UndeliveredEvent {
  readonly id: string;
  readonly action: AuditAction;
  readonly at: Date;
  readonly targetId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

const BATCH = 100;

/**
 * Events of one action, or of several, that this reader has not delivered yet, oldest first. There is no high-water mark that an event
 * could slip under by committing late: each is looked for by its own row.
 */
export async function undeliveredEvents(
  { db }: Platform,
  action: AuditAction | readonly AuditAction[],
  reader: string,
  since: Date,
): Promise<UndeliveredEvent[]> {
  return db.$queryRaw<UndeliveredEvent[]>`
    SELECT e.id::text AS id, e.action, e.at, e.target_id AS "targetId", e.details
      FROM audit_events e
     WHERE e.action = ANY (${[action].flat()}) AND e.at > ${since}
       AND NOT EXISTS (SELECT FROM audit_deliveries d WHERE d.event_id = e.id AND d.reader = ${reader})
     ORDER BY e.at, e.id LIMIT ${BATCH}`;
}

/**
 * Marks events as delivered, in the transaction that delivers them, and answers those that no other process marked
 * first: whoever comes second waits here for the first to commit, then finds nothing left to tell.
 */
export async function markDelivered(
  { db }: Platform,
  reader: string,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const data = eventIds.map((eventId) => ({ eventId, reader }));
  const marked = await db.auditDelivery.createManyAndReturn({ data, skipDuplicates: true });
  return new Set(marked.map(({ eventId }) => eventId));
}

/** No reader looks back further than a week. */
const MARKS_KEPT = 30 * 86_400;

const MARKS: OldRows = { table: 'audit_deliveries', where: 'event_id < $1::uuid' };

/** Job: forgets what was told long ago. An event's id says when it was. */
export function forgetOldMarks(platform: Platform): Promise<number> {
  return forgetRows(platform, MARKS, firstIdAt(secondsAfter(platform.clock.now(), -MARKS_KEPT)));
}
