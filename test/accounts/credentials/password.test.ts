import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPassword, hashPassword, isWeaker } from '../../../src/accounts/credentials/password.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

describe('a stored password', () => {
  it('is a PHC string of argon2id with 64 MiB, three passes, one lane and its own 16-byte salt', async () => {
    const [one, two] = await Promise.all([
      hashPassword(platform, 'kettle moss'),
      hashPassword(platform, 'kettle moss'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(isWeaker(one)).toBe(false);
  });

  it.each([
    ['the same', 'kettle moss 🦊', 'kettle moss 🦊', true],
    ['another spelling of the same characters', 'cafe\u0301 moss', 'café moss', true],
    ['another case', 'kettle moss', 'Kettle moss', false],
    ['a trailing space', 'kettle moss', 'kettle moss ', false],
    ['a difference after 72 bytes', `${'m'.repeat(80)}1`, `${'m'.repeat(80)}2`, false],
    ['a difference in the last of 256 characters', `${'ö'.repeat(255)}1`, `${'ö'.repeat(255)}2`, false],
    ['an empty one', 'kettle moss', '', false],
    ['one that is far too long', 'kettle moss', 'x'.repeat(60_000), false],
  ])('compared with %s', async (_, chosen, typed, right) => {
    expect((await checkPassword(platform, typed, await hashPassword(platform, chosen))).ok).toBe(right);
  });

  it('is worthless without the pepper', async () => {
    const phc = await hashPassword(platform, 'kettle moss');
    const secret = () => Buffer.alloc(32, 7);
    const elsewhere = { ...platform, vault: { ...platform.vault, secret } };
    expect((await checkPassword(elsewhere, 'kettle moss', phc)).ok).toBe(false);
  });

  it.each([
    ['less memory', { memoryCost: 19_456, timeCost: 3 }],
    ['fewer passes', { memoryCost: 65_536, timeCost: 2 }],
    ['a shorter result', { memoryCost: 65_536, timeCost: 3, outputLen: 16 }],
    ['another kind of argon2', { memoryCost: 65_536, timeCost: 3, algorithm: 1 }],
  ])('is hashed again when it was made with %s', async (_, options) => {
    const old = await hash('kettle moss', { ...options, secret: platform.vault.secret('password-pepper') });
    const check = await checkPassword(platform, 'kettle moss', old);
    expect(check).toMatchObject({ ok: true, rehashed: expect.stringContaining('$m=65536,t=3,p=1$') });
    expect(await checkPassword(platform, 'wrong', old)).toEqual({ ok: false });
  });

  it('that does not exist takes as much to check as one that does, whatever it was made with', async () => {
    const secret = platform.vault.secret('password-pepper');
    const phc = await hashPassword(platform, 'kettle moss');
    const old = await hash('kettle moss', { memoryCost: 19_456, timeCost: 2, secret });
    const [known = 0, weaker = 0, unknown = 0] = await cheapest([phc, old, undefined]);
    expect(Math.max(known, weaker, unknown)).toBeLessThan(2 * Math.min(known, weaker, unknown));
  });
});

/**
 * What the cheapest of eight wrong guesses at each takes of the processor, in milliseconds, by turns: hashing is all of
 * it, and whatever else the machine does has no say.
 */
async function cheapest(phcs: readonly (string | undefined)[]): Promise<number[]> {
  const times = phcs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 8; round += 1) {
    for (const [index, phc] of phcs.entries()) {
      const before = process.cpuUsage();
      await checkPassword(platform, 'wrong wrong', phc);
      const { user, system } = process.cpuUsage(before);
      times[index] = Math.min(times[index] ?? 0, (user + system) / 1000);
    }
  }
  return times;
}
