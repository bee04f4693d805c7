import type { Platform } from './platform.ts';

/** Runs `work` in one transaction on the same handle, with `db` bound to it. Joins a transaction already open. */
export async function inTransaction<T>(
  platform: Platform,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const { db } = platform;
  if (!('$transaction' in db)) return work(platform);
  return db.$transaction((tx) => work({ ...platform, db: tx }), { maxWait: 5_000, timeout: 10_000 });
}
