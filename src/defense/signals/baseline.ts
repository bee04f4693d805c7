/**
 * What is usual for a client, and when it changed. Everything is measured on the square root of its calls a minute,
 * where chance has about the same width at every rate. Statistics never pause anything: they tell people.
 */
export interface Baseline {
  /** The last minute that is in it, in minutes since 1970. */
  readonly minute: number;
  /** Minutes seen. */
  readonly samples: number;
  /** EWMA of the last few minutes. */
  readonly recent: number;
  readonly variance: number;
  /** By hour of the week (UTC, from Thursday as 1970 began): mean and highest minute. −1 where none was seen yet. */
  readonly means: readonly number[];
  readonly peaks: readonly number[];
  /** How much more or less than by its profile it does of late. */
  readonly growth: number;
  /** The running hour. */
  readonly hour: { readonly sum: number; readonly minutes: number; readonly peak: number };
  /** The sums that watch for a change: CUSUM, of the last minutes and of what goes on. */
  readonly burst: number;
  readonly drift: {
    readonly sum: number;
    readonly minutes: number;
    readonly seen: number;
    readonly expected: number;
  };
  /** No second alarm of a kind before then. */
  readonly quiet: { readonly burst: number; readonly drift: number };
}

export type Alarm = 'burst' | 'drift';

export interface Advanced {
  readonly baseline: Baseline;
  readonly alarm?: Alarm;
  /** Calls a minute that would have been usual. */
  readonly usual: number;
}

const WEEK_HOURS = 168;

/** Of the mean of the last minutes, and of each hour of the week from one week to the next. */
const LAMBDA = 0.2;
/** A variance from nine minutes would be no estimate: it follows more slowly, and growth within hours. */
const LAMBDA_VARIANCE = 0.02;
const LAMBDA_GROWTH = 1 / 360;

/** The square root of what comes by chance (Poisson) has this variance. */
const LEAST_VARIANCE = 0.25;

/** CUSUM in standard deviations: what is let go each minute, and where it is enough. */
const SLACK = 0.5;
const LIMIT = 5;
/** One minute alone counts for no more, so that a single one is never a drift. */
const MOST_A_MINUTE = 4;

const LEAST_SAMPLES = 100;
/** A burst is two and a half times what is usual, by so many calls a minute, and more than this hour has seen on two days. */
const BURST_RATIO = 2.5;
const BURST_CALLS = 25;
const ABOVE_PEAK = 1.1;
/** From so much more on, it has to be more than on most days: two deployments at one hour do not hide five times as much. */
const LARGE_RATIO = 4;
/** A drift is so much more over so many minutes, by so many calls a minute, and still going on. */
const DRIFT_RATIO = 1.35;
const DRIFT_CALLS = 5;
const DRIFT_MINUTES = 15;

const QUIET: Readonly<Record<Alarm, number>> = { burst: 60, drift: 1_440 };

/** Silence longer than this says no more than this. */
const LONGEST_GAP = 10_080;

export function newBaseline(minute: number): Baseline {
  return {
    minute: minute - 1,
    samples: 0,
    recent: 0,
    variance: LEAST_VARIANCE,
    means: new Array<number>(WEEK_HOURS).fill(-1),
    peaks: new Array<number>(WEEK_HOURS).fill(-1),
    growth: 1,
    hour: { sum: 0, minutes: 0, peak: 0 },
    burst: 0,
    drift: NO_DRIFT,
    quiet: { burst: 0, drift: 0 },
  };
}

/** Takes in the calls of a minute; the minutes that were left out had none. Pure. */
export function advance(before: Baseline, minute: number, calls: number): Advanced {
  let baseline = before;
  for (let gap = Math.max(before.minute + 1, minute - LONGEST_GAP); gap < minute; gap += 1)
    baseline = step(baseline, gap, 0).baseline;
  return step(baseline, minute, calls);
}

const NO_DRIFT = { sum: 0, minutes: 0, seen: 0, expected: 0 };

function step(before: Baseline, minute: number, calls: number): Advanced {
  const value = Math.sqrt(calls);
  const profile = profileAt(before, minute);
  const usual = Math.max(profile ?? 0, before.recent);
  const deviation = Math.sqrt(before.variance);
  const burst = Math.max(0, before.burst + (value - usual) / deviation - SLACK);
  const drift = driftOf(before, value, profile, deviation);
  const alarm = alarmOf({ ...before, burst, drift }, minute, calls, usual);
  const residual = clamp(value - (profile ?? before.recent), 3 * deviation);
  return {
    usual: usual * usual,
    ...(alarm && { alarm }),
    baseline: {
      ...closeHour(before, minute, value),
      minute,
      samples: before.samples + 1,
      recent:
        before.samples === 0 ? value : before.recent + LAMBDA * Math.min(value - before.recent, deviation),
      variance: Math.max(
        LEAST_VARIANCE,
        before.variance + LAMBDA_VARIANCE * (residual ** 2 - before.variance),
      ),
      growth: grown(before, value, profile),
      burst: alarm === 'burst' ? 0 : Math.min(burst, 2 * LIMIT),
      drift: alarm === 'drift' ? NO_DRIFT : drift,
      quiet: alarm ? { ...before.quiet, [alarm]: minute + QUIET[alarm] } : before.quiet,
    },
  };
}

