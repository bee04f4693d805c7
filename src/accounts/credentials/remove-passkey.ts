import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import { remainingFactors } from './factors.ts';

export type RemovalOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown' | 'last-factor' };

/** Removes a passkey of this account, unless it is the last second factor of an account that has to have one. */
export async function removePasskey(
  platform: Platform,
  actor: Actor,
  { accountId, id }: { readonly accountId: string; readonly id: string },
): Promise<RemovalOutcome> {
  return inTransaction(platform, async (tx) => {
    const factors = await remainingFactors(tx, accountId);
    const standing = await findStanding(tx, accountId);
    if (
      standing?.needsSecondFactor &&
      factors <= 1 &&
      (await tx.db.passkey.count({ where: { id, accountId } }))
    ) {
      return { ok: false, reason: 'last-factor' };
    }
    const { count } = await tx.db.passkey.deleteMany({ where: { id, accountId } });
    if (count === 0) return { ok: false, reason: 'unknown' };
    await recordEvent(tx, actor, 'passkey.removed', { kind: 'passkey', id }, { accountId });
    return { ok: true };
  });
}
