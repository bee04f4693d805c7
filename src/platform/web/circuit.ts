import type { Clock } from '../clock.ts';

/** Spares a place that does not answer, and ourselves: after some failures in a row it is left alone for a minute. */
export interface Circuit {
  /** Whether the place may be asked now. Once the minute is over one may try; the others wait for how that went. */
  admits(place: string): boolean;
  failed(place: string): void;
  /** They answered. */
  forget(...places: readonly string[]): void;
}

const FAILURES = 5;
const REST_MS = 60_000;
/** Places remembered at once; beyond that the one that failed longest ago is forgotten. */
const REMEMBERED = 1_000;

export function openCircuit(clock: Clock): Circuit {
  const failing = new Map<string, { failures: number; until: number }>();
  return {
    admits(place) {
      const record = failing.get(place);
      if (!record || record.failures < FAILURES) return true;
      const now = clock.now().getTime();
      if (now < record.until) return false;
      record.until = now + REST_MS;
      return true;
    },
    failed(place) {
      const failures = (failing.get(place)?.failures ?? 0) + 1;
      failing.delete(place);
      failing.set(place, { failures, until: clock.now().getTime() + REST_MS });
      const [oldest] = failing.keys();
      if (failing.size > REMEMBERED && oldest !== undefined) failing.delete(oldest);
    },
    forget(...places) {
      for (const place of places) failing.delete(place);
    },
  };
}
