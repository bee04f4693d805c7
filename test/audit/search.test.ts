import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportEvents } from '../../src/admin/events/event-export.ts';
import { searchEvents } from '../../src/audit/search.ts';
import { recordEvent } from '../../src/audit/trail.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt } from '../support/clock.ts';
import { openTestPlatform } from '../support/platform.ts';

let platform: OpenPlatform;
const clock = clockAt();
const START = clock.now();
beforeAll(async () => {
  platform = await openTestPlatform({ clock });
  for (let i = 0; i < 30; i++) {
    const actor = { kind: 'operator', id: i % 2 ? 'odd' : 'even' } as const;
    const action = i % 3 ? 'alert.closed' : 'limit.reset';
    await recordEvent(platform, actor, action, { kind: 'alert', id: `target-${i % 5}` }, { number: i });
    clock.forward(60);
  }
});
afterAll(() => platform.close());

const numbersOf = (events: readonly { details: object }[]) =>
  events.map(({ details }) => (details as { number: number }).number);

it('events are found by what they were done to, by whom, by what was done and when, the newest first', async () => {
  const search = async (query: Parameters<typeof searchEvents>[1]) =>
    numbersOf(await searchEvents(platform, query, { take: 100 }));
  expect(await search({ target: 'target-1' })).toEqual([26, 21, 16, 11, 6, 1]);
  expect(await search({ target: 'target-1', actor: 'odd' })).toEqual([21, 11, 1]);
  expect(await search({ actor: 'even', action: 'limit.reset' })).toEqual([24, 18, 12, 6, 0]);
  const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);
  expect(await search({ action: 'limit.reset', from: at(9), until: at(15) })).toEqual([12, 9]);
  expect(await search({ target: "' OR true --" })).toEqual([]);
});

it('they are read page by page, none twice and none left out', async () => {
  for (const query of [{ actor: 'odd' }, { action: 'alert.closed' } as const, {}]) {
    const whole = await searchEvents(platform, query, { take: 1000 });
    const read = [];
    for (let before: string | undefined; ; before = read.at(-1)?.id) {
      const batch = await searchEvents(platform, query, { before, take: 4 });
      read.push(...batch);
      if (batch.length < 4) break;
    }
    expect(read).toEqual(whole);
  }
});

it('an export has one line of JSON for each', async () => {
  let text = '';
  for await (const part of exportEvents(platform, { target: 'target-2' })) text += part;
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { actor: object; details: object });
  expect(numbersOf(lines)).toEqual([27, 22, 17, 12, 7, 2]);
  expect(lines[0]).toMatchObject({ action: 'limit.reset', actor: { kind: 'operator', id: 'odd' } });
});
