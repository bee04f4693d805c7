import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cron } from 'croner';
import type { Platform } from './platform.ts';

/** A periodic task. `every` is a cron pattern with seconds, such as `0 * * * * *` for each minute (UTC). */
export interface Job {
  readonly name: string;
  readonly every: string;
  /** How long a run may wait by chance, so that many processes do not all begin in the same second. Default 0. */
  readonly jitterSeconds?: number;
  run(platform: Platform): Promise<unknown>;
}

export interface RunningJobs {
  /** Begins no further run and waits for those under way. */
  stop(): Promise<void>;
}

/** Runs each job by its pattern, never twice at the same time in one process. Failed runs are counted. */
export function startJobs(platform: Platform, jobs: readonly Job[]): RunningJobs {
  const stopping = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  const failing = new Set<string>();
  const timers = jobs.map(
    (job) =>
      new Cron(job.every, { mode: '6-part', timezone: 'UTC', protect: true, unref: true }, () => {
        const run = runOnce(platform, job, failing, stopping.signal);
        underWay.set(job.name, run);
        return run;
      }),
  );
  return {
    async stop() {
      stopping.abort();
      for (const timer of timers) timer.stop();
      await Promise.all(underWay.values());
    },
  };
}

async function runOnce(
  platform: Platform,
  job: Job,
  failing: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const { log, metrics } = platform;
  if (!(await waited(job.jitterSeconds ?? 0, signal))) return;
  try {
    await job.run(platform);
    failing.delete(job.name);
    metrics.jobRuns.inc({ job_name: job.name, outcome: 'done' });
  } catch (err) {
    metrics.jobRuns.inc({ job_name: job.name, outcome: 'failed' });
    // One line when it begins to fail: a database that is away for an hour must not fill the log.
    if (!failing.has(job.name))
      log.error({ job: job.name, err }, 'a job fails; it is tried at each of its times');
    failing.add(job.name);
  }
}

/** Whether the pause went by without a stop. */
async function waited(atMostSeconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (atMostSeconds === 0) return true;
  return sleep(randomInt(atMostSeconds * 1000), true, { signal, ref: false }).catch(() => false);
}
