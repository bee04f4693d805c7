import { describe, expect, it } from 'vitest';
import { lines, roundUp, stackedBars } from '../../../src/developers/insights/chart.ts';
import { csvOf } from '../../../src/developers/insights/csv.ts';
import { BUCKETS, bucketOf, edgeOf, percentile } from '../../../src/developers/insights/latency.ts';
import { momentsOf, reportOf, type UsageRow } from '../../../src/developers/insights/usage-report.ts';

const NOW = new Date('2026-11-28T12:34:56Z');
const at = (text: string) => new Date(text);

function row(over: Partial<UsageRow>): UsageRow {
  const buckets = new Array<number>(BUCKETS).fill(0);
  buckets[3] = over.requests ?? 1;
  const sound = { at: at('2026-11-28T12:00:00Z'), endpoint: 'token', error: '', requests: 1, tokens: 0 };
  return { ...sound, buckets, ...over };
}

describe('a report', () => {
  it('has every hour or day of its span, in UTC, up to now', () => {
    const hours = momentsOf('48h', NOW);
    expect([hours.length, hours[0]?.toISOString(), hours.at(-1)?.toISOString()]).toEqual([
      ...[48, '2026-11-26T13:00:00.000Z', '2026-11-28T12:00:00.000Z'],
    ]);
    const days = momentsOf('30d', NOW);
    expect([days.length, days[0]?.toISOString()]).toEqual([30, '2026-10-30T00:00:00.000Z']);
  });

  it('fills empty hours with zeros and sums the rest by time, error and endpoint', () => {
    const rows = [
      row({ requests: 3, tokens: 3 }),
      row({ error: 'invalid_grant', requests: 2 }),
      row({ endpoint: 'userinfo', at: at('2026-11-28T10:00:00Z'), error: 'invalid_token', requests: 4 }),
    ];
    const people = [{ day: at('2026-11-28T00:00:00Z'), people: 7 }];
    const report = reportOf('48h', NOW, rows, people);
    expect(report.steps.slice(-3).map(({ requests, failures }) => [requests, failures])).toEqual([
      ...[
        [4, 4],
        [0, 0],
        [5, 2],
      ],
    ]);
    expect(report.steps.at(-2)).toMatchObject({ tokens: 0, p50: undefined });
    expect(report.all).toEqual({ requests: 9, failures: 6, tokens: 3, p50: 8, p95: 8, p99: 8 });
    expect(report.errors).toEqual([
      { error: 'invalid_token', requests: 4 },
      { error: 'invalid_grant', requests: 2 },
    ]);
    expect(report.endpoints.map(({ endpoint, requests }) => [endpoint, requests])).toEqual([
      ['token', 5],
      ['userinfo', 4],
    ]);
    expect([report.people.length, report.people.at(-1)?.people]).toEqual([14, 7]);
  });
});

describe('latencies', () => {
  it.each([
    [0, 0],
    [-1, 0],
    [Number.NaN, 0],
    [1, 0],
    [1.2, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [1024, 10],
    [1025, 11],
    [1e12, BUCKETS - 1],
    [Number.POSITIVE_INFINITY, BUCKETS - 1],
  ])('of %d ms go into bucket %d', (milliseconds, bucket) => {
    expect(bucketOf(milliseconds)).toBe(bucket);
    if (bucket > 0 && bucket < BUCKETS - 1) expect(milliseconds).toBeLessThanOrEqual(edgeOf(bucket));
  });

  it('have percentiles that are never below the truth', () => {
    const buckets = new Array<number>(BUCKETS).fill(0);
    for (let calls = 1; calls <= 100; calls += 1) {
      const bucket = bucketOf(calls);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    expect([0.5, 0.95, 0.99].map((share) => percentile(buckets, share))).toEqual([64, 128, 128]);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('a chart', () => {
  it('stacks bars within its box, and draws nothing for nothing', () => {
    const { paths, top } = stackedBars([
      [10, 0],
      [10, 5],
    ]);
    expect(top).toBe(20);
    expect(paths).toEqual(['M1 240v-120h8v120z', 'M1 120v-120h8v120zM11 240v-60h8v60z']);
    expect(stackedBars([[0, 0]])).toEqual({ paths: [''], top: 0 });
    expect(stackedBars([[1_000_000, 1]]).paths[0]).toContain('v-2h');
  });

  it('breaks a line where there is no value', () => {
    const { paths, top } = lines([[8, undefined, 4, 2]]);
    expect(top).toBe(10);
    expect(paths).toEqual(['M3 48h4M23 144h4L35 192']);
  });

  it.each([
    [0, 0],
    [1, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [501, 1000],
  ])('of at most %d ends at %d', (value, top) => {
    expect(roundUp(value)).toBe(top);
  });
});

it('CSV quotes what needs it and holds nothing that a spreadsheet would run', () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\t=1', 'a,"b"', 'two\nlines', '', undefined, 3, -3, NOW] as const;
  expect(csvOf(['a'], [cells])).toBe(
    `a\r\n'=1+1,'+1,'-1,'@x,'\t=1,"a,""b""","two\nlines",,,3,-3,2026-11-28T12:34:56.000Z\r\n`,
  );
});
