import type { Platform } from '../platform/platform.ts';
import type { AuditAction } from './events.ts';

/** Whether this was done to `targetId` after `since`, with `detail` true: for what may happen only so often. */
export async function happenedSince(
  { db }: Platform,
  { action, targetId, detail, since }: { action: AuditAction; targetId: string; detail: string; since: Date },
): Promise<boolean> {
  const [found] = await db.$queryRaw<{ id: string }[]>`
    SELECT id::text AS id FROM audit_events
    WHERE target_id = ${targetId} AND action = ${action} AND at > ${since.toISOString()}::timestamptz
      AND details->>${detail} = 'true' LIMIT 1`;
  return found !== undefined;
}

/** How often an account did this after `since`, whatever became of it. */
export function countDeeds(
  { db }: Platform,
  { actorId, action, since }: { actorId: string; action: AuditAction; since: Date },
): Promise<number> {
  return db.auditEvent.count({ where: { actorKind: 'account', actorId, action, at: { gt: since } } });
}
