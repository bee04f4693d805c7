import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { DAYS_KEPT, dayOf, slotOf, startOfDay } from './request-rows.ts';

/**
 * Job: empties the part of the log that tomorrow is written to. What an earlier pause of the whole service left behind in
 * other parts goes row by row. Answers whether there was anything to empty.
 */
export async function forgetOldRequests(platform: Platform): Promise<boolean> {
  const today = dayOf(platform.clock.now());
  const slot = slotOf(today + 1);
  await platform.db.$executeRaw`DELETE FROM request_log
    WHERE slot <> ${slot} AND at < ${startOfDay(today - DAYS_KEPT)}`;
  const [found] = await platform.db.$queryRaw<{ used: boolean }[]>`
    SELECT EXISTS (SELECT FROM request_log WHERE slot = ${slot}) AS used`;
  if (!found?.used) return false;
  await inTransaction(platform, async ({ db }) => {
    // Readers of the log wait behind this lock. A backup may hold them off for hours: then the next run tries again.
    await db.$executeRaw`SET LOCAL lock_timeout = '1s'`;
    await db.$executeRawUnsafe(`TRUNCATE request_log_${slot}`);
  });
  return true;
}
