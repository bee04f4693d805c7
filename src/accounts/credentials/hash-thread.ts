import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { hashSync, type Options, verifySync } from '@node-rs/argon2';

/** What a hashing thread is asked to do. `options.secret` is the pepper. */
export type HashJob =
  | { readonly kind: 'hash'; readonly password: string; readonly options: Options }
  | { readonly kind: 'verify'; readonly phc: string; readonly password: string; readonly options: Options };

export type HashAnswer = { readonly result: string | boolean } | { readonly fault: string };

/**
 * The program of one hashing thread. On Linux niceness belongs to a thread: one that gives way gets about a tenth of a
 * processor where others want all of it, so that sign-ins slow nothing down and never starve. Elsewhere it would slow
 * down the whole process, so there it stays as it is.
 */
if (parentPort) {
  if (workerData?.givesWay && process.platform === 'linux') giveWay();
  parentPort.on('message', (job: HashJob) => parentPort?.postMessage(answer(job)));
}

/** Relative to the process, which may have been started with less priority already; more is not ours to take. */
function giveWay(): void {
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  setPriority(0, Math.min(PRIORITY_LOW, getPriority(0) + PRIORITY_BELOW_NORMAL));
}

function answer(job: HashJob): HashAnswer {
  const { password, options } = job;
  // Over a thread's border a Buffer arrives as a plain Uint8Array.
  const secret = options.secret && Buffer.from(options.secret);
  const own = { ...options, ...(secret && { secret }) };
  try {
    return {
      result: job.kind === 'hash' ? hashSync(password, own) : verifySync(job.phc, password, own),
    };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'argon2 failed' };
  }
}
