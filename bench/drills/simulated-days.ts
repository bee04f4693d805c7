import { parseArgs } from 'node:util';
import { type Counted, judge } from '../../src/defense/rules/judge.ts';
import type { Rule } from '../../src/defense/rules/rule.ts';
import { RULE_NAMES, RULES, type RuleName } from '../../src/defense/rules/rules.ts';
import { advance, type Alarm, type Baseline, newBaseline } from '../../src/defense/signals/baseline.ts';
import type { SignalName } from '../../src/defense/signals/catalogue.ts';
import { conclude } from '../support/drill.ts';
import {
  type Habit,
  newHabit,
  poisson,
  rateAt,
  type Random,
  randomFrom,
  signalsIn,
} from '../support/habits.ts';

/**
 * Weeks of honest clients, minute by minute, without a server: their days and weekends, chance, growth, deployments that
 * make them busy, a little of what every client does wrong. The rules may suspend one of them at most. Then bursts and
 * drifts at moments of any kind. `node bench/drills/simulated-days.ts [--days N] [--clients N] [--seed N] [--json file]`
 */
function main(): void {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: '30' },
      clients: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const [days, clients] = [Number(values.days), Number(values.clients)];
  const random = randomFrom(Number(values.seed));
  const began = performance.now();
  const seen = newSeen();
  for (let number = 0; number < clients; number += 1) live(newHabit(random), days, random, seen);
  const [bursts, drifts] = [delaysOf(seen.bursts), delaysOf(seen.drifts)];
  conclude({
    name: 'simulated-days',
    began,
    setting: { days, clients },
    json: values.json,
    seen: {
      'false suspensions': seen.suspensions,
      'alerts of bursts that were deployments': seen.deployments,
      'other false alerts of bursts': seen.falseBursts,
      'false alerts of drifts': seen.falseDrifts,
      'bursts of five': seen.bursts.length,
      'flagged within 120 s': within(seen.bursts, 120),
      'median s': bursts.median,
      'latest s': bursts.latest,
      'drifts of a half': seen.drifts.length,
      'flagged within 30 min': within(seen.drifts, 1_800),
      'drift median min': Math.round(drifts.median / 60),
      'drift latest min': Math.round(drifts.latest / 60),
    },
    violations: violationsIn(seen),
  });
}

/** Seconds of each minute at which the job looks: at those that have ended, and at what the running one has by then. */
const LOOKS = [5, 25, 45] as const;
const LOOKED_AT = LOOKS[0];
/** A client's baseline is tried with a burst and a drift so often, once it knows a week. */
const TRIALS = 4;
/** Below, five times as much is within what chance makes of it, and no harm to anybody. */
const LEAST_USUAL = 10;
const LEAST_TO_DRIFT = 20;
const DAY = 1_440;

interface Seen {
  suspensions: number;
  deployments: number;
  falseBursts: number;
  falseDrifts: number;
  /** Seconds until flagged; Infinity where it never was. */
  readonly bursts: number[];
  readonly drifts: number[];
}

function newSeen(): Seen {
  return { suspensions: 0, deployments: 0, falseBursts: 0, falseDrifts: 0, bursts: [], drifts: [] };
}

function live(habit: Habit, days: number, random: Random, seen: Seen): void {
  let baseline = newBaseline(0);
  const windows = newWindows();
  const trials = new Set(
    Array.from({ length: TRIALS }, () => Math.floor((8 + random() * Math.max(0, days - 9)) * DAY)),
  );
  for (let minute = 0; minute < days * DAY; minute += 1) {
    const { rate, deploying } = rateAt(habit, minute);
    const calls = poisson(rate, random);
    const { alarm, baseline: next } = advance(baseline, minute, calls);
    baseline = next;
    if (alarm === 'burst' && deploying) seen.deployments += 1;
    else if (alarm === 'burst') seen.falseBursts += 1;
    else if (alarm === 'drift') seen.falseDrifts += 1;
    seen.suspensions += windows.judge(minute, signalsIn(habit, minute, calls, random));
    if (!trials.has(minute) || deploying || rate < LEAST_USUAL) continue;
    seen.bursts.push(
      trial(habit, baseline, { from: minute + 1, times: 5, minutes: 5, alarm: 'burst' }, random),
    );
    if (rate >= LEAST_TO_DRIFT)
      seen.drifts.push(
        trial(habit, baseline, { from: minute + 1, times: 1.5, minutes: 60, alarm: 'drift' }, random),
      );
  }
}

