import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../src/platform/platform.ts';
import { type Job, startJobs } from '../../src/platform/scheduler.ts';
import { PATIENCE } from '../support/patience.ts';
import { silentLog } from '../support/platform.ts';

function platformThatCounts() {
  const counted: string[] = [];
  const jobRuns = {
    inc: ({ job_name: job, outcome }: { job_name: string; outcome: string }) =>
      counted.push(`${job} ${outcome}`),
  };
  return { counted, platform: { log: silentLog, metrics: { jobRuns } } as unknown as Platform };
}

describe('jobs', () => {
  it('run at their times, never twice at once, and are waited for at the end', async () => {
    const { platform, counted } = platformThatCounts();
    let running = 0;
    let most = 0;
    const job: Job = {
      name: 'slow',
      every: '* * * * * *',
      async run() {
        running += 1;
        most = Math.max(most, running);
        await sleep(1_500);
        running -= 1;
      },
    };
    const jobs = startJobs(platform, [job]);
    await expect.poll(() => counted.length, PATIENCE).toBeGreaterThanOrEqual(1);
    await expect.poll(() => running, PATIENCE).toBe(1);
    await jobs.stop();
    expect(running).toBe(0);
    expect(most).toBe(1);
    expect(counted[0]).toBe('slow done');
    const atTheEnd = counted.length;
    await sleep(1_200);
    expect(counted).toHaveLength(atTheEnd);
  });

  it('go on after a failure', async () => {
    const { platform, counted } = platformThatCounts();
    const jobs = startJobs(platform, [
      { name: 'bad', every: '* * * * * *', run: () => Promise.reject(new Error()) },
    ]);
    await expect.poll(() => counted.length, PATIENCE).toBeGreaterThanOrEqual(2);
    await jobs.stop();
    expect(counted.slice(0, 2)).toEqual(['bad failed', 'bad failed']);
  });

  it('that wait for their turn by chance do not begin after the stop', async () => {
    const { platform, counted } = platformThatCounts();
    // Weeks, so that none has its turn within this test.
    const job = { name: 'later', every: '* * * * * *', jitterSeconds: 2_000_000, run: async () => {} };
    const jobs = startJobs(platform, [job]);
    await sleep(1_200);
    await jobs.stop();
    expect(counted).toEqual([]);
  });
});
