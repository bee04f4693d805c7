/** Latencies are counted in buckets of doubling width: the first holds up to 1 ms, the last everything else. */
export const BUCKETS = 16;

/** Which bucket a call of so many milliseconds belongs to. */
export function bucketOf(milliseconds: number): number {
  const whole = Math.ceil(milliseconds);
  if (!(whole > 1)) return 0;
  return Math.min(BUCKETS - 1, 32 - Math.clz32(Math.min(whole - 1, 0x7fffffff)));
}

/** The longest latency, in milliseconds, that a bucket holds. */
export function edgeOf(bucket: number): number {
  return 2 ** bucket;
}

/** At most so many milliseconds took that share (0 to 1) of the calls; undefined where there were none. */
export function percentile(buckets: readonly number[], share: number): number | undefined {
  const all = buckets.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let seen = 0;
  for (const [bucket, count] of buckets.entries()) {
    seen += count;
    if (seen >= share * all) return edgeOf(bucket);
  }
  return edgeOf(buckets.length - 1);
}

export function addBuckets(one: readonly number[], other: readonly number[]): number[] {
  return Array.from({ length: BUCKETS }, (_, at) => (one[at] ?? 0) + (other[at] ?? 0));
}