/** A change that begins at any second of a minute. Answers after how many seconds it was flagged, in either way. */
function trial(
  habit: Habit,
  before: Baseline,
  { from, times, minutes, alarm: kind }: { from: number; times: number; minutes: number; alarm: Alarm },
  random: Random,
): number {
  // What was said a short while ago would have told people already.
  let baseline = { ...before, quiet: { burst: 0, drift: 0 } };
  const begins = random();
  for (let past = 0; past < minutes; past += 1) {
    const { rate } = rateAt(habit, from + past);
    const since = past === 0 ? begins * 60 : 0;
    let calls = 0;
    let looked = 0;
    for (const second of [...LOOKS, 60]) {
      const changed = Math.max(0, second - Math.max(since, looked));
      calls += poisson((rate * (second - looked + (times - 1) * changed)) / 60, random);
      looked = second;
      const early = second < 60 && advance(baseline, from + past, calls).alarm === 'burst';
      if (early) return (past - begins) * 60 + second;
    }
    const { alarm, baseline: next } = advance(baseline, from + past, calls);
    if (alarm === kind || alarm === 'burst') return (past + 1 - begins) * 60 + LOOKED_AT;
    baseline = next;
  }
  return Number.POSITIVE_INFINITY;
}

/** The rules about clients over their windows, as run-rules counts them: what was answered does not count again. */
function newWindows() {
  const rules = RULE_NAMES.filter(
    (name) => RULES[name].proof === 'own-credentials' && 'pauses' in RULES[name],
  );
  const history = new Map<SignalName, Int32Array>();
  const ringOf = (signal: SignalName) => {
    const ring = history.get(signal) ?? new Int32Array(LONGEST);
    history.set(signal, ring);
    return ring;
  };
  const answered = new Map<RuleName, number>();
  const sum = (signal: SignalName, from: number, to: number) => {
    let total = 0;
    for (let minute = Math.max(0, from); minute <= to; minute += 1)
      total += ringOf(signal)[minute % LONGEST] ?? 0;
    return total;
  };
  const countOf = (rule: RuleName, minute: number): Counted => {
    const {
      minutes,
      share,
      signals: [signal],
    }: Rule = RULES[rule];
    const since = Math.max(minute - minutes + 1, (answered.get(rule) ?? -1) + 1);
    const times = sum(signal, since, minute);
    return {
      ...{ rule, subject: { kind: 'client', id: '' }, times, of: share ? sum(share.of, since, minute) : 0 },
      // Honest clients ask for the same few scopes again and again, and a deployment calls what it lost access to.
      ...{ distinct: Math.min(times, MOST_DISTINCT.get(signal) ?? times) },
      ...{ accounts: 0, networks: 0, organizations: 0 },
    };
  };
  return {
    judge(minute: number, signals: ReadonlyMap<SignalName, number>): number {
      for (const ring of history.values()) ring[minute % LONGEST] = 0;
      for (const [signal, count] of signals) ringOf(signal)[minute % LONGEST] = count;
      const looking = rules.filter((rule) => signals.has(RULES[rule].signals[0]));
      const verdicts = judge(looking.map((rule) => countOf(rule, minute)));
      for (const { rule } of verdicts) answered.set(rule, minute);
      return verdicts.length;
    },
  };
}

/** Of the things that an honest client has no access to, how many it knows. */
const MOST_DISTINCT: ReadonlyMap<SignalName, number> = new Map([
  ['scope-refused', 3],
  ['route-refused', 5],
]);

/** Minutes of the longest window. */
const LONGEST = 60;

function delaysOf(delays: readonly number[]): { median: number; latest: number } {
  const sorted = [...delays].sort((a, b) => a - b);
  const finite = sorted.filter(Number.isFinite);
  return {
    median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    latest: Math.round(finite.at(-1) ?? 0),
  };
}

function within(delays: readonly number[], seconds: number): number {
  return delays.filter((delay) => delay <= seconds).length;
}

const MOST_FALSE = 1;
/** The shares that must be flagged in time: every burst; in small changes chance has its part. */
const BURSTS_FLAGGED = 1;
const DRIFTS_FLAGGED = 0.95;

function violationsIn({ suspensions, bursts, drifts }: Seen): string[] {
  const late = (delays: readonly number[], seconds: number, share: number) =>
    delays.length > 0 && within(delays, seconds) < share * delays.length;
  return [
    ...(suspensions > MOST_FALSE ? [`${suspensions} honest clients were suspended`] : []),
    ...(late(bursts, 120, BURSTS_FLAGGED) ? ['bursts were flagged late'] : []),
    ...(late(drifts, 1_800, DRIFTS_FLAGGED) ? ['drifts were flagged late'] : []),
  ];
}

main();
