import { Prisma } from '../../prisma/generated/client.ts';
import type { Platform } from '../platform/platform.ts';
import type { AuditAction, AuditDetails } from './events.ts';

/** One event as operators read it. */
export interface FoundEvent {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly action: AuditAction;
  readonly targetKind: string;
  readonly targetId: string | null;
  readonly requestId: string | null;
  readonly details: AuditDetails;
}

/** What is left out does not narrow the search. */
export interface EventSearch {
  /** Ids, exactly. */
  readonly target?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** From this moment on, and until before that one. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

/**
 * What happened, newest first, from before the event `before`. Ids of events tell when they happened, so by a target or an
 * actor an index of theirs is walked backwards, and otherwise one by time: a long trail costs nothing.
 */
export async function searchEvents(
  { db }: Platform,
  { target, actor, action, from, until }: EventSearch,
  { before, take }: { readonly before?: string | undefined; readonly take: number },
): Promise<FoundEvent[]> {
  const conditions = [
    target !== undefined && Prisma.sql`target_id = ${target}`,
    actor !== undefined && Prisma.sql`actor_id = ${actor}`,
    action !== undefined && Prisma.sql`action = ${action}`,
    from && Prisma.sql`at >= ${from.toISOString()}::timestamptz`,
    until && Prisma.sql`at < ${until.toISOString()}::timestamptz`,
  ].filter((condition) => condition instanceof Prisma.Sql);
  const byId = target !== undefined || actor !== undefined;
  if (before !== undefined) conditions.push(byId ? Prisma.sql`id < ${before}::uuid` : earlierThan(before));
  const where =
    conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
  const order = byId ? Prisma.sql`id DESC` : Prisma.sql`at DESC, id DESC`;
  return db.$queryRaw<FoundEvent[]>`
    SELECT id::text, at, actor_kind AS "actorKind", actor_id AS "actorId", action, target_kind AS "targetKind",
      target_id AS "targetId", request_id AS "requestId", details::jsonb AS details
    FROM audit_events ${where} ORDER BY ${order} LIMIT ${take}`;
}

/** How many events of this kind there were since a moment, counted no further than `enough`. */
export async function countEvents(
  { db }: Platform,
  { action, from }: { readonly action: AuditAction; readonly from: Date },
  enough: number,
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int FROM (
      SELECT FROM audit_events WHERE action = ${action} AND at >= ${from.toISOString()}::timestamptz LIMIT ${enough}) e`;
  return row?.count ?? 0;
}

function earlierThan(before: string): Prisma.Sql {
  return Prisma.sql`(at, id) < (SELECT b.at, b.id FROM audit_events b WHERE b.id = ${before}::uuid)`;
}
