import type { SignalName } from '../../src/defense/signals/catalogue.ts';

/** Numbers from 0 to 1, the same for the same seed. */
export type Random = () => number;

/** What an honest client does all day. */
export interface Habit {
  /** Calls a minute on average. */
  readonly base: number;
  /** Minutes by which its day is shifted: it serves another part of the world. */
  readonly shift: number;
  /** How deep its nights and weekends are, 0 to 1. */
  readonly night: number;
  readonly weekend: number;
  /** Of a month. */
  readonly growth: number;
  /** How much one day differs from another. */
  readonly days: readonly number[];
  /** Minutes since the beginning: it restarts, its caches are empty, it is three times as busy for some minutes. */
  readonly deployments: ReadonlyMap<number, number>;
  /** Of its calls, by signal. */
  readonly mistakes: ReadonlyMap<SignalName, number>;
  /** Minutes in which a fault of its own makes mistakes ten times as frequent. */
  readonly faults: ReadonlyMap<number, number>;
}

const DAY = 1_440;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function newHabit(random: Random): Habit {
  return {
    // From one call in ten minutes to a thousand a minute.
    base: 10 ** (random() * 4 - 1),
    shift: Math.floor(random() * DAY),
    night: 0.3 + random() * 0.65,
    weekend: random() * 0.7,
    growth: random() * 0.3,
    days: Array.from({ length: 60 }, () => Math.exp(0.08 * gauss(random))),
    deployments: spans(random, 8, 5),
    mistakes: new Map<SignalName, number>([
      ['invalid-grant', 0.002 + random() * 0.05],
      ['code-replay', random() * 0.01],
      ['refresh-reuse', random() * 0.005],
      ['scope-refused', random() * 0.005],
      ['unknown-token', random() * 0.005],
      ['proof-replay', random() * 0.001],
    ]),
    faults: spans(random, 4, 30),
  };
}

/** So many in a month, each of so many minutes at most. */
function spans(random: Random, count: number, longest: number): Map<number, number> {
  const minutes = new Map<number, number>();
  for (let number = 0; number < count; number += 1) {
    const from = Math.floor(random() * 60 * DAY);
    const length = 1 + Math.floor(random() * longest);
    for (let minute = from; minute < from + length; minute += 1) minutes.set(minute, 1);
  }
  return minutes;
}

/** Calls that are to be expected in a minute. */
export function rateAt(habit: Habit, minute: number): { readonly rate: number; readonly deploying: boolean } {
  const { base, shift, night, weekend, growth, days, deployments } = habit;
  const local = minute + shift;
  const wave = 0.5 - 0.5 * Math.cos((2 * Math.PI * (local % DAY)) / DAY);
  // One day goes over into the next within some hours of the night.
  const blend = (of: (day: number) => number) => {
    const [today, past] = [Math.floor(local / DAY), Math.min(1, (local % DAY) / 180)];
    return of(today - 1) * (1 - past) + of(today) * past;
  };
  const week = blend((day) => ((day + 7) % 7 >= 5 ? 1 - weekend : 1));
  const day = blend((number) => days[(number + days.length) % days.length] ?? 1);
  const deploying = deployments.has(minute);
  const rate = base * (1 - night + night * wave) * week * day * (1 + (growth * minute) / (30 * DAY));
  return { rate: deploying ? rate * 3 : rate, deploying };
}

/** What the watch would have counted of the calls of a minute. */
export function signalsIn(
  { mistakes, faults }: Habit,
  minute: number,
  calls: number,
  random: Random,
): ReadonlyMap<SignalName, number> {
  const signals = new Map<SignalName, number>([
    ['token-calls', calls],
    ['introspections', calls],
  ]);
  if (calls === 0) return signals;
  const often = faults.has(minute) ? 10 : 1;
  // Without chance: every client calls some route that it has no access to, and after a faulty deployment often.
  signals.set('route-refused', Math.ceil(calls * 0.02 * often));
  for (const [signal, share] of mistakes) {
    const count = Math.min(calls, poisson(calls * Math.min(0.4, share * often), random));
    if (count > 0) signals.set(signal, count);
  }
  return signals;
}

export function poisson(mean: number, random: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss(random)));
  const limit = Math.exp(-mean);
  let [count, product] = [0, random()];
  while (product > limit) {
    count += 1;
    product *= random();
  }
  return count;
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
