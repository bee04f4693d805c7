import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { matchingStep, spendCode } from '../../../src/accounts/credentials/totp.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(platform);
});

describe('a TOTP code', () => {
  // RFC 6238 appendix B, the last six digits of its SHA-1 vectors.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at second %d is %s', (seconds, code) => {
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(matchingStep(seed, code, new Date(seconds * 1000))).toBe(BigInt(Math.floor(seconds / 30)));
  });

  it.each([
    ['of the current step', 0, true],
    ['of the step before', -30, true],
    ['of two steps before', -60, false],
    ['of the next step', 30, false],
  ])('%s is accepted: %s', async (_, secondsAway, ok) => {
    expect(await spendCode(platform, anna.id, anna.code(secondsAway))).toMatchObject({ ok });
  });

  it('works only once, of fifty parallel submissions', async () => {
    const code = anna.code();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => spendCode(platform, anna.id, code)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'used-code')).toHaveLength(49);
  });

  it('works only once, one after the other', async () => {
    expect(await spendCode(platform, anna.id, anna.code())).toMatchObject({ ok: true });
    expect(await spendCode(platform, anna.id, anna.code())).toEqual({ ok: false, reason: 'used-code' });
    clock.forward(30);
    expect(await spendCode(platform, anna.id, anna.code(-30))).toEqual({ ok: false, reason: 'used-code' });
    expect(await spendCode(platform, anna.id, anna.code())).toMatchObject({ ok: true });
  });

  it('of an older step is refused once a newer one was used', async () => {
    await spendCode(platform, anna.id, anna.code());
    expect(await spendCode(platform, anna.id, anna.code(-30))).toEqual({ ok: false, reason: 'used-code' });
  });

  it('stays used when the clock jumps back', async () => {
    const code = anna.code();
    await spendCode(platform, anna.id, code);
    clock.forward(-30);
    expect(await spendCode(platform, anna.id, code)).toMatchObject({ ok: false });
  });

  it('of one account does not fit another', async () => {
    const eve = await createPerson(platform);
    expect(await spendCode(platform, anna.id, eve.code())).toEqual({ ok: false, reason: 'wrong-code' });
  });

  it.each([[''], ['12345'], ['1234567'], ['abcdef'], ['١٢٣٤٥٦'], ["1' OR 1"]])('is not %j', async (code) => {
    expect(await spendCode(platform, anna.id, code)).toEqual({ ok: false, reason: 'wrong-code' });
  });
});

describe('a seed', () => {
  it('has 160 bits and is stored sealed, openable in its own row alone', async () => {
    expect(anna.seed).toMatch(/^[A-Z2-7]{32}$/);
    const eve = await createPerson(platform);
    const { rows } = await platform.pool.query('SELECT * FROM totp_devices WHERE account_id = $1', [anna.id]);
    expect(JSON.stringify(rows)).not.toContain(anna.seed);
    expect(rows[0].sealed_seed).toMatch(/^v1\./);
    await platform.pool.query('UPDATE totp_devices SET sealed_seed = $1 WHERE account_id = $2', [
      rows[0].sealed_seed,
      eve.id,
    ]);
    await expect(spendCode(platform, eve.id, codeAt(anna.seed, clock.now()))).rejects.toThrow(
      'does not open',
    );
  });
});
