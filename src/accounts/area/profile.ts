import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { chooseLanguage } from './language.ts';

/** How a person is called, and the language they are spoken to in; both judged already. */
export interface Profile {
  readonly accountId: string;
  readonly name: string;
  readonly locale: string;
}

/** Writes what differs, each with its own event. Apps see a new name at their next token (`updated_at`). */
export async function updateProfile(
  platform: Platform,
  actor: Actor,
  { accountId, name, locale }: Profile,
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    const { count } = await tx.db.account.updateMany({
      where: { id: accountId, name: { not: name } },
      data: { name, updatedAt: tx.clock.now() },
    });
    if (count === 1) await recordEvent(tx, actor, 'account.renamed', { kind: 'account', id: accountId });
    await chooseLanguage(tx, actor, { accountId, locale });
  });
}
