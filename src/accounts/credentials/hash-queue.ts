import { Refusal } from '../../platform/errors.ts';

/** Work that is too dear to run for everybody at once. Throws Refusal 'busy' when even the waiting line is full. */
export type BoundedQueue = <T>(work: () => Promise<T>) => Promise<T>;

/** At most `running` pieces of work at a time and `waiting` more in line; who comes then is turned away (R14). */
export function boundedQueue(limits: { running: number; waiting: number }): BoundedQueue {
  const line: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= limits.running) {
      if (line.length >= limits.waiting)
        throw new Refusal('busy', 'password.busy', { retryAfterSeconds: soon() });
      // Whoever leaves hands over its place without lowering the count, so nobody slips in between.
      await new Promise<void>((begin) => line.push(begin));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** Three to eight seconds: those who were turned away together do not come back together. */
function soon(): number {
  return 3 + Math.floor(Math.random() * 6);
}
