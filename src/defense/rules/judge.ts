import type { Subject } from '../signals/subject.ts';
import { RULES, type Rule, type RuleName } from './rules.ts';

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

export interface Relations {
  /** Clients that called in the last day. */
  readonly activeClients: number;
  /** Clients that rules slowed or paused, themselves or at an API, in the last hour. */
  readonly actedOn: ReadonlySet<string>;
}

/** Alone: only to be watched and told to operators, because rules have acted on too many already. */
export type Verdict = Counted & { readonly act: 'suspend' | 'only-observe' | 'alert' };

/** Of the active clients, those that rules alone may act on in an hour; never less than the least. */
const SHARE = 0.01;
const LEAST = 3;

/** Which rules are fulfilled and what follows. Pure: it knows no organizations, accounts or clients, only their numbers. */
export function judge(all: readonly Counted[], { activeClients, actedOn }: Relations): Verdict[] {
  const most = Math.max(LEAST, Math.floor(activeClients * SHARE));
  const acted = new Set(actedOn);
  return all.filter(isFulfilled).map((counted) => {
    const { pauses }: Rule = RULES[counted.rule];
    if (pauses === undefined) return { ...counted, act: 'alert' };
    const client = clientOf(counted.subject);
    if (client === undefined) return { ...counted, act: 'suspend' };
    if (!acted.has(client) && acted.size >= most) return { ...counted, act: 'only-observe' };
    acted.add(client);
    return { ...counted, act: 'suspend' };
  });
}

function isFulfilled({ rule: name, ...counted }: Counted): boolean {
  const rule: Rule = RULES[name];
  const { times, distinct = 0, share, unrelated, organizations = 0 } = rule;
  if (counted.times < times || counted.distinct < distinct || counted.organizations < organizations)
    return false;
  if (share && counted.times < share.atLeast * counted.of) return false;
  if (!unrelated) return true;
  return counted.accounts >= unrelated.accounts && counted.networks >= unrelated.networks;
}

/** The client that a pause would hurt: of an access its first part. */
export function clientOf({ kind, id }: Subject): string | undefined {
  if (kind === 'client') return id;
  return kind === 'access' ? id.split(' ', 1)[0] : undefined;
}
