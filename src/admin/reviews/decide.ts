import type { Actor } from '../../audit/actor.ts';
import { type Decision, decideReview } from '../../developers/clients/decide-review.ts';
import { openDossier } from '../../developers/clients/review-dossier.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { askForSecondPerson } from '../two-person-acts.ts';

/** `reason` is for the second person, where there has to be one. */
export type OperatorDecision = Decision & { readonly reason?: string | undefined };

export type OperatorDecided =
  | { readonly ok: true; readonly outcome: 'approved' | 'refused'; readonly appName: string }
  | {
      readonly ok: true;
      readonly outcome: 'asked';
      readonly appName: string;
      readonly act: string;
      readonly dueAt: Date | null;
    }
  | Refused<string>;

/**
 * What an operator decides about an app, in the console and on the command line. What people read as "checked by us" is
 * said by two: the first asks, another one confirms. Everything else is decided at once.
 */
export async function decideAsOperator(
  platform: Platform,
  actor: Actor,
  { reason = '', ...decision }: OperatorDecision,
): Promise<OperatorDecided> {
  const dossier = await openDossier(platform, decision.review);
  const appName = dossier?.app.name ?? '';
  if (!dossier || !decision.approve || dossier.review.kind !== 'publisher') {
    const decided = await decideReview(platform, actor, decision);
    return decided.ok ? { ok: true, outcome: outcomeOf(decision), appName } : decided;
  }
  if (decision.mark !== undefined && decision.mark !== dossier.mark) return CHANGED;
  const { mark } = dossier;
  const input = {
    review: decision.review,
    mark,
    ...(decision.note !== undefined && { note: decision.note }),
  };
  const asked = await askForSecondPerson(platform, actor, { act: 'verify-publisher', input, reason });
  return asked.ok ? { ok: true, outcome: 'asked', appName, act: asked.id, dueAt: asked.dueAt } : asked;
}

function outcomeOf({ approve }: Decision): 'approved' | 'refused' {
  return approve ? 'approved' : 'refused';
}

const CHANGED = refused('changed', 'The app was changed since you looked at it. Look at it again.');
