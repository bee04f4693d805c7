import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Account, findAccountByAddress } from '../account.ts';
import { sendFactorChanged } from '../credentials/factor-letters.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import { closeEveryDoor, removeFactors } from './factor-reset-completion.ts';

/**
 * For who lost every factor and may not replace them by waiting, as operators may not: takes the second factors away
 * at an operator's word, who never chooses new ones (ASVS 6.4.6). The person signs in with the password, proves the
 * address by a code anew and sets up a factor; what apps depend on stays frozen for a week.
 */
export async function resetFactors(
  platform: Platform,
  actor: Actor,
  { email, reason }: { email: string; reason?: string | undefined },
): Promise<{ readonly ok: true; readonly account: Account } | Refused<'account'>> {
  return inTransaction(platform, async (tx) => {
    const account = await findAccountByAddress(tx, email);
    if (!account) return refused('account', 'Nobody has an account with that email address.');
    const { id: accountId } = account;
    await lockFactors(tx, accountId);
    await removeFactors(tx, accountId);
    await closeEveryDoor(tx, actor, { accountId });
    await tx.db.account.update({ where: { id: accountId }, data: { emailVerifiedAt: null } });
    await sendFactorChanged(tx, { account, change: 'reset-by-operator' });
    const details = { accountId, ...(reason !== undefined && { reason }) };
    await recordEvent(tx, actor, 'factor-reset.completed', { kind: 'account', id: accountId }, details);
    return { ok: true, account };
  });
}
