/** What was read is used again for this long: a change is in force everywhere within it, without any message. */
const FRESH_MS = 500;

/** Entries kept; beyond that the one read longest ago goes. */
const KEPT = 10_000;

/**
 * Remembers what `read` answered, by key, for half a second (decision record 0002). Requests that arrive meanwhile
 * share one reading. What `read` did not find, or failed to, is never remembered, so that what was made just now works.
 */
export function keepFresh<Value>(
  read: (key: string) => Promise<Value | undefined>,
): (key: string) => Promise<Value | undefined> {
  const kept = new Map<string, { readonly readAt: number; readonly value: Promise<Value | undefined> }>();
  const forget = (key: string, value: Promise<Value | undefined>) => {
    if (kept.get(key)?.value === value) kept.delete(key);
  };
  return (key) => {
    const now = performance.now();
    const known = kept.get(key);
    if (known && now - known.readAt < FRESH_MS) return known.value;
    const value = read(key);
    kept.delete(key);
    kept.set(key, { readAt: now, value });
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    value.then(
      (found) => found === undefined && forget(key, value),
      () => forget(key, value),
    );
    return value;
  };
}
