import { secondsAfter } from '../../../platform/clock.ts';
import type { Platform } from '../../../platform/platform.ts';

const LATELY_SECONDS = 86_400;

/** Targets to which something could not be delivered for days and was given up within the last one. */
export async function countFailingTargets({ db, clock }: Platform): Promise<number> {
  const since = secondsAfter(clock.now(), -LATELY_SECONDS);
  const rows = await db.eventDelivery.findMany({
    where: { deliveredAt: null, givenUpAt: { gt: since } },
    distinct: ['targetId'],
    select: { targetId: true },
    take: 1_000,
  });
  return rows.length;
}
