import { vi } from 'vitest';
import type { Platform } from '../../src/platform/platform.ts';
import { PATIENCE } from './patience.ts';

/** Until a statement in this database waits for a lock that another transaction holds. */
export async function untilSomebodyWaits({ db }: Platform): Promise<void> {
  await vi.waitUntil(async () => {
    const [row] = await db.$queryRaw<{ waiting: boolean }[]>`
      SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting`;
    return row?.waiting;
  }, PATIENCE);
}
