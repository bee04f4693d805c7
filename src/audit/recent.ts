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
