import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { LIMITS, type LimitName } from '../../../src/defense/limits/catalogue.ts';
import { lease } from '../../../src/defense/limits/lease.ts';
import { LIMIT_OVERRIDES } from '../../../src/defense/limits/limit-in-force.ts';
import { nextLevel } from '../../../src/defense/limits/overload.ts';
import { refusedNow } from '../../../src/defense/limits/refused-now.ts';
import { forgetOldLimits, resetLimit } from '../../../src/defense/limits/reset.ts';
import { spend } from '../../../src/defense/limits/spend.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { OPERATOR } from '../../support/world.ts';

const clock = clockAt();
let database: TestDatabase;
let one: OpenPlatform;
let other: OpenPlatform;
beforeAll(async () => {
  database = await createTestDatabase();
  one = await openTestPlatform({ database, clock });
  other = await openTestPlatform({ database, clock });
});
afterAll(async () => {
  await one.close();
  await other.close();
  await database.drop();
});

let keys = 0;
let key = '';
beforeEach(() => {
  keys += 1;
  key = `somebody ${keys}`;
});

async function override(limits: Partial<Record<LimitName, { budget: number; windowSeconds?: number }>>) {
  await changeSetting(one, OPERATOR, { setting: LIMIT_OVERRIDES, value: limits });
  await other.settings.refresh();
}

const times = (count: number) => Array.from({ length: count }, (_, turn) => (turn % 2 === 0 ? one : other));

describe('an exact limit', () => {
  beforeEach(() => override({ 'sign-in': { budget: 10, windowSeconds: 60 } }));

  it('lets through its budget and not one more, whichever process is asked', async () => {
    const answers = await Promise.all(times(200).map((platform) => spend(platform, 'sign-in', key)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
  });

  it('says what is left, and lets whoever waits as long as it says in again', async () => {
    expect(await spend(one, 'sign-in', key)).toEqual({ ok: true, left: 9, resetSeconds: 60 });
    for (let turn = 0; turn < 9; turn += 1) await spend(one, 'sign-in', key);
    const refused = await spend(other, 'sign-in', key);
    expect(refused).toEqual({ ok: false, retryAfterSeconds: expect.any(Number) });
    if (refused.ok) throw new Error('it was let through');
    clock.forward(refused.retryAfterSeconds - 1);
    expect((await spend(one, 'sign-in', key)).ok).toBe(false);
    clock.forward(1);
    expect(await spend(one, 'sign-in', key)).toMatchObject({ ok: true, left: 9 });
  });

  it('spends nothing for what it refuses, and lets through what still fits', async () => {
    expect((await spend(one, 'sign-in', key, { cost: 8 })).ok).toBe(true);
    expect((await spend(one, 'sign-in', key, { cost: 3 })).ok).toBe(false);
    expect(await spend(one, 'sign-in', key, { cost: 2 })).toMatchObject({ ok: true, left: 0 });
    expect((await spend(one, 'sign-in', `${key} else`, { cost: 11 })).ok).toBe(false);
  });

  it('counts each subject and each limit apart, and none of them by a name that could be read back', async () => {
    for (let turn = 0; turn < 11; turn += 1) await spend(one, 'sign-in', key);
    expect((await spend(one, 'sign-in', `${key} else`)).ok).toBe(true);
    expect((await spend(one, 'second-factor', key)).ok).toBe(true);
    const rows = await one.db.limitCounter.findMany();
    expect(JSON.stringify(rows)).not.toContain('somebody');
  });

  it('gives everything back at the word of an operator, and forgets windows that are over', async () => {
    for (let turn = 0; turn < 11; turn += 1) await spend(one, 'sign-in', key);
    expect(await resetLimit(one, OPERATOR, { limit: 'sign-in', subject: key })).toBe(true);
    expect(await resetLimit(one, OPERATOR, { limit: 'sign-in', subject: key })).toBe(false);
    expect((await spend(other, 'sign-in', key)).ok).toBe(true);
    clock.forward(61);
    await forgetOldLimits(one);
    expect(await one.db.limitCounter.count()).toBe(0);
  });

  it('is neither open nor a fault while the database is away', async () => {
    const away = { ...one, sql: { run: () => Promise.reject(new Error('away')) } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => spend(away, 'sign-in', key)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('a leased limit', () => {
  it('lets through its budget and no more than a hundredth beyond, over two processes', async () => {
    await override({ token: { budget: 10_000, windowSeconds: 60 } });
    clock.forward(60);
    let through = 0;
    for (let round = 0; round < 150; round += 1) {
      const answers = await Promise.all(times(100).map((platform) => lease(platform, 'token', key)));
      through += answers.filter(({ ok }) => ok).length;
    }
    expect(through).toBeGreaterThan(9_000);
    expect(through).toBeLessThanOrEqual(10_100);
  });

  it('lets through exactly a small budget', async () => {
    await override({ token: { budget: 7, windowSeconds: 60 } });
    clock.forward(60);
    const answers = await Promise.all(times(60).map((platform) => lease(platform, 'token', key)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(7);
    clock.forward(60);
    expect((await lease(one, 'token', key)).ok).toBe(true);
  });

  it('asks the database once for many requests', async () => {
    await override({ token: { budget: 60_000, windowSeconds: 60 } });
    clock.forward(60);
    let statements = 0;
    const { sql } = one;
    const run: typeof sql.run = (statement, values) => {
      statements += 1;
      return sql.run(statement, values);
    };
    const counting = { ...one, sql: { run } };
    for (let turn = 0; turn < 2_000; turn += 1) await lease(counting, 'token', key);
    expect(statements).toBeLessThan(10);
  });

  it('takes the budget that its caller names', async () => {
    clock.forward(60);
    const answers = await Promise.all(
      times(30).map((platform) => lease(platform, 'access', key, { budget: 5 })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  });

  it('is neither open nor a fault while the database is away', async () => {
    await override({ token: { budget: 100, windowSeconds: 60 } });
    clock.forward(60);
    const away = { ...one, sql: { run: () => Promise.reject(new Error('away')) } };
    const answers = await Promise.all(Array.from({ length: 200 }, () => lease(away, 'token', key)));
    const through = answers.filter(({ ok }) => ok).length;
    expect(through).toBeGreaterThan(0);
    expect(through).toBeLessThanOrEqual(10);
  });
});

describe('the catalogue', () => {
  it('says of every limit what it is for', () => {
    for (const { about, budget, windowSeconds } of Object.values(LIMITS)) {
      expect(about.length).toBeGreaterThan(10);
      expect(budget).toBeGreaterThan(0);
      expect(windowSeconds).toBeLessThanOrEqual(86_400);
    }
  });

  it('has nobody refused before anybody was', () => {
    expect(refusedNow(one)).toEqual([]);
  });
});

it.each([
  [0, 90, 0],
  [0, 150, 1],
  [0, 1_000, 3],
  [1, 250, 2],
  [2, 120, 2],
  [2, 60, 2],
  [2, 10, 1],
  [1, 10, 0],
  [0, 0, 0],
])('load is shed at once and taken up again step by step: from %i at %i ms to %i', (level, late, next) => {
  expect(nextLevel(level, late)).toBe(next);
});
