import type { Platform } from '../../platform/platform.ts';
import { addBuckets, BUCKETS, percentile } from './latency.ts';
import { type PeopleRow, peopleOn } from './usage-people.ts';

/** How far back, and in what steps. Everything is UTC. */
export const SPANS = {
  '48h': { unit: 'hour', steps: 48 },
  '30d': { unit: 'day', steps: 30 },
  '90d': { unit: 'day', steps: 90 },
} as const;
export type Span = keyof typeof SPANS;

const STEP = { hour: 3_600_000, day: 86_400_000 } as const;

/** Calls of one endpoint with one outcome in one step of time. */
export interface UsageRow {
  readonly at: Date;
  readonly endpoint: string;
  /** Empty where the calls succeeded. */
  readonly error: string;
  readonly requests: number;
  readonly tokens: number;
  readonly buckets: readonly number[];
}

/** Milliseconds that at most half, 95 % or 99 % of the calls took; undefined where there were none. */
export interface Percentiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

export interface UsageStep extends Percentiles {
  readonly at: Date;
  readonly requests: number;
  readonly failures: number;
  readonly tokens: number;
}

export interface UsageReport {
  readonly span: Span;
  /** One for each hour or day, the oldest first, also where nothing happened. */
  readonly steps: readonly UsageStep[];
  /** One for each day of the span, and for two weeks at least. */
  readonly people: readonly PeopleRow[];
  readonly all: Omit<UsageStep, 'at'>;
  readonly errors: readonly { readonly error: string; readonly requests: number }[];
  readonly endpoints: readonly (Percentiles & { readonly endpoint: string; readonly requests: number })[];
  readonly rows: readonly UsageRow[];
}

/** What an app or an API (its client id) did in a span of time that ends now. */
export async function loadUsage(
  platform: Pick<Platform, 'db' | 'sql' | 'clock'>,
  clientId: string,
  span: Span,
): Promise<UsageReport> {
  const { db, clock } = platform;
  const now = clock.now();
  const { unit } = SPANS[span];
  const [first = now] = momentsOf(span, now);
  const [rows, people] = await Promise.all([
    db.$queryRaw<UsageRow[]>`
      SELECT date_trunc(${unit}, u.hour, 'UTC') AS at, u.endpoint, u.error, sum(u.requests)::int AS requests,
             sum(u.tokens)::int AS tokens,
             ARRAY[sum(u.buckets[1]), sum(u.buckets[2]), sum(u.buckets[3]), sum(u.buckets[4]), sum(u.buckets[5]),
                   sum(u.buckets[6]), sum(u.buckets[7]), sum(u.buckets[8]), sum(u.buckets[9]), sum(u.buckets[10]),
                   sum(u.buckets[11]), sum(u.buckets[12]), sum(u.buckets[13]), sum(u.buckets[14]),
                   sum(u.buckets[15]), sum(u.buckets[16])]::int[] AS buckets
        FROM usage_hours u WHERE u.client_id = ${clientId} AND u.hour >= ${first}
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    peopleOn(platform, clientId, daysOf(span, now)),
  ]);
  return reportOf(span, now, rows, people);
}

/** The beginnings of every hour or day of a span, the oldest first. */
export function momentsOf(span: Span, now: Date): Date[] {
  const { unit, steps } = SPANS[span];
  return momentsBack(STEP[unit], steps, now);
}

function daysOf(span: Span, now: Date): Date[] {
  const { unit, steps } = SPANS[span];
  return momentsBack(STEP.day, unit === 'day' ? steps : 14, now);
}

function momentsBack(length: number, steps: number, now: Date): Date[] {
  const last = now.getTime() - (now.getTime() % length);
  return Array.from({ length: steps }, (_, at) => new Date(last - (steps - 1 - at) * length));
}

/** Pure: rows into steps without gaps, with sums by error and endpoint. */
export function reportOf(
  span: Span,
  now: Date,
  rows: readonly UsageRow[],
  people: readonly PeopleRow[],
): UsageReport {
  const moments = momentsOf(span, now);
  const byTime = Map.groupBy(rows, ({ at }) => at.getTime());
  const byDay = new Map(people.map((row) => [row.day.getTime(), row.people]));
  return {
    span,
    rows,
    steps: moments.map((at) => ({ at, ...sumOf(byTime.get(at.getTime()) ?? []) })),
    people: daysOf(span, now).map((day) => ({ day, people: byDay.get(day.getTime()) ?? 0 })),
    all: sumOf(rows),
    errors: grouped(rows, ({ error }) => error)
      .filter(([error]) => error !== '')
      .map(([error, of]) => ({ error, requests: sumOf(of).requests })),
    endpoints: grouped(rows, ({ endpoint }) => endpoint).map(([endpoint, of]) => ({
      endpoint,
      ...sumOf(of),
    })),
  };
}

/** What is called most comes first. */
function grouped(rows: readonly UsageRow[], by: (row: UsageRow) => string): [string, UsageRow[]][] {
  const calls = (group: readonly UsageRow[]) => group.reduce((sum, { requests }) => sum + requests, 0);
  return [...Map.groupBy(rows, by)].sort(([, one], [, other]) => calls(other) - calls(one));
}

function sumOf(rows: readonly UsageRow[]): Omit<UsageStep, 'at'> {
  let [requests, failures, tokens] = [0, 0, 0];
  let buckets = new Array<number>(BUCKETS).fill(0);
  for (const row of rows) {
    requests += row.requests;
    tokens += row.tokens;
    if (row.error !== '') failures += row.requests;
    buckets = addBuckets(buckets, row.buckets);
  }
  return { requests, failures, tokens, ...percentilesOf(buckets) };
}

export function percentilesOf(buckets: readonly number[]): Percentiles {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(buckets, share));
  return { p50, p95, p99 };
}
