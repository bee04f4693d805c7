import type { Platform } from '../platform/platform.ts';

/** Job: what is open now, for the metrics. A scrape asks nothing of the database. */
export async function measureWatch({ db, metrics }: Platform): Promise<void> {
  const alerts = await db.alert.groupBy({
    by: ['kind', 'severity'],
    where: { closedAt: null },
    _count: true,
  });
  metrics.alertsOpen.reset();
  for (const { kind, severity, _count } of alerts) metrics.alertsOpen.set({ kind, severity }, _count);
  const suspensions = await db.suspension.groupBy({
    by: ['kind', 'state'],
    where: { endedAt: null, dryRun: false },
    _count: true,
  });
  metrics.suspensions.reset();
  for (const { kind, state, _count } of suspensions) metrics.suspensions.set({ kind, state }, _count);
}