function driftOf(
  { drift: before }: Baseline,
  value: number,
  profile: number | undefined,
  deviation: number,
): Baseline['drift'] {
  if (profile === undefined) return NO_DRIFT;
  const sum = before.sum + Math.min(MOST_A_MINUTE, (value - profile) / deviation) - SLACK;
  if (sum <= 0) return NO_DRIFT;
  // Of the last quarter of an hour: a little more since yesterday must not hide much more since a moment ago.
  const kept = before.minutes < DRIFT_MINUTES ? 1 : 1 - 1 / DRIFT_MINUTES;
  return {
    sum: Math.min(sum, 4 * LIMIT),
    minutes: before.minutes + 1,
    seen: kept * before.seen + value,
    expected: kept * before.expected + profile,
  };
}

function alarmOf(
  { samples, burst, drift, quiet, ...before }: Baseline,
  minute: number,
  calls: number,
  usual: number,
): Alarm | undefined {
  if (samples < LEAST_SAMPLES) return undefined;
  const expected = usual * usual;
  const peak = usualPeak(before, minute, calls >= LARGE_RATIO * expected);
  const isHigh = calls >= BURST_RATIO * expected && calls >= expected + BURST_CALLS;
  const isNew = Math.sqrt(calls) > ABOVE_PEAK * peak;
  if (burst > LIMIT && isHigh && isNew && minute >= quiet.burst) return 'burst';
  const { sum, minutes } = drift;
  if (sum <= LIMIT || minutes < DRIFT_MINUTES || minute < quiet.drift) return undefined;
  const lately = Math.min(minutes, DRIFT_MINUTES);
  const planned = (drift.expected / lately) ** 2;
  const isMore = (seen: number) => seen >= DRIFT_RATIO * planned && seen >= planned + DRIFT_CALLS;
  return isMore((drift.seen / lately) ** 2) && isMore(before.recent ** 2) ? 'drift' : undefined;
}

/** The highest minute of this hour on two of the week's days, or on most: what happened once was not usual. */
function usualPeak({ peaks }: Pick<Baseline, 'peaks'>, minute: number, onMostDays: boolean): number {
  const days = Array.from({ length: 7 }, (_, day) => peaks[modulo(hourOf(minute) + 24 * day)] ?? -1);
  const seen = days.filter((peak) => peak >= 0).sort((one, other) => other - one);
  return seen[onMostDays ? Math.max(1, Math.floor(seen.length / 2)) : 1] ?? -1;
}

/** Between the middles of two hours it goes straight; undefined as long as one of them was never seen. */
function profileAt({ means, growth }: Baseline, minute: number): number | undefined {
  const at = minute / 60 - 0.5;
  const share = at - Math.floor(at);
  const one = means[modulo(Math.floor(at))] ?? -1;
  const next = means[modulo(Math.floor(at) + 1)] ?? -1;
  return one < 0 || next < 0 ? undefined : growth * (one + share * (next - one));
}

/** With the last minute of an hour its mean and peak go into the week. */
function closeHour(
  before: Baseline,
  minute: number,
  value: number,
): Pick<Baseline, 'hour' | 'means' | 'peaks'> {
  const { means, peaks } = before;
  const hour = {
    sum: before.hour.sum + value,
    minutes: before.hour.minutes + 1,
    peak: Math.max(before.hour.peak, value),
  };
  if (minute % 60 !== 59) return { hour, means, peaks };
  const at = hourOf(minute);
  const [mean, peak] = [hour.sum / hour.minutes, hour.peak];
  return {
    hour: { sum: 0, minutes: 0, peak: 0 },
    means: means.with(at, learnt(means[at] as number, mean)),
    peaks: peaks.with(at, Math.max(learnt(peaks[at] as number, peak), peak * (1 - LAMBDA))),
  };
}

function learnt(before: number, now: number): number {
  return round(before < 0 ? now : before + LAMBDA * (now - before));
}

/** Only where there is enough to compare. */
function grown({ growth }: Baseline, value: number, profile: number | undefined): number {
  if (profile === undefined || profile < 1) return growth;
  const ratio = Math.min(2, Math.max(0.5, (value / profile) * growth));
  return growth + LAMBDA_GROWTH * (ratio - growth);
}

function hourOf(minute: number): number {
  return modulo(Math.floor(minute / 60));
}

function modulo(hour: number): number {
  return ((hour % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
