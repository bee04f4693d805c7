import type { Subject } from '../signals/subject.ts';
import type { Rule } from './rule.ts';
import { RULES, type RuleName } from './rules.ts';

/** What a rule asks for, as counted by whoever runs it. */
export interface Counted {
  readonly rule: RuleName;
  readonly subject: Subject;
  /** Within the rule's window, since the last answer to it. */
  readonly times: number;
  readonly distinct: number;
  /** Of the calls that its share is a part of, in the same time. */
  readonly of: number;
  /** Among those it is about: accounts of which no two belong together, and networks they came from. */
  readonly accounts: number;
  readonly networks: number;
  /** Reporting organizations of which no two belong together. */
  readonly organizations: number;
}

export interface Verdict extends Counted {
  readonly act: 'suspend' | 'alert';
}

/** Which rules are fulfilled and what follows. Pure: it knows no organizations, accounts or clients, only their numbers. */
export function judge(all: readonly Counted[]): Verdict[] {
  return all.filter(isFulfilled).map((counted) => {
    const { pauses }: Rule = RULES[counted.rule];
    return { ...counted, act: pauses === undefined ? 'alert' : 'suspend' };
  });
}

function isFulfilled({ rule: name, ...counted }: Counted): boolean {
  const rule: Rule = RULES[name];
  const { times, distinct = 0, share, unrelated, organizations = 0 } = rule;
  if (counted.times < times || counted.distinct < distinct) return false;
  if (counted.organizations < organizations) return false;
  if (share && counted.times < share.atLeast * counted.of) return false;
  return !unrelated || (counted.accounts >= unrelated.accounts && counted.networks >= unrelated.networks);
}
