import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countMembers, countSignals, signalsOf } from '../../../src/defense/signals/count.ts';
import { count, readMinutes, writeMinutes } from '../../../src/defense/sign-in-watch/minutes.ts';
import { forgetOldSignals } from '../../../src/defense/signals/forget-signals.ts';
import { noteSignal, type Signal } from '../../../src/defense/signals/note.ts';
import { writeSignals } from '../../../src/defense/signals/write-signals.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { statementsOf } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const APP = { kind: 'client', id: 'app_aaaaaaaaaaaaaaaaaaaa' } as const;

let platform: OpenPlatform;
let clock: MovableClock;
beforeEach(async () => {
  clock = clockAt('2026-11-28T12:34:56Z');
  platform = await openTestPlatform({ clock });
});
afterEach(() => platform.close());

function note(over: Partial<Signal> = {}): void {
  noteSignal(platform, { signal: 'invalid-grant', subject: APP, ...over });
}

describe('signals', () => {
  it('are added up in memory, and in the row of their minute whoever wrote that before', async () => {
    const other = { ...platform, sql: { ...platform.sql } };
    for (let times = 0; times < 3; times += 1) note();
    noteSignal(other, { signal: 'invalid-grant', subject: APP, count: 4 });
    await Promise.all([writeSignals(platform), writeSignals(other)]);
    expect(await countSignals(platform, APP, 'invalid-grant', 1)).toBe(7);
    expect(await signalsOf(platform, APP, 5)).toEqual(new Map([['invalid-grant', 7]]));
  });

  it('cost one statement however many there were, and none where nothing was', async () => {
    for (let times = 0; times < 500; times += 1) note({ subject: { kind: 'grant', id: `grant ${times}` } });
    expect(await statementsOf(platform, () => writeSignals(platform))).toEqual(['write_signal_counts']);
    expect(await statementsOf(platform, () => writeSignals(platform))).toEqual([]);
  });

  it('leave the window with the minute they were of', async () => {
    note();
    clock.forward(120);
    note();
    await writeSignals(platform);
    const counts = [1, 2, 3].map((minutes) => countSignals(platform, APP, 'invalid-grant', minutes));
    expect(await Promise.all(counts)).toEqual([1, 1, 2]);
  });

  it('tell distinct others apart, and write each of them once an hour', async () => {
    for (const member of ['anna', 'ben', 'anna']) note({ member });
    await writeSignals(platform);
    note({ member: 'anna' });
    expect(await statementsOf(platform, () => writeSignals(platform))).toEqual(['write_signal_counts']);
    expect(await countMembers(platform, APP, 'invalid-grant', 1)).toBe(2);
    clock.forward(3600);
    note({ member: 'anna' });
    await writeSignals(platform);
    expect(await countMembers(platform, APP, 'invalid-grant', 1)).toBe(1);
    expect(await countMembers(platform, APP, 'invalid-grant', 2)).toBe(2);
  });

  it('keep of one subject no more distinct others than bring it to light', async () => {
    for (let number = 0; number < 6_000; number += 1) note({ member: `person ${number}` });
    await writeSignals(platform);
    expect(await countMembers(platform, APP, 'invalid-grant', 1)).toBe(5_000);
    expect(await countSignals(platform, APP, 'invalid-grant', 1)).toBe(6_000);
  });

  it('never take more memory than is set aside while the database is away', async () => {
    const { run } = platform.sql;
    platform.sql.run = () => Promise.reject(new Error('the database is away'));
    for (let number = 0; number < 60_000; number += 1)
      note({ subject: { kind: 'address', id: `10.0.${number >> 8}.${number & 255}` } });
    note({ subject: { kind: 'address', id: '10.0.0.1' }, member: 'somebody' });
    await expect(writeSignals(platform)).rejects.toThrow('away');
    platform.sql.run = run;
    note({ subject: { kind: 'address', id: '10.0.0.1' } });
    expect(await writeSignals(platform)).toHaveLength(50_000);
    expect(await countSignals(platform, { kind: 'address', id: '10.0.0.1' }, 'invalid-grant', 1)).toBe(3);
  });

  it('hold no address and no person that can be read', async () => {
    note({ subject: { kind: 'address', id: '203.0.113.9' }, member: 'anna@example.com' });
    await writeSignals(platform);
    const [row] = await platform.db.signalCount.findMany();
    const [member] = await platform.db.signalMember.findMany();
    expect(row?.subject).toMatch(/^[\w-]{43}$/);
    expect(member?.member).toHaveLength(16);
    expect(await countSignals(platform, { kind: 'address', id: '203.0.113.9' }, 'invalid-grant', 1)).toBe(1);
  });

  it('are forgotten after a week, whom they were about after two days', async () => {
    note({ member: 'anna' });
    await writeSignals(platform);
    clock.forward(3 * 86_400);
    expect(await forgetOldSignals(platform)).toBe(1);
    clock.forward(6 * 86_400);
    expect(await forgetOldSignals(platform)).toBe(1);
  });

  it('of addresses are forgotten after two hours', async () => {
    note({ subject: { kind: 'address', id: '203.0.113.9' } });
    note();
    await writeSignals(platform);
    clock.forward(3 * 3_600);
    expect(await forgetOldSignals(platform)).toBe(1);
    expect(await countSignals(platform, APP, 'invalid-grant', 300)).toBe(1);
  });

  it('of all networks together stay, because the sign-in watch compares with a day of them', async () => {
    count(platform, 'sign-in-wrong', { by: 7 });
    await writeMinutes(platform);
    clock.forward(23 * 3_600);
    expect(await forgetOldSignals(platform)).toBe(0);
    expect((await readMinutes(platform, 24 * 60))['sign-in-wrong'][0]).toBe(7);
  });

  it('are counted for whoever reads the metrics', async () => {
    note({ count: 5 });
    expect(await platform.metrics.registry.metrics()).toContain(
      'gatehouse_signals_total{signal="invalid-grant"} 5',
    );
  });
});
