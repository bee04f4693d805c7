import { RULE_NAMES, type RuleName } from '../../defense/rules/rules.ts';
import { wordsOf } from '../../defense/rules/words.ts';
import { BY_OPERATOR } from '../../defense/suspensions/suspension.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import { UNLIMITED_CALLS } from '../access/access-rate.ts';
import type { ToldSuspension } from './own-suspensions.ts';

/** What a list says of each. */
export function inWords(one: ToldSuspension) {
  const { cause } = causeInWords(one);
  return {
    ...one,
    covers: coversInWords(one),
    prospect: prospectInWords(one),
    where: whereInWords(one),
    cause,
  };
}

/** Which APIs hold the share that is left, and of what. */
function whereInWords({ effect: { share } }: ToldSuspension): Words | undefined {
  if (share === 0 || share === 1) return undefined;
  return { key: 'suspensions.where', values: { calls: UNLIMITED_CALLS } };
}

/** What is paused, as a heading. */
function coversInWords({ suspension, api }: ToldSuspension): Words {
  const { kind } = suspension;
  if (kind === 'client' || kind === 'organization') return `suspensions.covers-${kind}`;
  const values = { api: api?.name ?? '' };
  if (kind === 'api') return { key: 'suspensions.covers-api', values };
  return {
    key: kind === 'access-writes' ? 'suspensions.covers-writes' : 'suspensions.covers-access',
    values,
  };
}

/** How it goes on from here. */
function prospectInWords({ suspension, effect }: ToldSuspension): Words {
  const { state, until } = effect;
  const values = { until: until ?? suspension.endedAt ?? suspension.stateSince };
  if (state === 'pause' && suspension.rule === BY_OPERATOR) return { key: 'suspensions.then-over', values };
  if (state === 'ended') return { key: `suspensions.ended-${endOf(suspension)}`, values };
  return state === 'human' ? 'suspensions.then-human' : { key: `suspensions.then-${state}`, values };
}

function endOf({ endedBy }: ToldSuspension['suspension']): 'time' | 'operator' | 'appeal' | 'superseded' {
  return endedBy === 'operator' || endedBy === 'appeal' || endedBy === 'superseded' ? endedBy : 'time';
}

/** Why, and what to fix: of a rule that is still known, or of an operator. */
export function causeInWords({ suspension: { rule } }: ToldSuspension): { cause: Words; fix: Words } {
  if (isRule(rule)) return wordsOf(rule);
  return { cause: 'suspensions.cause-operator', fix: 'suspensions.fix-operator' };
}

function isRule(name: string): name is RuleName {
  return (RULE_NAMES as readonly string[]).includes(name);
}
