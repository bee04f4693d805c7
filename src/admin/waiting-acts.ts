import type { TwoPersonAct as ActRow } from '../../prisma/generated/client.ts';
import { type Actor, actorName } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';

/** An act that needs two people, as operators read it. */
export interface WrittenAct {
  readonly id: string;
  readonly act: string;
  readonly input: unknown;
  readonly reason: string;
  /** Actors as kind:id. */
  readonly askedBy: string;
  readonly askedAt: Date;
  /** When it is done by itself, unless somebody withdraws it. */
  readonly dueAt: Date | null;
  readonly confirmedBy: string | null;
  readonly outcome: 'done' | 'withdrawn' | 'failed' | null;
  readonly decidedAt: Date | null;
}

/** The page of the console that shows one, for whoever has just asked for it. */
export function askedPath(act: string): string {
  return `/admin/two-person-acts/${act}?asked`;
}

const PAGE = 50;

/** What waits, the oldest first. */
export async function listWaitingActs({ db }: Platform): Promise<WrittenAct[]> {
  const rows = await db.twoPersonAct.findMany({
    where: { outcome: null },
    orderBy: { id: 'asc' },
    take: 200,
  });
  return rows.map(actOf);
}

export function countWaitingActs({ db }: Platform): Promise<number> {
  return db.twoPersonAct.count({ where: { outcome: null } });
}

/** What became of others, the newest first; `next` is `before` of the next page. */
export async function listDecidedActs(
  { db }: Platform,
  { before }: { readonly before?: string | undefined } = {},
): Promise<{ readonly acts: readonly WrittenAct[]; readonly next: string | undefined }> {
  const rows = await db.twoPersonAct.findMany({
    where: { outcome: { not: null }, ...(before !== undefined && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: PAGE + 1,
  });
  const acts = rows.slice(0, PAGE).map(actOf);
  return { acts, next: rows.length > PAGE ? acts.at(-1)?.id : undefined };
}

export async function findAct({ db }: Platform, id: string): Promise<WrittenAct | undefined> {
  const row = UUID.test(id) ? await db.twoPersonAct.findUnique({ where: { id } }) : null;
  return row ? actOf(row) : undefined;
}

/** Part of a change of operators: what this one asked for is not done any more, whatever its time. */
export async function withdrawActsOf(tx: Platform, actor: Actor, accountId: string): Promise<void> {
  const askedBy = actorName({ kind: 'operator', id: accountId });
  const rows = await tx.db.twoPersonAct.findMany({ where: { askedBy, outcome: null } });
  for (const { id, act } of rows) {
    const data = { outcome: 'withdrawn', decidedAt: tx.clock.now() };
    const { count } = await tx.db.twoPersonAct.updateMany({ where: { id, outcome: null }, data });
    if (count > 0)
      await recordEvent(tx, actor, 'two-person-act.withdrawn', { kind: 'two-person-act', id }, { act });
  }
}

function actOf(row: ActRow): WrittenAct {
  return { ...row, outcome: row.outcome as WrittenAct['outcome'] };
}
