import { happenedSince } from '../../audit/recent.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { findAccount } from '../account.ts';
import { sendSecondFactorFailed } from '../credentials/factor-letters.ts';

const HOUR = 3600;

/**
 * Writes to the owner that somebody knows the password, at most once an hour. Answers whether a letter went, which the
 * caller records in its event `second-factor.failed` as `letter`, where the next one is counted from.
 */
export async function warnOfWrongFactor(tx: Platform, accountId: string): Promise<boolean> {
  // Of two failures at the same time the second waits here until the first is recorded.
  await tx.db.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`second-factor-letter ${accountId}`}, 0))`;
  const since = secondsAfter(tx.clock.now(), -HOUR);
  const told = { action: 'second-factor.failed', targetId: accountId, detail: 'letter', since } as const;
  if (await happenedSince(tx, told)) return false;
  const account = await findAccount(tx, accountId);
  if (!account) return false;
  await sendSecondFactorFailed(tx, account);
  return true;
}
