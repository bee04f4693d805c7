/** What a minute may bring without anybody looking, on top of twice the mean, and how much beyond that adds up to news. */
export interface Floor {
  readonly slack: number;
  readonly news: number;
}

/** Less than an hour says nothing yet about what is usual. */
const LEAST = 60;

/** What is usual a minute: the mean, in which no minute counts for more than a multiple of the middle one. */
export function usualOf(counted: readonly number[]): number {
  const minutes = [...counted, ...Array<number>(Math.max(0, LEAST - counted.length)).fill(0)];
  const sorted = minutes.toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = 4 * middle + 20;
  return minutes.reduce((sum, minute) => sum + Math.min(minute, most), 0) / minutes.length;
}

/**
 * Cumulative sum (CUSUM, Page 1954) over the last minutes: what each brought beyond twice the usual and the slack, never
 * under zero. A short peak is forgotten, a slow rise adds up. The present minute counts with what it has so far. What
 * has stopped is no news any more.
 */
export function isUnusual(minutes: readonly number[], usual: number, floor: Floor): boolean {
  const allowed = allowedOf(usual, floor);
  let sum = 0;
  for (const minute of minutes) sum = Math.max(0, sum + minute - allowed);
  return sum >= Math.max(floor.news, 2 * usual) && goesOn(minutes, usual, floor);
}

/** Whether the present minute and the one before bring more than one usually may. */
export function goesOn(minutes: readonly number[], usual: number, floor: Floor): boolean {
  return (minutes.at(-1) ?? 0) + (minutes.at(-2) ?? 0) > allowedOf(usual, floor);
}

function allowedOf(usual: number, { slack }: Floor): number {
  return 2 * usual + slack;
}
