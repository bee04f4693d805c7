import { Refusal } from '../../platform/errors.ts';

/** For whom work is done: their share of the line is that of their network, and known people come before strangers. */
export interface Asker {
  /** Where they come from: networksOf(address).narrow. */
  readonly network?: string | undefined;
  /** Somebody who was here before, as far as their browser or session tells. */
  readonly known?: boolean | undefined;
}

/** Work that is too dear to run for everybody at once. */
export interface BoundedQueue {
  /** Throws Refusal 'busy' when there is no place in the line for this asker. */
  <T>(work: () => Promise<T>, asker?: Asker): Promise<T>;
  /** Throws the same at once, before anything else is done for somebody who would be turned away. */
  turnAwayIfFull(asker: Asker): void;
  /** Whether somebody waits. */
  isCrowded(): boolean;
}

interface Limits {
  readonly running: number;
  /** In line at most. */
  readonly waiting: number;
  /** Of these for strangers; all unless given. */
  readonly strangers?: number;
  /** Of these for one network; all unless given. */
  readonly each?: number;
}

interface Place {
  readonly asker: Asker;
  begin(): void;
}

/**
 * At most `running` pieces of work at a time and `waiting` more in line; who comes then is turned away (R14). A flood
 * from one network takes its share and no more, one of strangers leaves places to those who are known.
 */
export function boundedQueue(limits: Limits): BoundedQueue {
  const { waiting, strangers = waiting, each = waiting } = limits;
  const line: Place[] = [];
  let running = 0;

  const hasPlace = ({ network, known }: Asker) => {
    if (running < limits.running) return true;
    if (line.length >= waiting) return false;
    if (!known && line.filter(({ asker }) => !asker.known).length >= strangers) return false;
    // Who is known there has a share beside that of the strangers behind the same address, who could fill it for them.
    const beside = ({ asker }: Place) => asker.network === network && !asker.known === !known;
    return network === undefined || line.filter(beside).length < each;
  };
  const turnAwayIfFull = (asker: Asker) => {
    if (!hasPlace(asker)) throw new Refusal('busy', 'password.busy', { retryAfterSeconds: soon() });
  };
  const next = () =>
    line.splice(
      Math.max(
        0,
        line.findIndex(({ asker }) => asker.known),
      ),
      1,
    )[0];

  const inLine = async <T>(work: () => Promise<T>, asker: Asker = {}) => {
    turnAwayIfFull(asker);
    // Whoever leaves hands over its place without lowering the count, so nobody slips in between.
    if (running >= limits.running) await new Promise<void>((begin) => line.push({ asker, begin }));
    else running += 1;
    try {
      return await work();
    } finally {
      const first = next();
      if (first) first.begin();
      else running -= 1;
    }
  };
  return Object.assign(inLine, { turnAwayIfFull, isCrowded: () => line.length > 0 });
}

/** Three to eight seconds: those who were turned away together do not come back together. */
function soon(): number {
  return 3 + Math.floor(Math.random() * 6);
}
