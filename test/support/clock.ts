import type { Clock } from '../../src/platform/clock.ts';

/** A clock that stands still until a test moves it. */
export interface StandingClock extends Clock {
  forward(seconds: number): void;
}

/** Noon, so that a test of an hour or two stays within one day. */
export function clockAt(start: string | number = '2026-11-20T12:00:00.000Z'): StandingClock {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    forward: (seconds) => {
      now += seconds * 1000;
    },
  };
}
