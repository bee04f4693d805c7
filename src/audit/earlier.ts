import type { Platform } from '../platform/platform.ts';
import type { AuditAction, AuditDetails } from './events.ts';

/** Something that was done to a thing before. */
export interface EarlierEvent {
  readonly id: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly details: AuditDetails;
}

/** What was done to one thing, of these actions only, the newest first. */
export async function earlierEvents(
  { db }: Platform,
  { targetId, actions, take }: { targetId: string; actions: readonly AuditAction[]; take: number },
): Promise<EarlierEvent[]> {
  const rows = await db.auditEvent.findMany({
    where: { targetId, action: { in: [...actions] } },
    orderBy: { id: 'desc' },
    take,
    select: { id: true, at: true, action: true, actorKind: true, actorId: true, details: true },
  });
  return rows.map((row) => ({
    ...row,
    action: row.action as AuditAction,
    details: row.details as AuditDetails,
  }));
}
