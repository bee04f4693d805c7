import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  countRecoveryCodes,
  makeRecoveryCodes,
  plainRecoveryCode,
  spendRecoveryCode,
} from '../../../src/accounts/credentials/recovery-codes.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  anna = await createPerson(platform);
});

async function make(person = anna): Promise<string[]> {
  const { recoveryCodes } = await inTransaction(platform, (tx) => makeRecoveryCodes(tx, person.id));
  return [...recoveryCodes];
}

describe('a recovery code', () => {
  it('is one of ten, of 24 letters and digits in four groups, without look-alikes', async () => {
    const codes = await make();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}(-[0-9A-HJKMNP-TV-Z]{6}){3}$/);
  });

  it('works once, and says how many are left', async () => {
    const [code = '', other = ''] = await make();
    expect(await spendRecoveryCode(platform, anna.id, code)).toEqual({ ok: true, left: 9 });
    expect(await spendRecoveryCode(platform, anna.id, code)).toEqual({ ok: false, reason: 'used-code' });
    expect(await spendRecoveryCode(platform, anna.id, other)).toEqual({ ok: true, left: 8 });
  });

  it('works once, of fifty parallel uses', async () => {
    const [code = ''] = await make();
    const tries = Array.from({ length: 50 }, () => spendRecoveryCode(platform, anna.id, code));
    expect((await Promise.all(tries)).filter(({ ok }) => ok)).toHaveLength(1);
  });

  it.each([
    ['in lower case', (code: string) => code.toLowerCase()],
    ['with spaces for hyphens', (code: string) => code.replaceAll('-', ' ')],
    ['in one piece', (code: string) => code.replaceAll('-', '')],
    ['with O for 0 and l for 1', (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'l')],
    ['with I for 1', (code: string) => code.replaceAll('1', 'I')],
    ['with dashes of a word processor', (code: string) => ` ${code.replaceAll('-', ' – ')}\n`],
    ['in full-width letters', (code: string) => code.replaceAll('A', '\uff21')],
  ])('is the same %s', async (_, typed) => {
    const [code = ''] = await make();
    expect(await spendRecoveryCode(platform, anna.id, typed(code))).toMatchObject({ ok: true });
  });

  it.each([
    [''],
    ['123456'],
    ['U'.repeat(24)],
    ['0'.repeat(23)],
    ['0'.repeat(25)],
    ["' OR 1=1 --"],
    ['٠'.repeat(24)],
  ])('is not %j', async (typed) => {
    expect(plainRecoveryCode(typed)).toBeUndefined();
    expect(await spendRecoveryCode(platform, anna.id, typed)).toEqual({ ok: false, reason: 'wrong-code' });
  });

  it('of one account does not fit another', async () => {
    const eve = await createPerson(platform);
    const [code = ''] = await make(eve);
    expect(await spendRecoveryCode(platform, anna.id, code)).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await countRecoveryCodes(platform, eve.id)).toBe(10);
  });

  it('of an older set is void', async () => {
    const [old = ''] = await make();
    await make();
    expect(await spendRecoveryCode(platform, anna.id, old)).toEqual({ ok: false, reason: 'wrong-code' });
  });

  it('is nowhere in the database, only a keyed digest of it', async () => {
    const codes = await make();
    const { rows } = await platform.pool.query('SELECT * FROM recovery_codes WHERE account_id = $1', [
      anna.id,
    ]);
    const stored = JSON.stringify(rows);
    for (const code of codes) {
      expect(stored).not.toContain(code);
      expect(stored).not.toContain(code.replaceAll('-', ''));
    }
  });
});

it('two sets that are made at the same time leave ten codes', async () => {
  await Promise.all([make(), make(), make()]);
  expect(await countRecoveryCodes(platform, anna.id)).toBe(10);
});
