import type { Actor } from '../../audit/actor.ts';
import { decideAppeal } from '../../developers/suspensions/decide-appeal.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { askForSecondPerson } from '../two-person-acts.ts';

export interface AppealWish {
  readonly appeal: string;
  readonly grant: boolean;
  /** What the owners read; a refusal needs one. */
  readonly note?: string | undefined;
  /** For the second person, where there has to be one. */
  readonly reason?: string | undefined;
}

export type AppealOutcome =
  | { readonly ok: true; readonly outcome: 'granted' | 'refused' }
  | { readonly ok: true; readonly outcome: 'asked'; readonly act: string; readonly dueAt: Date | null }
  | Refused<string>;

/**
 * What an operator says to an appeal, in the console and on the command line. Granting one against a suspension that
 * waits for a human takes two: the first asks, another one confirms.
 */
export async function decideAppealAsOperator(
  platform: Platform,
  actor: Actor,
  { appeal, grant, note = '', reason = '' }: AppealWish,
): Promise<AppealOutcome> {
  if (!grant && note === '') return NOTE;
  const decided = await decideAppeal(platform, actor, { id: appeal, granted: grant, note });
  if (decided.ok) return { ok: true, outcome: grant ? 'granted' : 'refused' };
  if (decided.reason !== 'second-person') return decided;
  const input = { appeal, ...(note !== '' && { note }) };
  const asked = await askForSecondPerson(platform, actor, { act: 'grant-appeal', input, reason });
  return asked.ok ? { ok: true, outcome: 'asked', act: asked.id, dueAt: asked.dueAt } : asked;
}

const NOTE = refused('note', 'Say why you refuse it: the owners read it.');
