import { type Actor, isOperator } from '../../audit/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { closeSuspension } from './changes.ts';
import { effectOf } from './ladder.ts';
import { findSuspension, type Suspension } from './suspension.ts';

export type SuspensionEnded =
  | { readonly ok: true; readonly suspension: Suspension }
  | Refused<'suspension' | 'operator' | 'second-person'>;

const UNKNOWN =
  'No suspension that is in force has this id. Look at the list again: it may have ended by itself.';

/**
 * Ends a suspension early. One that waits for a human takes two: `confirmed` says that a second person agreed
 * (admin/, two-person acts).
 */
export async function endSuspension(
  platform: Platform,
  actor: Actor,
  { id, confirmed = false, by = 'operator' }: { id: string; confirmed?: boolean; by?: 'operator' | 'appeal' },
): Promise<SuspensionEnded> {
  if (!isOperator(actor))
    return refused('operator', 'Only an operator of this service ends a suspension early.');
  return inTransaction(platform, async (tx): Promise<SuspensionEnded> => {
    const found = await findSuspension(tx, id);
    if (!found || effectOf(found, tx.clock.now()).state === 'ended') return refused('suspension', UNKNOWN);
    if (found.state === 'human' && !confirmed) {
      return refused(
        'second-person',
        'This suspension waits for a human. A second operator has to confirm its end.',
      );
    }
    const suspension = await closeSuspension(tx, actor, id, by);
    return suspension ? { ok: true, suspension } : refused('suspension', UNKNOWN);
  });
}
