import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteUsage, type UsageNote, writeUsage } from '../../../src/developers/insights/usage-notes.ts';
import { loadUsage } from '../../../src/developers/insights/usage-report.ts';
import { forgetOldUsage } from '../../../src/developers/insights/usage-retention.ts';
import { usageAtAGlance } from '../../../src/developers/insights/usage.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { statementsOf } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const APP = 'app_aaaaaaaaaaaaaaaaaaaa';
const NOW = new Date('2026-11-28T12:34:56Z');
const DAY = 86_400_000;

let platform: OpenPlatform;
beforeEach(async () => {
  platform = await openTestPlatform({ clock: { now: () => NOW } });
});
afterEach(() => platform.close());

function note(over: Partial<UsageNote> = {}): void {
  noteUsage(platform, { clientId: APP, at: NOW, endpoint: 'token', milliseconds: 3, ...over });
}

describe('usage', () => {
  it('is added up in memory and in the row of its hour, whoever wrote that before', async () => {
    for (let calls = 0; calls < 3; calls += 1) note({ tokens: 2 });
    note({ error: 'invalid_grant', milliseconds: 100 });
    await writeUsage(platform);
    note({ tokens: 1, milliseconds: 100 });
    await writeUsage(platform);
    const { rows } = await loadUsage(platform, APP, '48h');
    expect(rows.map(({ error, requests, tokens }) => [error, requests, tokens])).toEqual([
      ['', 4, 7],
      ['invalid_grant', 1, 0],
    ]);
    expect(rows[0]?.buckets.slice(0, 9)).toEqual([0, 0, 3, 0, 0, 0, 0, 1, 0]);
  });

  it('costs one statement however much was called, and none where nothing was', async () => {
    for (let calls = 0; calls < 500; calls += 1) note({ error: `code_${'x'.repeat(calls % 5)}` });
    expect(await statementsOf(platform, () => writeUsage(platform))).toEqual(['write_usage_hours']);
    expect(await statementsOf(platform, () => writeUsage(platform))).toEqual([]);
  });

  it('counts a person once a day, and writes them once', async () => {
    for (const subject of ['anna', 'anna', 'ben']) note({ subject });
    await writeUsage(platform);
    note({ subject: 'anna' });
    expect(await statementsOf(platform, () => writeUsage(platform))).toEqual(['write_usage_hours']);
    note({ subject: 'anna', at: new Date(NOW.getTime() - DAY) });
    await writeUsage(platform);
    const { people } = await loadUsage(platform, APP, '48h');
    expect(people.slice(-3).map((row) => row.people)).toEqual([0, 1, 2]);
  });

  it('never takes a code that is none', async () => {
    note({ error: 'Robert"); DROP TABLE' });
    await writeUsage(platform);
    const { errors } = await loadUsage(platform, APP, '48h');
    expect(errors).toEqual([{ error: 'other', requests: 1 }]);
  });

  it('that could not be written is kept, and added to what comes meanwhile', async () => {
    note({ subject: 'anna' });
    const { run } = platform.sql;
    platform.sql.run = () => Promise.reject(new Error('the database is away'));
    await expect(writeUsage(platform)).rejects.toThrow('away');
    note();
    platform.sql.run = run;
    await writeUsage(platform);
    const { all, people } = await loadUsage(platform, APP, '48h');
    expect([all.requests, people.at(-1)?.people]).toEqual([2, 1]);
  });

  it('of two processes at once neither waits for the other for ever nor gets lost', async () => {
    const other = { ...platform, sql: { ...platform.sql } };
    for (let round = 0; round < 10; round += 1) {
      for (const [one, codes] of [
        [platform, ['a_a', 'b_b', 'c_c']],
        [other, ['c_c', 'b_b', 'a_a']],
      ] as const)
        for (const error of codes)
          noteUsage(one, { clientId: APP, at: NOW, endpoint: 'token', milliseconds: 1, error });
      await Promise.all([writeUsage(platform), writeUsage(other)]);
    }
    const { errors } = await loadUsage(platform, APP, '48h');
    expect(errors.map(({ requests }) => requests)).toEqual([20, 20, 20]);
  });

  it('by day is the sum of its hours', async () => {
    for (const hour of ['00', '11', '23']) note({ at: new Date(`2026-11-27T${hour}:30:00Z`) });
    await writeUsage(platform);
    const { steps } = await loadUsage(platform, APP, '30d');
    expect([steps.at(-2)?.requests, steps.at(-1)?.requests]).toEqual([3, 0]);
  });

  it('of days that are over is counted once, of the last days always anew', async () => {
    const day = (back: number) => new Date(NOW.getTime() - back * DAY);
    for (const back of [0, 1, 5]) note({ at: day(back), subject: 'anna' });
    await writeUsage(platform);
    const peopleOf = async () => {
      const { people } = await loadUsage(platform, APP, '30d');
      return [people.at(-1)?.people, people.at(-2)?.people, people.at(-6)?.people];
    };
    expect(await peopleOf()).toEqual([1, 1, 1]);
    for (const back of [0, 1, 5]) note({ at: day(back), subject: 'ben' });
    await writeUsage(platform);
    expect(await peopleOf()).toEqual([2, 2, 1]);
  });

  it('older than thirteen months is forgotten', async () => {
    note({ at: new Date(NOW.getTime() - 397 * DAY), subject: 'anna' });
    note({ at: new Date(NOW.getTime() - 395 * DAY), subject: 'anna' });
    await writeUsage(platform);
    expect(await forgetOldUsage(platform)).toBe(2);
    expect(await platform.db.usageHour.count()).toBe(1);
    expect(await platform.db.usagePerson.count()).toBe(1);
  });

  it('at a glance says when each app was last seen and what it did today', async () => {
    note();
    note({ error: 'invalid_grant' });
    note({ at: new Date(NOW.getTime() - 3 * DAY), clientId: 'app_bbbbbbbbbbbbbbbbbbbb' });
    await writeUsage(platform);
    const ids = [APP, 'app_bbbbbbbbbbbbbbbbbbbb', 'app_cccccccccccccccccccc'];
    const glances = await usageAtAGlance(platform, ids);
    expect(glances.get(APP)).toMatchObject({ requests: 2, failures: 1 });
    expect(glances.get(APP)?.byHour.at(-1)).toBe(2);
    expect(glances.get('app_bbbbbbbbbbbbbbbbbbbb')).toMatchObject({ requests: 0 });
    expect(glances.get('app_bbbbbbbbbbbbbbbbbbbb')?.lastCall?.toISOString()).toBe('2026-11-25T12:00:00.000Z');
    expect(glances.has('app_cccccccccccccccccccc')).toBe(false);
  });
});
