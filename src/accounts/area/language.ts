import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';

/** From now on letters, and every browser that has no choice of its own, speak `locale` to this account. */
export async function chooseLanguage(
  platform: Platform,
  actor: Actor,
  { accountId, locale }: { accountId: string; locale: string },
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    const { count } = await tx.db.account.updateMany({
      where: { id: accountId, OR: [{ locale: null }, { locale: { not: locale } }] },
      data: { locale, updatedAt: tx.clock.now() },
    });
    if (count === 0) return;
    await recordEvent(tx, actor, 'account.language-chosen', { kind: 'account', id: accountId }, { locale });
  });
}
