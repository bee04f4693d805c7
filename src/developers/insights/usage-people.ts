import { dateOf } from '../../platform/clock.ts';
import type { Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';

/** How many people an app reached on a day. */
export interface PeopleRow {
  readonly day: Date;
  readonly people: number;
}

/** Nobody is added to a day that has been over for so long, not even by a process whose database was away. */
const CLOSED_AFTER = 2 * 86_400_000;
const MOST_KEPT = 100_000;

/** The counts of days that are over, by client id and day: counting thousands of people anew for each look takes a while. */
const closed = new WeakMap<Statements, Map<string, number>>();

/** People of an app or an API (its client id) on each of these days. */
export async function peopleOn(
  platform: Pick<Platform, 'db' | 'sql' | 'clock'>,
  clientId: string,
  days: readonly Date[],
): Promise<PeopleRow[]> {
  const { db, sql, clock } = platform;
  const kept = closed.get(sql) ?? new Map<string, number>();
  closed.set(sql, kept);
  const keyOf = (day: Date) => `${clientId} ${day.getTime()}`;
  const unknown = days.filter((day) => !kept.has(keyOf(day)));
  const rows = await db.$queryRaw<PeopleRow[]>`
    SELECT p.day, count(*)::int AS people FROM usage_people p
     WHERE p.client_id = ${clientId} AND p.day = ANY (${unknown.map(dateOf)}::date[]) GROUP BY 1`;
  const counted = new Map(rows.map(({ day, people }) => [day.getTime(), people]));
  if (kept.size > MOST_KEPT) kept.clear();
  const over = clock.now().getTime() - CLOSED_AFTER;
  return days.map((day) => {
    const people = kept.get(keyOf(day)) ?? counted.get(day.getTime()) ?? 0;
    if (day.getTime() + 86_400_000 < over) kept.set(keyOf(day), people);
    return { day, people };
  });
}
