import type { Platform } from '../../platform/platform.ts';

/** How many suspensions only a human ends, and how many appeals nobody has answered. */
export async function countWaitingForPeople({
  db,
}: Platform): Promise<{ readonly suspensions: number; readonly appeals: number }> {
  const [suspensions, appeals] = await Promise.all([
    db.suspension.count({ where: { state: 'human', endedAt: null, dryRun: false } }),
    db.appeal.count({ where: { outcome: null } }),
  ]);
  return { suspensions, appeals };
}

/** How many suspensions slow or pause something now. */
export function countInForce({ db, clock }: Platform): Promise<number> {
  const now = clock.now();
  const acting = { endedAt: null, dryRun: false, state: { not: 'observe' } };
  const standing = [{ state: 'human' }, { until: { gt: now } }, { pausedUntil: { gt: now } }];
  return db.suspension.count({ where: { ...acting, OR: standing } });
}
