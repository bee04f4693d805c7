import type { Database } from './database/client.ts';
import type { Platform } from './platform.ts';

/** Inside a transaction the client still offers $transaction, which would open a savepoint instead of joining. */
const insideTransaction = new WeakSet<Database>();

/** Runs `work` in one transaction on the same handle, with `db` bound to it. Joins a transaction already open. */
export async function inTransaction<T>(
  platform: Platform,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const { db } = platform;
  if (insideTransaction.has(db) || !('$transaction' in db)) return work(platform);
  return db.$transaction(
    (tx) => {
      insideTransaction.add(tx);
      return work({ ...platform, db: tx });
    },
    { maxWait: 5_000, timeout: 10_000 },
  );
}
