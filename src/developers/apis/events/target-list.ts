import type { EventTarget } from '../../../../prisma/generated/client.ts';
import { UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { EventName } from './event-names.ts';

/** A target as its owners see it: never with its secret. */
export type TargetView = Pick<
  EventTarget,
  'id' | 'url' | 'olderUntil' | 'createdAt' | 'disabledAt' | 'restsUntil'
> & {
  /** What it wants; empty for all. */
  readonly events: readonly EventName[];
};

/** The oldest first. */
export async function listTargets({ db }: Platform, apiId: string): Promise<TargetView[]> {
  const rows = await db.eventTarget.findMany({ where: { apiId }, orderBy: { id: 'asc' } });
  return rows.map(viewOf);
}

export async function findTarget(
  platform: Platform,
  apiId: string,
  targetId: string,
): Promise<TargetView | undefined> {
  if (!UUID.test(targetId)) return undefined;
  return (await listTargets(platform, apiId)).find(({ id }) => id === targetId);
}

/** Without its secrets. */
export function viewOf({ id, url, events, ...times }: EventTarget): TargetView {
  const { olderUntil, createdAt, disabledAt, restsUntil } = times;
  return { id, url, events: events as EventName[], olderUntil, createdAt, disabledAt, restsUntil };
}
