import { z } from 'zod';
import type { ClientReview } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { defineSetting } from '../../platform/settings.ts';

export const APPS_APPROVAL = defineSetting({
  name: 'apps.approval',
  schema: z.enum(['none', 'operator']),
  fallback: 'none',
  about:
    'Whether an operator approves apps before they go live, and what people see of them when it changes.',
});

export const REVIEW_KINDS = ['live', 'publisher', 'change'] as const;
export type ReviewKind = (typeof REVIEW_KINDS)[number];

/** Something about an app that waits for an operator. */
export interface Review {
  readonly id: string;
  readonly clientId: string;
  readonly kind: ReviewKind;
  readonly wishes: Readonly<Record<string, unknown>>;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly outcome: 'approved' | 'refused' | 'withdrawn' | null;
  readonly decidedAt: Date | null;
  readonly note: string | null;
}

/** Whether an operator looks at apps before strangers meet them. */
export function needsApproval({ settings }: Pick<Platform, 'settings'>): boolean {
  return settings.get(APPS_APPROVAL) === 'operator';
}

/** Part of a change that holds the app: what is asked now takes the place of what of its kind still waits. */
export async function askReview(
  tx: Platform,
  actor: Actor & { kind: 'account' },
  { clientId, kind, wishes = {} }: { clientId: string; kind: ReviewKind; wishes?: object },
): Promise<void> {
  await withdrawReviews(tx, clientId, kind);
  const id = newId();
  const asked = { askedBy: actor.id, askedAt: tx.clock.now() };
  await tx.db.clientReview.create({ data: { id, clientId, kind, wishes, ...asked } });
  await recordEvent(tx, actor, 'client-review.asked', { kind: 'client', id: clientId }, { review: id, kind });
}

/** Part of a change that holds the app: what waits of this kind has become pointless. Answers how many there were. */
export async function withdrawReviews(tx: Platform, clientId: string, kind: ReviewKind): Promise<number> {
  const { count } = await tx.db.clientReview.updateMany({
    where: { clientId, kind, outcome: null },
    data: { outcome: 'withdrawn', decidedAt: tx.clock.now() },
  });
  return count;
}

/** What waits for an app, and what was decided last, by kind. */
export async function reviewsOf(
  { db }: Platform,
  clientId: string,
): Promise<Readonly<Partial<Record<ReviewKind, Review>>>> {
  const rows = await db.clientReview.findMany({
    where: { clientId, OR: [{ outcome: null }, { outcome: { not: 'withdrawn' } }] },
    orderBy: { id: 'asc' },
    take: 200,
  });
  return Object.fromEntries(rows.map((row) => [row.kind, reviewOf(row)]));
}

export function reviewOf(row: ClientReview): Review {
  return {
    ...row,
    kind: row.kind as ReviewKind,
    wishes: row.wishes as Record<string, unknown>,
    outcome: row.outcome as Review['outcome'],
  };
}
