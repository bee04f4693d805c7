import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetOldMarks, markDelivered } from '../src/audit/deliveries.ts';
import { jobsOf } from '../src/jobs.ts';
import { newId } from '../src/platform/ids.ts';
import type { OpenPlatform } from '../src/platform/platform.ts';
import { countStatements } from './support/count-statements.ts';
import { openTestPlatform } from './support/platform.ts';

const jobs = jobsOf({ followKeys: async () => {} } as never);
const KEPT = readFileSync(new URL('../docs/what-is-kept.md', import.meta.url), 'utf8');

/** An index on what these look for would have to be written with every change (docs/what-is-kept.md). */
const WALKED_WHOLE = ['client_baselines', 'known_browsers'];
/** They hold nothing but what is open or waits. */
const SMALL_INDEXES = ['alerts_open_idx', 'event_deliveries_waiting_idx'];

const named = [...KEPT.matchAll(/`(forget-[a-z-]+)`/g)].map(([, job]) => String(job));

describe('jobs that forget', () => {
  let platform: OpenPlatform;
  let now: Date;
  beforeAll(async () => {
    now = new Date();
    platform = await openTestPlatform({ clock: { now: () => now } });
  }, 60_000);
  afterAll(() => platform.close());

  /** Tables that a statement reads without a condition that an index answers, although it is told not to. */
  async function walkedBy(statement: string): Promise<string[]> {
    const client = await platform.pool.connect();
    try {
      await client.query('SET enable_seqscan = off');
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${statement}`);
      return wholeScans(rows[0]['QUERY PLAN'][0].Plan);
    } finally {
      await client.query('RESET enable_seqscan');
      client.release();
    }
  }

  it('find what is old by an index', async () => {
    const walked: string[] = [];
    for (const { name, run } of jobs.filter((job) => named.includes(job.name))) {
      const texts = await countStatements(platform, () => run(platform));
      const statements = texts.filter((text) => /^\s*(DELETE|UPDATE|SELECT|WITH)/i.test(text));
      for (const text of statements)
        walked.push(...(await walkedBy(text)).map((table) => `${name}: ${table}`));
    }
    const fine = [...WALKED_WHOLE, ...SMALL_INDEXES];
    expect(walked.filter((line) => !fine.includes(String(line.split(': ')[1])))).toEqual([]);
  });

  it('are written down with every table of the watch, each under its name', () => {
    const folder = new URL('../prisma/migrations/', import.meta.url);
    const watch = readdirSync(folder).find((name) => name.endsWith('_watch'));
    const sql = readFileSync(new URL(`${watch}/migration.sql`, folder), 'utf8');
    const tables = [...sql.matchAll(/CREATE TABLE "(\w+)"/g)].map(([, table]) => String(table));
    expect(tables.filter((table) => !KEPT.includes(`\`${table}\``))).toEqual([]);
    expect(named.filter((job) => !jobs.some(({ name }) => name === job))).toEqual([]);
  });

  it('forget who was told of an event a month after it, and not before', async () => {
    await markDelivered(platform, 'reader', [newId(), newId()]);
    now = new Date(now.getTime() + 29 * 86_400_000);
    expect(await forgetOldMarks(platform)).toBe(0);
    now = new Date(now.getTime() + 2 * 86_400_000);
    expect(await forgetOldMarks(platform)).toBe(2);
  });

  it('forget acts of two people long after they were decided', async () => {
    const row = { act: 'verify-publisher', input: {}, reason: 'r', askedBy: 'operator:x', askedAt: now };
    await platform.db.twoPersonAct.createMany({
      data: [
        { ...row, id: newId(), outcome: 'done', decidedAt: now },
        { ...row, id: newId() },
      ],
    });
    now = new Date(now.getTime() + 401 * 86_400_000);
    await jobs.find(({ name }) => name === 'forget-acts')?.run(platform);
    const left = await platform.db.twoPersonAct.findMany();
    expect(left.map(({ outcome }) => outcome)).toEqual([null]);
  });
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
}

function wholeScans(plan: Plan): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, 'Index Cond': condition } = plan;
  const whole = type === 'Seq Scan' || (index !== undefined && condition === undefined);
  return [...(whole ? [String(index ?? table)] : []), ...(plan.Plans ?? []).flatMap(wholeScans)];
}
