import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { sendFactorChanged } from './factor-letters.ts';
import { type IssuedRecoveryCodes, makeRecoveryCodes } from './recovery-codes.ts';
import { lockFactors } from './second-factors.ts';

/**
 * Ten new codes at their owner's wish. Undefined for an account without a second factor, because they stand in for one,
 * and where the session was ended meanwhile: whoever ended it, because it was stolen, leaves it no codes.
 */
export async function renewRecoveryCodes(
  platform: Platform,
  actor: Actor,
  { accountId, sessionId }: { accountId: string; sessionId: string },
): Promise<IssuedRecoveryCodes | undefined> {
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    if (!(await holdSession(tx, sessionId))) return undefined;
    const standing = await findStanding(tx, accountId);
    if (!standing?.hasSecondFactor) return undefined;
    await sendFactorChanged(tx, { account: standing.account, change: 'recovery-codes-made' });
    return issueRecoveryCodes(tx, actor, accountId);
  });
}

/** The first ones, in the transaction that gave an account its first second factor; undefined where it has some left. */
export async function firstRecoveryCodes(
  tx: Platform,
  actor: Actor,
  accountId: string,
): Promise<IssuedRecoveryCodes | undefined> {
  const left = await tx.db.recoveryCode.count({ where: { accountId, usedAt: null } });
  return left > 0 ? undefined : issueRecoveryCodes(tx, actor, accountId);
}

/** Makes and records ten codes, in the open transaction. */
export async function issueRecoveryCodes(
  tx: Platform,
  actor: Actor,
  accountId: string,
): Promise<IssuedRecoveryCodes> {
  const issued = await makeRecoveryCodes(tx, accountId);
  const target = { kind: 'account', id: accountId };
  await recordEvent(tx, actor, 'recovery-codes.made', target, { codes: issued.recoveryCodes.length });
  return issued;
}
