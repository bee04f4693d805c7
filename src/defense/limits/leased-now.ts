import type { Platform } from '../../platform/platform.ts';
import type { LimitName } from './catalogue.ts';
import { limitInForce, storedKey } from './limit-in-force.ts';

/** How much of a leased limit processes have taken in the running window, key by key: what they did not give out included. */
export async function leasedNow(
  platform: Platform,
  name: LimitName,
  keys: readonly string[],
): Promise<number[]> {
  const length = limitInForce(platform, name).windowSeconds * 1000;
  const now = platform.clock.now().getTime();
  const stored = keys.map((key) => storedKey(platform, name, key));
  const rows = await platform.db.limitLease.findMany({
    where: { limit: name, key: { in: stored }, windowAt: new Date(now - (now % length)) },
  });
  const taken = new Map(rows.map((row) => [row.key, row.taken]));
  return stored.map((key) => taken.get(key) ?? 0);
}
