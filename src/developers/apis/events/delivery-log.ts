import type { EventDelivery } from '../../../../prisma/generated/client.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { CredentialChange, HolderFault } from '../../clients/credentials/credential-holders.ts';
import { holdApiForChange } from '../hold-api-for-change.ts';
import { wakeTarget } from './target-rest.ts';

/** One line of the log: status and times, never what was sent or answered. */
export type DeliveryView = Omit<EventDelivery, 'sealed'> & {
  readonly url: string;
  /** Its text is still kept, so that it can be sent again. */
  readonly repeatable: boolean;
};

export interface DeliveryPage {
  readonly deliveries: DeliveryView[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** What was sent to the targets of an API or is on its way, newest first. */
export async function listDeliveries(
  { db }: Platform,
  { apiId, after, limit = 25 }: { readonly apiId: string; readonly after?: string; readonly limit?: number },
): Promise<DeliveryPage> {
  const rows = await db.eventDelivery.findMany({
    where: { target: { apiId }, ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
    include: { target: { select: { url: true, restsUntil: true } } },
  });
  const deliveries = rows.slice(0, limit).map(({ sealed, target, ...row }) => ({
    ...row,
    url: target.url,
    // Nothing goes to a target that rests.
    dueAt: target.restsUntil && target.restsUntil > row.dueAt ? target.restsUntil : row.dueAt,
    repeatable: sealed !== null && row.deliveredAt === null,
  }));
  const next = deliveries.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { deliveries, next } : { deliveries };
}

export type Repetition = { readonly ok: true } | Refused<HolderFault | 'delivery' | 'delivered' | 'stopped'>;

/** Sends an event again that was not taken, or sends it now instead of later. */
export async function repeatDelivery(
  platform: Platform,
  actor: Actor,
  input: CredentialChange & { readonly deliveryId: string },
): Promise<Repetition> {
  const { deliveryId: id } = input;
  return inTransaction(platform, async (tx): Promise<Repetition> => {
    const held = await holdApiForChange(tx, actor, input, 'takes');
    if (!held.ok) return held;
    const where = { id, target: { apiId: held.holder.id } };
    const found = UUID.test(id)
      ? await tx.db.eventDelivery.findFirst({ where, include: { target: true } })
      : null;
    if (!found) return refused('delivery', 'No delivery of this API has this ID.');
    if (found.target.disabledAt) return refused('stopped', 'Sending there is stopped. Let it go on first.');
    const { count } = await tx.db.eventDelivery.updateMany({
      where: { id, sealed: { not: null }, deliveredAt: null },
      data: { dueAt: tx.clock.now(), givenUpAt: null },
    });
    if (count === 0) return refused('delivered', ERASED);
    await wakeTarget(tx, found.targetId);
    const details = { target: found.targetId, delivery: id };
    await recordEvent(tx, actor, 'event-delivery.repeated', { kind: 'api', id: held.holder.id }, details);
    return { ok: true };
  });
}

const ERASED =
  'The text of this event is gone: it is erased once an event was taken, or a week after it was given up.';

/** Part of letting a target go on: all that is still kept for it is due now. */
export async function repeatKept(tx: Platform, targetId: string): Promise<void> {
  const where = { targetId, sealed: { not: null }, deliveredAt: null };
  await tx.db.eventDelivery.updateMany({ where, data: { dueAt: tx.clock.now(), givenUpAt: null } });
  await wakeTarget(tx, targetId);
}
