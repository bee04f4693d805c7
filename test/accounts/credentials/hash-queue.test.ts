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

  it('gives one network its share and no more', async () => {
    const queue = boundedQueue({ running: 1, waiting: 10, each: 3 });
    const gate = Promise.withResolvers<void>();
    const busy = queue(() => gate.promise);
    const from = (network: string) => queue(async () => network, { network });
    const flood = Array.from({ length: 8 }, () => from('10.0.0.1').catch(() => 'turned away'));
    const other = from('10.0.0.2');
    gate.resolve();
    await busy;
    expect((await Promise.all(flood)).filter((how) => how === 'turned away')).toHaveLength(5);
    await expect(other).resolves.toBe('10.0.0.2');
  });

  it('turns nobody away who is known because strangers fill the share of their network', async () => {
    const queue = boundedQueue({ running: 1, waiting: 10, each: 3 });
    const gate = Promise.withResolvers<void>();
    const network = '10.0.0.1';
    const busy = queue(() => gate.promise);
    const strangers = [1, 2, 3].map(() => queue(async () => 'stranger', { network }));
    expect(() => queue.turnAwayIfFull({ network })).toThrow('Too many people');
    const known = [1, 2, 3].map(() => queue(async () => 'known', { network, known: true }));
    expect(() => queue.turnAwayIfFull({ network, known: true })).toThrow('Too many people');
    gate.resolve();
    await Promise.all([busy, ...strangers, ...known]);
  });

  it('keeps places for those who are known, who come first', async () => {
    const queue = boundedQueue({ running: 1, waiting: 5, strangers: 3 });
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const busy = queue(() => gate.promise);
    const strangers = Array.from({ length: 4 }, () =>
      queue(async () => order.push('stranger'), {}).catch(() => 'turned away'),
    );
    const known = [1, 2].map(() => queue(async () => order.push('known'), { known: true }));
    expect(() => queue.turnAwayIfFull({ known: true })).toThrow('Too many people');
    gate.resolve();
    await Promise.all([busy, ...strangers, ...known]);
    expect(order).toEqual(['known', 'known', 'stranger', 'stranger', 'stranger']);
    expect(queue.isCrowded()).toBe(false);
  });
});
