import type { Platform } from '../platform/platform.ts';
import { addInBatches } from './artifact-batches.ts';
import { flushStatement } from './flush-statement.ts';
import { isEmpty, onlyAdds, type WriteSet } from './write-set.ts';

/**
 * `replayed`: a proof or assertion was used before, nothing was written.
 * `spent`: a single-use artifact was used before; nothing was issued, and the grant it belongs to has ended.
 */
export type FlushOutcome = 'written' | 'replayed' | 'spent';

/**
 * Writes the set as one statement and one commit. Racing requests meet at the row they spend: the second waits
 * for the first, sees the row spent, and this same statement then ends the grant instead of issuing (decision 5).
 */
export async function flushWriteSet(platform: Platform, set: WriteSet): Promise<FlushOutcome> {
  if (isEmpty(set)) return 'written';
  if (onlyAdds(set)) {
    await addInBatches(platform.sql, [...set.artifacts.values()]);
    return 'written';
  }
  const { statement, values } = flushStatement(set, platform.clock.now());
  const [verdict] = await retryDeadlock(() => platform.sql.run<Verdict>(statement, values));
  if (!verdict?.fresh) return 'replayed';
  for (const { action } of verdict.unspent ? set.events : set.reuseEvents)
    platform.metrics.events.inc({ action });
  return verdict.unspent ? 'written' : 'spent';
}

interface Verdict {
  fresh: boolean;
  unspent: boolean;
}

/** Two statements that lock the same chain can deadlock; the database undoes one, which is safe to run again. */
async function retryDeadlock<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if ((error as { code?: string }).code !== '40P01') throw error;
    return run();
  }
}
