import { BATCH, untilFew } from '../../platform/database/forget-rows.ts';
import type { Platform } from '../../platform/platform.ts';

/** Thirteen months: a year ago can still be compared with now. */
const KEPT_DAYS = 396;
const DAY = 86_400_000;

/** Job: deletes usage older than that, a batch at a time, so that nobody waits for it. Answers how many rows. */
export async function forgetOldUsage({ db, clock }: Pick<Platform, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock.now().getTime() - KEPT_DAYS * DAY);
  const hours = () => db.$executeRaw`
    DELETE FROM usage_hours WHERE (client_id, hour, endpoint, error) IN (
      SELECT client_id, hour, endpoint, error FROM usage_hours WHERE hour < ${before} ORDER BY hour LIMIT ${BATCH})`;
  const people = () => db.$executeRaw`
    DELETE FROM usage_people WHERE (client_id, day, subject) IN (
      SELECT client_id, day, subject FROM usage_people WHERE day < ${before}::date ORDER BY day LIMIT ${BATCH})`;
  return (await untilFew(hours)) + (await untilFew(people));
}
