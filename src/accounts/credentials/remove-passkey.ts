import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { sendFactorChanged } from './factor-letters.ts';
import { findPasskey } from './passkeys.ts';
import { lockFactors, mayLoseFactor, tidyAfterLoss } from './second-factors.ts';

export type RemovalOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown' | 'last-factor' | 'session-over' };

/** Removes a passkey of this account, unless it is the last second factor of an account that has to have one. */
export async function removePasskey(
  platform: Platform,
  actor: Actor,
  { account, id, sessionId }: { readonly account: Account; readonly id: string; readonly sessionId: string },
): Promise<RemovalOutcome> {
  const { id: accountId } = account;
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'session-over' };
    const found = await findPasskey(tx, { accountId, id });
    if (!found) return { ok: false, reason: 'unknown' };
    if (!(await mayLoseFactor(tx, accountId))) return { ok: false, reason: 'last-factor' };
    await tx.db.passkey.delete({ where: { id } });
    await tidyAfterLoss(tx, accountId);
    await sendFactorChanged(tx, { account, change: 'passkey-removed', name: found.name });
    await recordEvent(tx, actor, 'passkey.removed', { kind: 'passkey', id }, { accountId });
    return { ok: true };
  });
}
