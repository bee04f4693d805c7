import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advance, type Alarm, type Baseline, newBaseline } from '../../../src/defense/signals/baseline.ts';
import { followBaselines, forgetOldBaselines } from '../../../src/defense/signals/follow-baselines.ts';
import { noteSignal } from '../../../src/defense/signals/note.ts';
import { writeSignals } from '../../../src/defense/signals/write-signals.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { openTestPlatform } from '../../support/platform.ts';

const DAY = 1_440;

/** Calls a minute of somebody with days and nights. */
const daily = (minute: number) => Math.round(60 + 40 * Math.sin((2 * Math.PI * minute) / DAY));

function live(from: number, minutes: number, calls: (minute: number) => number, before?: Baseline) {
  let baseline = before ?? newBaseline(from);
  const alarms: [minute: number, alarm: Alarm][] = [];
  for (let minute = from; minute < from + minutes; minute += 1) {
    const { alarm, baseline: next } = advance(baseline, minute, calls(minute));
    if (alarm) alarms.push([minute - from, alarm]);
    baseline = next;
  }
  return { baseline, alarms };
}

describe('the baseline of a client', () => {
  it('raises no alarm over two weeks of days and nights', () => {
    expect(live(0, 14 * DAY, daily).alarms).toEqual([]);
  });

  it('flags five times as much in its first whole minute, by day and by night', () => {
    const { baseline } = live(0, 14 * DAY, daily);
    for (const hour of [0, 6, 12, 18]) {
      const from = 14 * DAY + hour * 60;
      const until = live(14 * DAY, hour * 60, daily, baseline).baseline;
      expect(live(from, 3, (minute) => 5 * daily(minute), until).alarms).toEqual([[0, 'burst']]);
    }
  });

  it('flags half as much again within half an hour, once', () => {
    const { baseline } = live(0, 14 * DAY, daily);
    const { alarms } = live(14 * DAY, 120, (minute) => 1.5 * daily(minute), baseline);
    expect(alarms).toHaveLength(1);
    const [[after, alarm] = []] = alarms;
    expect([alarm, Number(after) <= 30]).toEqual(['drift', true]);
  });

  it('takes growth within days for what it is', () => {
    const growing = (minute: number) => Math.round(daily(minute) * (1 + (0.05 * minute) / DAY));
    expect(live(0, 21 * DAY, growing).alarms).toEqual([]);
  });

  it('knows a batch that comes each hour', () => {
    const batch = (minute: number) => (minute % 60 === 7 ? 300 : 0);
    const { baseline } = live(0, 8 * DAY, batch);
    expect(live(8 * DAY, 7 * DAY, batch, baseline).alarms).toEqual([]);
  });

  it('flags five times as much where two busy days were at the same hour, and no third one like them', () => {
    const deployed = (minute: number) =>
      [3, 5].includes(Math.floor(minute / DAY)) && minute % DAY < 5 ? 60 : 20;
    const { baseline } = live(0, 8 * DAY, deployed);
    expect(live(8 * DAY, 3, () => 60, baseline).alarms).toEqual([]);
    expect(live(8 * DAY, 3, () => 100, baseline).alarms).toEqual([[0, 'burst']]);
  });

  it('says nothing of the first hour, nor of so few calls that they hurt nobody', () => {
    expect(live(0, 90, (minute) => (minute < 80 ? 10 : 500)).alarms).toEqual([]);
    const { baseline } = live(0, 8 * DAY, () => 1);
    expect(live(8 * DAY, 5, () => 20, baseline).alarms).toEqual([]);
  });

  it('takes minutes that nobody wrote for silence', () => {
    const { baseline } = live(0, 200, () => 50);
    const said = live(200, 60, () => 0, baseline).baseline;
    expect(advance(baseline, 260, 50).baseline).toEqual(advance(said, 260, 50).baseline);
  });
});

describe('the job that follows baselines', () => {
  const APP = { kind: 'client', id: 'app_aaaaaaaaaaaaaaaaaaaa' } as const;
  let platform: OpenPlatform;
  let clock: MovableClock;
  beforeEach(async () => {
    clock = clockAt('2026-11-28T12:00:00Z');
    platform = await openTestPlatform({ clock });
  });
  afterEach(() => platform.close());

  async function minuteOf(calls: number, processes = [platform]): Promise<number[]> {
    noteSignal(platform, { signal: 'calls', subject: APP, count: calls });
    await writeSignals(platform);
    clock.forward(60);
    return Promise.all(processes.map((one) => followBaselines(one)));
  }

  it('tells operators of a burst within the minute after it, and pauses nothing', async () => {
    for (let minute = 0; minute < 110; minute += 1) await minuteOf(20);
    expect(await platform.db.alert.count()).toBe(0);
    await minuteOf(100);
    const [alert] = await platform.db.alert.findMany();
    expect(alert).toMatchObject({ kind: 'client-burst', severity: 'notice', count: 1 });
    expect(alert?.evidence).toEqual({ client: APP.id, calls: 100, usual: 20 });
    await minuteOf(100);
    expect(await platform.db.alert.findMany()).toMatchObject([{ count: 1 }]);
    expect(await platform.db.suspension.count()).toBe(0);
  });

  it('takes a minute in once, whichever processes run it, and a minute that was missed later', async () => {
    const other = { ...platform, sql: { ...platform.sql } };
    await minuteOf(20, [platform, other]);
    await minuteOf(20, []);
    await minuteOf(20, [other, platform]);
    const [row] = await platform.db.clientBaseline.findMany();
    expect(row?.state).toMatchObject({ samples: 3 });
    clock.forward(91 * 86_400);
    expect(await forgetOldBaselines(platform)).toBe(1);
  });
});
