import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { closeSuspension } from './changes.ts';
import { effectOf } from './ladder.ts';
import { findSuspension, type Suspension, suspensionOf } from './suspension.ts';

/** What the owners wrote to the operators about a suspension, and what these said. */
export interface Appeal {
  readonly id: string;
  readonly suspensionId: string;
  /** Plain text of a stranger. */
  readonly text: string;
  /** The account that wrote it. */
  readonly madeBy: string;
  readonly madeAt: Date;
  /** granted or refused; null while it waits. */
  readonly outcome: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly note: string | null;
}

export const LONGEST_APPEAL = 2_000;
const SHORTEST_APPEAL = 20;
const LONGEST_NOTE = 500;

export type AppealMade =
  | { readonly ok: true; readonly appeal: Appeal }
  | Refused<'suspension' | 'text' | 'made'>;

/** The one appeal that a suspension may have: of two written at once one counts. Who may write it is asked before. */
export async function makeAppeal(
  platform: Platform,
  actor: Actor,
  { suspensionId, accountId, text: raw }: { suspensionId: string; accountId: string; text: string },
): Promise<AppealMade> {
  const text = plainText(raw);
  const length = [...text].length;
  if (length < SHORTEST_APPEAL)
    return refused('text', 'Say in a sentence or two what happened and what you changed.');
  if (length > LONGEST_APPEAL) return refused('text', 'An appeal has at most 2,000 characters. Shorten it.');
  return inTransaction(platform, async (tx): Promise<AppealMade> => {
    const suspension = await findSuspension(tx, suspensionId);
    const now = tx.clock.now();
    if (!suspension || suspension.dryRun || effectOf(suspension, now).state === 'ended') {
      return refused('suspension', 'This suspension has ended, so there is nothing to appeal against.');
    }
    const appeal = { id: newId(), suspensionId, text, madeBy: accountId, madeAt: now };
    const { count } = await tx.db.appeal.createMany({ data: [appeal], skipDuplicates: true });
    if (count === 0)
      return refused('made', 'There is an appeal against this suspension already. Each has one.');
    await recordEvent(
      tx,
      actor,
      'appeal.made',
      { kind: 'appeal', id: appeal.id },
      { suspension: suspensionId },
    );
    return { ok: true, appeal: { ...appeal, outcome: null, decidedBy: null, decidedAt: null, note: null } };
  });
}

export type AppealJudged =
  | { readonly ok: true; readonly appeal: Appeal; readonly suspension: Suspension }
  | Refused<'appeal' | 'note' | 'second-person'>;

export interface AppealDecision {
  readonly id: string;
  readonly granted: boolean;
  /** Plain text for the owners. */
  readonly note?: string | undefined;
  /** A second person agreed, where the suspension waits for a human. */
  readonly confirmed?: boolean | undefined;
}

/** Part of the decision about an appeal: once, and where it is granted the suspension ends with it. */
export async function judgeAppeal(
  tx: Platform,
  actor: Actor & { readonly id: string },
  { id, granted, note: raw = '', confirmed = false }: AppealDecision,
): Promise<AppealJudged> {
  const note = plainText(raw);
  if ([...note].length > LONGEST_NOTE)
    return refused('note', 'A note has at most 500 characters. Shorten it.');
  const waiting = await findAppeal(tx, id);
  if (!waiting || waiting.outcome !== null) return refused('appeal', 'No appeal that waits has this id.');
  const before = await findSuspension(tx, waiting.suspensionId);
  const inForce = before && effectOf(before, tx.clock.now()).state !== 'ended';
  if (granted && inForce && before.state === 'human' && !confirmed) {
    return refused(
      'second-person',
      'The suspension waits for a human. A second operator has to confirm its end.',
    );
  }
  const [appeal] = await tx.db.appeal.updateManyAndReturn({
    where: { id, outcome: null },
    data: {
      outcome: granted ? 'granted' : 'refused',
      decidedBy: `${actor.kind}:${actor.id}`,
      decidedAt: tx.clock.now(),
      note: note || null,
    },
  });
  if (!appeal) return refused('appeal', 'Somebody else has just decided this appeal.');
  const details = { suspension: appeal.suspensionId, outcome: String(appeal.outcome) };
  await recordEvent(tx, actor, 'appeal.decided', { kind: 'appeal', id }, details);
  if (granted && inForce) await closeSuspension(tx, actor, appeal.suspensionId, 'appeal');
  const suspension = await findSuspension(tx, appeal.suspensionId);
  return { ok: true, appeal, suspension: suspension as Suspension };
}

export async function findAppeal({ db }: Platform, id: string): Promise<Appeal | undefined> {
  if (!UUID.test(id)) return undefined;
  return (await db.appeal.findUnique({ where: { id } })) ?? undefined;
}

/** The one appeal against a suspension. */
export async function appealAgainst({ db }: Platform, suspensionId: string): Promise<Appeal | undefined> {
  return (await db.appeal.findUnique({ where: { suspensionId } })) ?? undefined;
}

export interface AppealPage {
  readonly appeals: readonly (Appeal & { readonly suspension: Suspension })[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** Those that wait, oldest first, or those that were decided, newest first, with what they are against. */
export async function listAppeals(
  { db }: Platform,
  {
    waiting = true,
    after,
    limit = 50,
  }: { waiting?: boolean; after?: string | undefined; limit?: number } = {},
): Promise<AppealPage> {
  const from = after && UUID.test(after) ? { id: waiting ? { gt: after } : { lt: after } } : {};
  const rows = await db.appeal.findMany({
    where: { outcome: waiting ? null : { not: null }, ...from },
    orderBy: { id: waiting ? 'asc' : 'desc' },
    take: limit + 1,
    include: { suspension: true },
  });
  const appeals = rows
    .slice(0, limit)
    .map(({ suspension, ...appeal }) => ({ ...appeal, suspension: suspensionOf(suspension) }));
  const next = appeals.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { appeals, next } : { appeals };
}

/** Lines of visible characters: what could hide or turn text around in somebody's console is left out. */
function plainText(raw: string): string {
  return raw
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
