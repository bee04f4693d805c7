import { type Actor, isOperator } from '../../audit/actor.ts';
import { type Appeal, type AppealDecision, judgeAppeal } from '../../defense/suspensions/appeals.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { tellOfSuspension } from './suspension-letters.ts';

export type AppealDecided =
  | { readonly ok: true; readonly appeal: Appeal }
  | Refused<'appeal' | 'note' | 'second-person' | 'operator'>;

/** An operator's word about an appeal. Granted, the suspension ends with it; either way the owners are told. */
export async function decideAppeal(
  platform: Platform,
  actor: Actor,
  decision: AppealDecision,
): Promise<AppealDecided> {
  if (!isOperator(actor)) return refused('operator', 'Only an operator of this service decides an appeal.');
  return inTransaction(platform, async (tx): Promise<AppealDecided> => {
    const judged = await judgeAppeal(tx, actor as Actor & { readonly id: string }, decision);
    if (!judged.ok) return judged;
    await tellOfSuspension(tx, decision.granted ? 'appeal-granted' : 'appeal-refused', judged.suspension);
    return { ok: true, appeal: judged.appeal };
  });
}
