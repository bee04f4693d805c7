import { describe, expect, it } from 'vitest';
import { boundedQueue } from '../../../src/accounts/credentials/hash-queue.ts';

describe('the hash queue', () => {
  it('runs two at a time, lets fifty wait and refuses the next', async () => {
    const queue = boundedQueue({ running: 2, waiting: 50 });
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
      return 'done';
    };
    const admitted = Array.from({ length: 52 }, () => queue(work));
    await expect(queue(work)).rejects.toMatchObject({
      kind: 'busy',
      retryAfterSeconds: expect.any(Number),
    });
    gate.resolve();
    await expect(Promise.all(admitted)).resolves.toHaveLength(52);
    expect(most).toBe(2);
    await expect(queue(work)).resolves.toBe('done');
  });

  it('goes on after work that failed', async () => {
    const queue = boundedQueue({ running: 1, waiting: 1 });
    await expect(queue(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(queue(async () => 1)).resolves.toBe(1);
  });
});
