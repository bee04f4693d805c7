import { secondsAfter } from '../../../platform/clock.ts';
import { BATCH, forgetRows, type OldRows, untilFew } from '../../../platform/database/forget-rows.ts';
import type { Platform } from '../../../platform/platform.ts';
import { GIVE_UP_SECONDS } from './deliver-events.ts';

const KEPT_SECONDS = 7 * 86_400;
const LOG_SECONDS = 30 * 86_400;

const LOG: OldRows = { table: 'event_deliveries', where: 'created_at < $1' };

/** Job: erases what was given up a week ago, gives up what waited for a stopped target, forgets a month-old log. */
export async function forgetOldDeliveries(platform: Platform): Promise<number> {
  const now = platform.clock.now();
  const ago = (seconds: number) => secondsAfter(now, -seconds);
  await untilFew(() => eraseGivenUp(platform, ago(KEPT_SECONDS)));
  await untilFew(() => giveUpWaiting(platform, ago(GIVE_UP_SECONDS)));
  return forgetRows(platform, LOG, ago(LOG_SECONDS));
}

function eraseGivenUp({ db }: Platform, before: Date): Promise<number> {
  return db.$executeRaw`
    UPDATE event_deliveries SET sealed = NULL WHERE id = ANY (ARRAY(
      SELECT id FROM event_deliveries WHERE given_up_at < ${before} AND sealed IS NOT NULL AND delivered_at IS NULL
       ORDER BY given_up_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`;
}

function giveUpWaiting({ db, clock }: Platform, before: Date): Promise<number> {
  return db.$executeRaw`
    UPDATE event_deliveries SET given_up_at = ${clock.now()} WHERE id = ANY (ARRAY(
      SELECT d.id FROM event_targets t JOIN event_deliveries d ON d.target_id = t.id
       WHERE t.disabled_at IS NOT NULL AND d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.created_at < ${before}
       LIMIT ${BATCH} FOR UPDATE OF d SKIP LOCKED))`;
}
