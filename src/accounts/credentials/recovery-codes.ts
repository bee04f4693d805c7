import { randomBytes } from 'node:crypto';
import { keyedDigest } from '../../platform/crypto/secrets.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';

/** Recovery codes on their way to their owner, shown once. */
export interface IssuedRecoveryCodes {
  readonly recoveryCodes: readonly string[];
}

export type RecoveryCodeJudgement =
  | { readonly ok: true; readonly left: number }
  | { readonly ok: false; readonly reason: 'wrong-code' | 'used-code' };

const CODES = 10;
const LENGTH = 24;
const GROUP = 6;

/** Crockford's base32: no I, L, O or U, so that nothing is taken for something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Warn from here on that codes run out. */
export const FEW_RECOVERY_CODES = 2;

/**
 * Makes ten codes for an account and voids all it had, in the open transaction. 24 characters are 120 random bits, so
 * a keyed digest is enough to store (ASVS 6.5.2 wants a password hash under 112).
 */
export async function makeRecoveryCodes(tx: Platform, accountId: string): Promise<IssuedRecoveryCodes> {
  const { db, clock, vault } = tx;
  // One set at a time: two that are made at once must not both stay.
  await db.$queryRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR NO KEY UPDATE`;
  await db.recoveryCode.deleteMany({ where: { accountId } });
  const codes = Array.from({ length: CODES }, newCode);
  const key = vault.secret('recovery-code');
  await db.recoveryCode.createMany({
    data: codes.map((code) => ({
      id: newId(),
      accountId,
      digest: keyedDigest(key, accountId, code),
      createdAt: clock.now(),
    })),
  });
  return { recoveryCodes: codes.map(inGroups) };
}

/**
 * Uses a code of this account up. By one conditional statement, so that of any number of parallel uses exactly one
 * succeeds.
 */
export async function spendRecoveryCode(
  platform: Platform,
  accountId: string,
  typed: string,
): Promise<RecoveryCodeJudgement> {
  const { db, clock, vault } = platform;
  const code = plainRecoveryCode(typed);
  if (code === undefined) return { ok: false, reason: 'wrong-code' };
  const digest = keyedDigest(vault.secret('recovery-code'), accountId, code);
  const { count } = await db.recoveryCode.updateMany({
    where: { digest, accountId, usedAt: null },
    data: { usedAt: clock.now() },
  });
  if (count === 1) return { ok: true, left: await countRecoveryCodes(platform, accountId) };
  const used = await db.recoveryCode.count({ where: { digest, accountId } });
  return { ok: false, reason: used > 0 ? 'used-code' : 'wrong-code' };
}

/** How many codes an account has left. */
export function countRecoveryCodes({ db }: Platform, accountId: string): Promise<number> {
  return db.recoveryCode.count({ where: { accountId, usedAt: null } });
}

/** Voids every code of an account, in the open transaction. */
export async function voidRecoveryCodes({ db }: Platform, accountId: string): Promise<void> {
  await db.recoveryCode.deleteMany({ where: { accountId } });
}

/** A code as it is digested: typed in lower case, with spaces and hyphens or O for 0 and I or L for 1, it is the same. */
export function plainRecoveryCode(typed: string): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const known = plain.length === LENGTH && [...plain].every((letter) => ALPHABET.includes(letter));
  return known ? plain : undefined;
}

function newCode(): string {
  // 32 letters divide 256, so each is equally likely.
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function inGroups(code: string): string {
  return (code.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}
