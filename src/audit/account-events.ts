import type { Platform } from '../platform/platform.ts';
import type { AuditAction, AuditDetails } from './events.ts';

/** One event as far as its account may read it. */
export interface AccountEvent {
  readonly id: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly targetId: string | null;
  /** What happened in one request shares it. */
  readonly requestId: string | null;
  readonly details: AuditDetails;
}

export interface EventsQuery {
  readonly accountId: string;
  /** Only these are read; every other kind is none of the account's business. */
  readonly actions: readonly AuditAction[];
  /** The id of an event; only earlier ones are answered. */
  readonly before?: string | undefined;
  readonly take: number;
}

/**
 * What an account did and what was done to it, newest first; not what its owner did to others as an operator. Both halves follow an index backwards, so a long past
 * costs nothing; an event where the account is both is answered once.
 */
export async function eventsOfAccount({ db }: Platform, query: EventsQuery): Promise<AccountEvent[]> {
  const { accountId, actions, before = LAST_ID, take } = query;
  return db.$queryRaw<AccountEvent[]>`
    SELECT id::text, at, action, target_id AS "targetId", request_id AS "requestId", details FROM (
      (SELECT id, at, action, target_id, request_id, details::jsonb FROM audit_events
        WHERE actor_id = ${accountId} AND id < ${before}::uuid AND action = ANY(${actions})
          AND actor_kind <> 'operator'
        ORDER BY id DESC LIMIT ${take})
      UNION
      (SELECT id, at, action, target_id, request_id, details::jsonb FROM audit_events
        WHERE target_id = ${accountId} AND id < ${before}::uuid AND action = ANY(${actions})
        ORDER BY id DESC LIMIT ${take})
    ) AS events ORDER BY id DESC LIMIT ${take}`;
}

/** When the account last did this, if it ever did. */
export async function lastTime(
  { db }: Platform,
  accountId: string,
  action: AuditAction,
): Promise<Date | undefined> {
  const row = await db.auditEvent.findFirst({
    where: { actorId: accountId, action },
    orderBy: { id: 'desc' },
    select: { at: true },
  });
  return row?.at;
}

/** Behind every id there is. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
