import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { verifySync } from '@node-rs/argon2';
import { afterEach, describe, expect, it } from 'vitest';
import { HashingLost, openHashThreads } from '../../../src/accounts/credentials/hash-threads.ts';

const OPTIONS = { memoryCost: 8_192, timeCost: 2, parallelism: 1, secret: Buffer.from('pepper') };
const LONG = { ...OPTIONS, timeCost: 20 };
const DYING = new URL('./dying-thread.ts', import.meta.url);

const opened: { stop(): Promise<void> }[] = [];
const open = (limits: Parameters<typeof openHashThreads>[0]) => {
  const threads = openHashThreads(limits);
  opened.push(threads);
  return threads;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((threads) => threads.stop()));
});

describe('hashing threads', () => {
  it('hash and verify with the pepper', async () => {
    const threads = open({ threads: 2, waiting: 2 });
    const phc = await threads.hash('kettle moss', OPTIONS);
    expect(verifySync(phc, 'kettle moss', OPTIONS)).toBe(true);
    await expect(threads.verify(phc, 'kettle moss', OPTIONS)).resolves.toBe(true);
    await expect(threads.verify(phc, 'kettle mosS', OPTIONS)).resolves.toBe(false);
    await expect(
      threads.verify(phc, 'kettle moss', { ...OPTIONS, secret: Buffer.from('salt') }),
    ).resolves.toBe(false);
  });

  it('turn away at once whoever finds no place in the line', async () => {
    const threads = open({ threads: 1, waiting: 2 });
    const admitted = [1, 2, 3].map(() => threads.hash('kettle moss', OPTIONS));
    await expect(threads.hash('kettle moss', OPTIONS)).rejects.toMatchObject({ kind: 'busy' });
    await expect(Promise.all(admitted)).resolves.toHaveLength(3);
  });

  it('report what argon2 could not read as a fault, and go on', async () => {
    const threads = open({ threads: 1, waiting: 2 });
    await expect(threads.verify('no phc', 'kettle moss', OPTIONS)).rejects.toThrow('argon2');
    await expect(threads.hash('kettle moss', OPTIONS)).resolves.toContain('$argon2id$');
  });

  it('give a job whose thread ended to another one', async () => {
    const threads = open({ threads: 1, waiting: 5 });
    await threads.hash('kettle moss', OPTIONS);
    const jobs = [1, 2, 3].map((n) => threads.hash(`kettle moss ${n}`, LONG));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await threads.stop();
    const phcs = await Promise.all(jobs);
    expect(phcs.map((phc, n) => verifySync(phc, `kettle moss ${n + 1}`, LONG))).toEqual([true, true, true]);
  });

  it('say of a job that ends every thread that it is lost, and never that a password is wrong', async () => {
    const threads = open({ threads: 1, waiting: 5, program: DYING });
    const jobs = [1, 2].map(() => threads.verify('$argon2id$', 'kettle moss', OPTIONS));
    await expect(Promise.allSettled(jobs)).resolves.toMatchObject([
      { status: 'rejected', reason: expect.any(HashingLost) },
      { status: 'rejected', reason: expect.any(HashingLost) },
    ]);
  });

  it.runIf(process.platform === 'linux')(
    'give way where they are told to, and leave everybody else their priority',
    async () => {
      const usual = getPriority();
      const threads = open({ threads: 1, waiting: 1 });
      threads.giveWay();
      await threads.hash('kettle moss', OPTIONS);
      expect(readdirSync('/proc/self/task').map(nicenessOf)).toContain(Math.min(19, usual + 10));
      expect(nicenessOf(String(process.pid))).toBe(usual);
      expect(getPriority()).toBe(usual);
    },
  );

  it('keep no process alive that has nothing else to do', () => {
    const url = new URL('../../../src/accounts/credentials/hash-threads.ts', import.meta.url);
    const program = `const { hashThreads } = await import('${url}');
      console.log(await hashThreads.hash('kettle moss', {}))`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect(stdout).toContain('$argon2id$');
    expect(status).toBe(0);
  });
});

function nicenessOf(thread: string): number {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}
