import type { Actor } from '../../audit/actor.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { closeSuspension } from './changes.ts';
import { effectOf, REMEMBERED_SECONDS } from './ladder.ts';
import {
  BY_OPERATOR,
  isSameSubject,
  type Subject,
  subjectOf,
  type Suspension,
  type SuspensionKind,
  suspensionOf,
} from './suspension.ts';

/** What rules may suspend, by how much it stops. */
export const BREADTH: readonly SuspensionKind[] = ['access-writes', 'access', 'client', 'grant', 'account'];

const CLIENT_KINDS: ReadonlySet<SuspensionKind> = new Set(['access-writes', 'access', 'client']);

/**
 * All that stands of a client, an account or whatever else it is about, locked until the change is done. Whoever else
 * begins something about the same waits here. What time has ended meanwhile is ended first.
 */
export async function lockStanding(
  tx: Platform,
  actor: Actor,
  { kind, ids }: { readonly kind: SuspensionKind; readonly ids: Subject },
): Promise<Suspension[]> {
  const widest = CLIENT_KINDS.has(kind) ? 'client' : kind === 'grant' ? 'account' : kind;
  const where = subjectOf(widest, ids) as object;
  const root = `${widest} ${Object.values(where).join(' ')}`;
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`suspensions of ${root}`}, 0))`;
  const live = await tx.db.suspension.findMany({ where: { ...where, endedAt: null }, select: { id: true } });
  const listed = live.map(({ id }) => id);
  await tx.db.$executeRaw`SELECT FROM suspensions WHERE id = ANY(${listed}::uuid[]) ORDER BY id FOR UPDATE`;
  const rows = await tx.db.suspension.findMany({
    where: { id: { in: listed }, endedAt: null },
    orderBy: { id: 'asc' },
  });
  const standing: Suspension[] = [];
  for (const suspension of rows.map(suspensionOf)) {
    if (effectOf(suspension, tx.clock.now()).state !== 'ended') standing.push(suspension);
    else await closeSuspension(tx, actor, suspension.id, 'time');
  }
  return standing;
}

/** How often the same was paused before, where that ended by itself a short while ago. */
export async function levelBefore(
  tx: Platform,
  { ids, dryRun }: { readonly ids: Subject; readonly dryRun: boolean },
  kind: SuspensionKind,
): Promise<number> {
  const since = secondsAfter(tx.clock.now(), -REMEMBERED_SECONDS);
  const subject = subjectOf(kind, ids);
  const kinds = BREADTH.filter((one) => isSameSubject(one, kind));
  const last = await tx.db.suspension.findFirst({
    where: {
      ...(subject as object),
      kind: { in: [...kinds] },
      dryRun,
      endedBy: 'time',
      endedAt: { gt: since },
    },
    orderBy: { endedAt: 'desc' },
    select: { level: true, rule: true },
  });
  return last && last.rule !== BY_OPERATOR ? last.level : 0;
}

/** What a row says of its subject. A grant is found by its client as well. */
export function columnsOf(kind: SuspensionKind, ids: Subject): Subject {
  return { ...subjectOf(kind, ids), ...(kind === 'grant' && ids.clientId ? { clientId: ids.clientId } : {}) };
}

/** Whether a row is about what these ids name. */
export function isAbout(row: Suspension, ids: Subject): boolean {
  const own = subjectOf(row.kind, row) as Subject;
  return Object.entries(own).every(([name, id]) => ids[name as keyof Subject] === id);
}
