import { setTimeout } from 'node:timers/promises';

/** Several times what a letter costs. */
const LEAST_MILLISECONDS = 40;

/**
 * For an answer that must not tell by its time whether an address is known (C23): known and unknown addresses take the
 * same statements but get other letters, and what is left of a difference ends in a wait.
 */
export async function steadyAnswer<T>(work: Promise<T>): Promise<T> {
  const [outcome] = await Promise.all([work, setTimeout(LEAST_MILLISECONDS)]);
  return outcome;
}

/** The same where only later turns out that the answer must be one: the wait has begun, and is awaited or forgotten. */
export function beginSteadyAnswer(): Promise<void> {
  return setTimeout(LEAST_MILLISECONDS, undefined, { ref: false });
}
