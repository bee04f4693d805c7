import { Refusal } from '../../platform/errors.ts';

/** Work that is too dear to run for everybody at once. */
export interface BoundedQueue {
  /** Runs the work when it is its turn. Throws Refusal 'busy' at once when even the waiting line is full. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Throws the same Refusal, for whoever would otherwise do something in vain before. */
  refuseWhenFull(): void;
}

/** At most `running` pieces of work at a time and `waiting` more in line; who comes then is turned away (R14). */
export function boundedQueue(limits: { running: number; waiting: number }): BoundedQueue {
  const line: (() => void)[] = [];
  let running = 0;

  const refuseWhenFull = () => {
    if (running < limits.running || line.length < limits.waiting) return;
    throw new Refusal('busy', 'password.busy', { retryAfterSeconds: soon() });
  };

  return {
    refuseWhenFull,
    async run(work) {
      refuseWhenFull();
      // Whoever leaves hands over its place without lowering the count, so nobody slips in between.
      if (running >= limits.running) await new Promise<void>((begin) => line.push(begin));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = line.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

/** Three to eight seconds: those who were turned away together do not come back together. */
function soon(): number {
  return 3 + Math.floor(Math.random() * 6);
}
