import { describe, expect, it } from 'vitest';
import { secondsAfter } from '../../../src/platform/clock.ts';
import {
  begin,
  effectOf,
  LAST_LEVEL,
  pause,
  pauseSeconds,
  pauseUntil,
  raise,
  RUNG_SECONDS,
  type Times,
} from '../../../src/defense/suspensions/ladder.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const at = (minutes: number) => secondsAfter(NOW, minutes * 60);
const HOUR = 60;

describe('the ladder of a suspension', () => {
  it('pauses for 15 minutes, doubling to a day', () => {
    const minutes = Array.from({ length: LAST_LEVEL }, (_, index) => pauseSeconds(index + 1) / 60);
    expect(minutes).toEqual([15, 30, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, 24 * HOUR]);
  });

  const states: [string, Times, number, string, number][] = [
    ['observing', begin('observe', 0, NOW), 0, 'observe', 1],
    ['observing, a quarter of an hour later', begin('observe', 0, NOW), 15, 'ended', 1],
    ['slowing', begin('slow', 0, NOW), 14, 'slow', 0.5],
    ['slowing, a quarter of an hour later', begin('slow', 0, NOW), 15, 'ended', 1],
    ['a first pause', pause(1, NOW), 0, 'pause', 0],
    ['a first pause, just before its end', pause(1, NOW), 14.99, 'pause', 0],
    ['a first pause at its end', pause(1, NOW), 15, 'probe', 0.1],
    ['a first pause after its probe', pause(1, NOW), 30, 'ended', 1],
    ['the longest pause', pause(LAST_LEVEL, NOW), 24 * HOUR - 1, 'pause', 0],
    ['the longest pause at its end', pause(LAST_LEVEL, NOW), 24 * HOUR, 'probe', 0.1],
    ['a pause after the longest', pause(LAST_LEVEL + 1, NOW), 24 * HOUR * 365, 'human', 0],
    ['a pause with an end that people chose', pauseUntil(at(90), NOW), 89, 'pause', 0],
    ['a pause with an end that people chose, then', pauseUntil(at(90), NOW), 90, 'ended', 1],
  ];
  it.each(states)('%s: its times alone say what it does', (_, times, minutes, state, share) => {
    expect(effectOf(times, at(minutes))).toMatchObject({ state, share });
  });

  it('says when the present state ends by itself', () => {
    const row = pause(1, NOW);
    expect(effectOf(row, NOW).until).toEqual(at(15));
    expect(effectOf(row, at(20)).until).toEqual(at(30));
    expect(effectOf(row, at(30)).until).toBeNull();
    expect(effectOf(begin('human', 3, NOW), NOW).until).toBeNull();
  });

  it('does nothing once it was ended, or where it only says what would be done', () => {
    expect(effectOf({ ...pause(1, NOW), endedAt: NOW }, NOW)).toMatchObject({ state: 'ended', share: 1 });
    expect(effectOf({ ...pause(1, NOW), dryRun: true }, NOW)).toMatchObject({ state: 'pause', share: 1 });
  });

  const raised: [string, Times, number, string | undefined, number?][] = [
    ['observing, noticed a moment ago', begin('observe', 0, NOW), 0.9, undefined],
    ['observing', begin('observe', 0, NOW), 1, 'slow', 0],
    ['slowing, noticed a moment ago', begin('slow', 0, NOW), 0.9, undefined],
    ['slowing', begin('slow', 0, NOW), 1, 'pause', 1],
    ['slowing what was paused twice lately', begin('slow', 2, NOW), 1, 'pause', 3],
    ['a pause', pause(1, NOW), 14, undefined],
    ['a probe that has just begun', pause(1, NOW), 15.9, undefined],
    ['a probe', pause(1, NOW), 16, 'pause', 2],
    ['a probe after the longest pause', pause(LAST_LEVEL, NOW), 24 * HOUR + 1, 'human', LAST_LEVEL],
    ['what waits for a human', begin('human', 0, NOW), 600, undefined],
    ['what has ended', pause(1, NOW), 31, undefined],
  ];
  it.each(raised)('more misuse while %s', (_, times, minutes, state, level) => {
    const next = raise(times, at(minutes));
    expect(next?.state).toBe(state);
    if (state) expect(next).toMatchObject({ level, stateSince: at(minutes) });
  });

  it('keeps a rung for a quarter of an hour', () => {
    expect(RUNG_SECONDS).toBe(900);
  });
});
