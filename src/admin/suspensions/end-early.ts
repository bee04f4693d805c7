import type { Actor } from '../../audit/actor.ts';
import { endSuspension } from '../../defense/suspensions/end.ts';
import { findSuspension } from '../../defense/suspensions/suspension.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Refused } from '../../platform/refused.ts';
import { spareOperators } from '../accounts/account-acts.ts';
import { askForSecondPerson } from '../two-person-acts.ts';

export type EndedEarly =
  | { readonly ok: true; readonly outcome: 'ended' }
  | { readonly ok: true; readonly outcome: 'asked'; readonly act: string; readonly dueAt: Date | null }
  | Refused<string>;

/**
 * What an operator says of a suspension that should end before its time, in the console and on the command line. One
 * that waits for a human is ended by two: the first asks, another one confirms. What stops an operator is ended by
 * administrators, as it is begun by them.
 */
export async function endEarly(
  platform: Platform,
  actor: Actor,
  { suspension, reason = '' }: { readonly suspension: string; readonly reason?: string | undefined },
): Promise<EndedEarly> {
  const found = await findSuspension(platform, suspension);
  const spared = found?.accountId ? await spareOperators(platform, actor, found.accountId) : undefined;
  if (spared) return spared;
  const ended = await endSuspension(platform, actor, { id: suspension });
  if (ended.ok) return { ok: true, outcome: 'ended' };
  if (ended.reason !== 'second-person') return ended;
  const wish = { act: 'end-suspension', input: { suspension }, reason } as const;
  const asked = await askForSecondPerson(platform, actor, wish);
  return asked.ok ? { ok: true, outcome: 'asked', act: asked.id, dueAt: asked.dueAt } : asked;
}
