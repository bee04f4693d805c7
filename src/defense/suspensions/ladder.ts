import { secondsAfter } from '../../platform/clock.ts';

export const STATES = ['observe', 'slow', 'pause', 'probe', 'human', 'ended'] as const;
export type State = (typeof STATES)[number];

/** What the row of a suspension says of its times. Everything it does at a moment follows from these alone. */
export interface Times {
  readonly state: string;
  readonly stateSince: Date;
  /** How often it was paused in a row. */
  readonly level: number;
  /** When the pause becomes a probe. */
  readonly pausedUntil: Date | null;
  /** When observing, slowing or the probe ends by itself. */
  readonly until: Date | null;
}

/** What a suspension does now. */
export interface Effect {
  readonly state: State;
  /** Of its usual rate, what the subject may do: 1 all of it, 0 nothing. */
  readonly share: number;
  /** When this state ends by itself; null where only a human ends it, or where it has ended. */
  readonly until: Date | null;
}

/** Seconds that observing, slowing and a probe last. */
export const RUNG_SECONDS = 15 * 60;

/** Seconds of the shortest pause; each one more in a row is twice as long, up to a day. */
const SHORTEST_PAUSE = 15 * 60;
const LONGEST_PAUSE = 24 * 3600;
/** The first level with the longest pause: misuse after it is for a human. */
export const LAST_LEVEL = 8;

/** Seconds that a state has to last before more misuse moves it on: the counts that led to it must not count twice. */
export const SETTLING_SECONDS = 60;

const SHARES: Readonly<Record<State, number>> = {
  observe: 1,
  slow: 0.5,
  pause: 0,
  probe: 0.1,
  human: 0,
  ended: 1,
};

/** Pure, so that it lifts by itself without any job, survives restarts, and every process says the same. */
export function effectOf(
  row: Times & { readonly endedAt?: Date | null; readonly dryRun?: boolean },
  now: Date,
): Effect {
  const state = stateAt(row, now);
  const until =
    state === 'pause' ? row.pausedUntil : state === 'ended' || state === 'human' ? null : row.until;
  return { state, share: row.dryRun ? 1 : SHARES[state], until };
}

function stateAt(row: Times & { readonly endedAt?: Date | null }, now: Date): State {
  const { state, pausedUntil, until } = row;
  if (row.endedAt || state === 'ended') return 'ended';
  if (state === 'human') return 'human';
  if (pausedUntil !== null && now < pausedUntil) return 'pause';
  if (until === null || now >= until) return 'ended';
  return pausedUntil === null ? (state as State) : 'probe';
}

/** Seconds of the nth pause in a row. */
export function pauseSeconds(level: number): number {
  return Math.min(SHORTEST_PAUSE * 2 ** (level - 1), LONGEST_PAUSE);
}

/** The times of a suspension that begins. It keeps the level of one that ended a short while ago. */
export function begin(state: 'observe' | 'slow' | 'pause' | 'human', level: number, now: Date): Times {
  if (state === 'pause') return pause(level + 1, now);
  if (state === 'human') return { state, stateSince: now, level, pausedUntil: null, until: null };
  return { state, stateSince: now, level, pausedUntil: null, until: secondsAfter(now, RUNG_SECONDS) };
}

/** A pause of the nth level with its probe; past the last level it waits for a human instead. */
export function pause(level: number, now: Date): Times {
  if (level > LAST_LEVEL) return begin('human', LAST_LEVEL, now);
  const pausedUntil = secondsAfter(now, pauseSeconds(level));
  return {
    state: 'pause',
    stateSince: now,
    level,
    pausedUntil,
    until: secondsAfter(pausedUntil, RUNG_SECONDS),
  };
}

/** A pause that people want to end at a moment of their choice, without a probe. */
export function pauseUntil(until: Date, now: Date): Times {
  return { state: 'pause', stateSince: now, level: 1, pausedUntil: until, until };
}

/** Whether its state has lasted long enough for more misuse to be news. */
export function hasSettled(row: Times, now: Date): boolean {
  const since = stateAt(row, now) === 'probe' ? (row.pausedUntil as Date) : row.stateSince;
  return now >= secondsAfter(since, SETTLING_SECONDS);
}

/**
 * The rung that misuse leads to; undefined where nothing changes: it was noticed a moment ago, or the pause is on. What
 * has ended is not raised but begun again.
 */
export function raise(row: Times, now: Date): Times | undefined {
  if (!hasSettled(row, now)) return undefined;
  const { state } = effectOf(row, now);
  if (state === 'observe') return begin('slow', row.level, now);
  if (state === 'slow' || state === 'probe') return pause(row.level + 1, now);
  return undefined;
}

/** For at most this long after its end misuse continues a row of pauses; later it begins anew. */
export const REMEMBERED_SECONDS = 24 * 3600;
