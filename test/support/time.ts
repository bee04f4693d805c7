/** Moves the clock of this whole process: every Date, in our code and in libraries. Timers keep running. */
export interface ShiftedTime {
  /** Moves on by so many seconds from where the clock stands now. */
  forward(seconds: number): void;
  /** Back to the real time. */
  restore(): void;
}

const RealDate = Date;

export function shiftTime(seconds = 0): ShiftedTime {
  let offset = seconds * 1000;
  const now = () => RealDate.now() + offset;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  return {
    forward: (more) => {
      offset += more * 1000;
    },
    restore: () => {
      globalThis.Date = RealDate;
    },
  };
}
