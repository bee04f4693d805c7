import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Options } from '@node-rs/argon2';
import { type Asker, type BoundedQueue, boundedQueue } from './hash-queue.ts';
import type { HashAnswer, HashJob } from './hash-thread.ts';

/** Runs argon2 apart from everything else. Throws Refusal 'busy' when the waiting line is full. */
export interface HashThreads {
  hash(password: string, options: Options, asker?: Asker): Promise<string>;
  verify(phc: string, password: string, options: Options, asker?: Asker): Promise<boolean>;
  /** The line before the threads, for whoever wants to know beforehand how long it is. */
  readonly line: Pick<BoundedQueue, 'turnAwayIfFull' | 'isCrowded'>;
  /** Threads that start from now on give way to everything else: for a server, whose own thread answers all others. */
  giveWay(): void;
  /** Ends the threads; what they were working on is lost. */
  stop(): Promise<void>;
}

/** A thread ended in the middle of a job, and so did the next one. Nothing is known about the password. */
export class HashingLost extends Error {}

interface Limits {
  /** Threads at most. They start when they are needed. */
  readonly threads: number;
  /** Jobs that wait for a thread; one more is refused. */
  readonly waiting: number;
  /** Of these for strangers, and for one network. */
  readonly strangers?: number;
  readonly each?: number;
  readonly program?: URL;
}

const PROGRAM = new URL('./hash-thread.ts', import.meta.url);

/**
 * Threads for password hashes, and the line before them: a flood of sign-ins takes what the rest of the server leaves
 * over, and no more memory than its threads need (R14, docs/decisions/0007).
 */
export function openHashThreads({ threads, program = PROGRAM, ...places }: Limits): HashThreads {
  const inLine = boundedQueue({ running: threads, ...places });
  const all = new Set<HashThread>();
  let givesWay = false;
  const take = () => {
    const idle = [...all].find((thread) => !thread.isBusy());
    if (idle) return idle;
    const started = startThread(program, { givesWay }, () => all.delete(started));
    all.add(started);
    return started;
  };
  const run = <T extends HashJob>(job: T, asker?: Asker) =>
    inLine(async () => {
      const reply = await take().ask(job);
      return resultOf<T>('lost' in reply ? await take().ask(job) : reply);
    }, asker);
  return {
    hash: (password, options, asker) => run({ kind: 'hash', password, options }, asker),
    verify: (phc, password, options, asker) => run({ kind: 'verify', phc, password, options }, asker),
    line: inLine,
    giveWay: () => {
      givesWay = true;
    },
    stop: async () => void (await Promise.all([...all].map((thread) => thread.end()))),
  };
}

/**
 * One processor stays free for everybody who is not signing in; each thread takes 64 MiB. A flood of strangers leaves
 * ten places in the line to people who are known, and one network gets a quarter of it.
 */
const LIMITS = {
  threads: Math.min(2, Math.max(1, availableParallelism() - 1)),
  waiting: 50,
  strangers: 40,
  each: 12,
} as const;

/** The threads of this process. */
export const hashThreads: HashThreads = openHashThreads(LIMITS);

type ResultOf<T extends HashJob> = T['kind'] extends 'hash' ? string : boolean;

/** An answer; or why the thread ended before it gave one, where that is known. */
type Reply = HashAnswer | { readonly lost: unknown };

function resultOf<T extends HashJob>(reply: Reply): ResultOf<T> {
  if ('lost' in reply) throw new HashingLost('two hashing threads ended over one job', { cause: reply.lost });
  if ('fault' in reply) throw new Error(`argon2: ${reply.fault}`);
  return reply.result as ResultOf<T>;
}

interface HashThread {
  isBusy(): boolean;
  ask(job: HashJob): Promise<Reply>;
  end(): Promise<unknown>;
}

function startThread(program: URL, workerData: { givesWay: boolean }, onEnd: () => void): HashThread {
  // It needs none of the variables, some of which are secrets, and none of the flags that the process was given.
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const worker = new Worker(program, { name: 'password-hashing', env: {}, execArgv, workerData });
  let answered: ((reply: Reply) => void) | undefined;
  let lost: unknown;
  const settle = (reply: Reply) => {
    // A thread with nothing to do keeps no process alive.
    worker.unref();
    answered?.(reply);
    answered = undefined;
  };
  worker.unref();
  worker.on('message', settle);
  // An 'exit' follows every 'error'; without a listener the error would end the server.
  worker.on('error', (error) => {
    lost = error;
  });
  worker.on('exit', () => {
    onEnd();
    settle({ lost });
  });
  return {
    isBusy: () => answered !== undefined,
    ask: (job) =>
      new Promise((resolve) => {
        answered = resolve;
        worker.ref();
        worker.postMessage(job);
      }),
    end: () => worker.terminate(),
  };
}
