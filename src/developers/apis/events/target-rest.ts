import { secondsAfter } from '../../../platform/clock.ts';
import type { Platform } from '../../../platform/platform.ts';
import { retryDelay } from './retry-delay.ts';

/** A target that answers again is not to wait for hours: a try of one message costs little. */
const LONGEST_REST_SECONDS = 15 * 60;

/** A target, and how many tries in a row nothing had come from it when its message was taken. */
export interface TriedTarget {
  readonly targetId: string;
  readonly silentTries: number;
}

/**
 * Nothing came that is an answer: the whole target is left alone, longer each time, whatever waits for it. Messages that
 * were under way together count once.
 */
export async function noteSilence(
  { db, clock }: Platform,
  { targetId: id, silentTries }: TriedTarget,
): Promise<void> {
  const seconds = Math.min(retryDelay(silentTries + 1), LONGEST_REST_SECONDS);
  const data = { silentTries: silentTries + 1, restsUntil: secondsAfter(clock.now(), seconds) };
  await db.eventTarget.updateMany({ where: { id, silentTries }, data });
}

/** It answered, whatever it said. */
export async function noteAnswer(
  { db }: Platform,
  { targetId: id, silentTries }: TriedTarget,
): Promise<void> {
  if (silentTries === 0) return;
  await db.eventTarget.updateMany({ where: { id }, data: { silentTries: 0, restsUntil: null } });
}

/** Nobody asked it, because nothing answered at its address just now. */
export async function restTarget({ db }: Platform, targetId: string, until: Date): Promise<void> {
  await db.eventTarget.updateMany({ where: { id: targetId }, data: { restsUntil: until } });
}

/** Its owners want to know now: one message goes there at once, and more as soon as it answers. */
export async function wakeTarget({ db }: Platform, targetId: string): Promise<void> {
  await db.eventTarget.updateMany({ where: { id: targetId }, data: { restsUntil: null } });
}
