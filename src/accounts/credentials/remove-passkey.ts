import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import { sendFactorChanged } from '../factor-letters.ts';
import { lockFactors, mayLoseFactor, tidyAfterLoss } from '../second-factors.ts';

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
    await lockFactors(tx, accountId);
    const standing = await findStanding(tx, accountId);
    const passkey = await tx.db.passkey.findFirst({ where: { id, accountId } });
    if (!standing || !passkey) return { ok: false, reason: 'unknown' };
    if (!(await mayLoseFactor(tx, accountId))) return { ok: false, reason: 'last-factor' };
    await tx.db.passkey.delete({ where: { id } });
    await tidyAfterLoss(tx, accountId);
    const { name } = passkey;
    await sendFactorChanged(tx, { account: standing.account, change: 'passkey-removed', name });
    await recordEvent(tx, actor, 'passkey.removed', { kind: 'passkey', id }, { accountId });
    return { ok: true };
  });
}
