import type { Rule } from '../../defense/rules/rule.ts';
import { RULES, type RuleName } from '../../defense/rules/rules.ts';
import type { Counted } from '../../defense/rules/judge.ts';
import { countMembers, countSince, membersSince, startOfWindow } from '../../defense/signals/count.ts';
import { accountOf, type Subject } from '../../defense/signals/subject.ts';
import { suspensionsOf } from '../../defense/suspensions/list.ts';
import type { Suspension } from '../../defense/suspensions/suspension.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { partiesOfGrant } from '../../tokens/grants.ts';
import { reportsFor } from '../apis/reports/reports.ts';
import { unrelatedAccounts } from './relations.ts';

/** Whom a suspension would be about, by the names that suspensions use. */
export interface Ids {
  readonly clientId?: string;
  readonly apiId?: string;
  readonly grantId?: string;
  readonly accountId?: string;
}

/** Undefined where there is nobody any more. */
export async function idsOf(platform: Platform, { kind, id }: Subject): Promise<Ids | undefined> {
  const [first = '', second = ''] = id.split(' ');
  switch (kind) {
    case 'client':
      return { clientId: id };
    case 'access':
      return { clientId: first, apiId: second };
    case 'account':
      return { accountId: id };
    case 'grant': {
      const parties = await partiesOfGrant(platform, id);
      return parties && { ...parties, grantId: id };
    }
    default:
      return {};
  }
}

/** Counts what a rule asks for of one subject. What was answered already does not count a second time. */
export async function gather(
  platform: Platform,
  { rule: name, subject }: { readonly rule: RuleName; readonly subject: Subject },
  ids: Ids,
): Promise<Counted> {
  const rule: Rule = RULES[name];
  const { signals, share } = rule;
  const since = await sinceLastAnswer(platform, rule, ids);
  const hours = Math.ceil(rule.minutes / 60) + 1;
  const distinct = await Promise.all(signals.map((signal) => countMembers(platform, subject, signal, hours)));
  return {
    rule: name,
    subject,
    times: await countSince(platform, subject, signals, since),
    distinct: distinct.reduce((sum, count) => sum + count, 0),
    of: share ? await countSince(platform, subject, [share.of], since) : 0,
    ...(await manyOf(platform, rule, subject, hours)),
    organizations: await reporting(platform, rule, ids),
  };
}

/** The start of the window, or of the first minute after the last change of a suspension that this could have led to. */
async function sinceLastAnswer(platform: Platform, { minutes }: Rule, ids: Ids): Promise<Date> {
  const now = platform.clock.now();
  const start = startOfWindow(now, minutes);
  const { clientId, apiId, grantId, accountId } = ids;
  if (clientId === undefined && accountId === undefined) return start;
  const whose = accountId === undefined ? { clientIds: [String(clientId)] } : { accountId };
  const { suspensions } = await suspensionsOf(platform, { ...whose, withDryRuns: true });
  const isOther = (row: Suspension) =>
    (apiId !== undefined && row.apiId !== null && row.apiId !== apiId) ||
    (grantId !== undefined && row.grantId !== null && row.grantId !== grantId);
  const answers = suspensions.filter((row) => !isOther(row)).flatMap(changesOf);
  const last = Math.max(0, ...answers.map((at) => at.getTime()).filter((at) => at <= now.getTime()));
  const next = secondsAfter(new Date(last - (last % 60_000)), 60);
  return next > start ? next : start;
}

function changesOf({ stateSince, pausedUntil, until }: Suspension): Date[] {
  return [stateSince, pausedUntil, until].filter((at) => at !== null);
}

async function manyOf(
  platform: Platform,
  { unrelated }: Rule,
  subject: Subject,
  hours: number,
): Promise<Pick<Counted, 'accounts' | 'networks'>> {
  if (!unrelated) return { accounts: 0, networks: 0 };
  const members = await membersSince(platform, subject, 'account-misuse', hours);
  return {
    accounts: await unrelatedAccounts(platform, subject.id, members.map(accountOf)),
    networks: await countMembers(platform, subject, 'network-misuse', hours),
  };
}

async function reporting(platform: Platform, rule: Rule, { clientId }: Ids): Promise<number> {
  if (rule.organizations === undefined || clientId === undefined) return 0;
  const since = secondsAfter(platform.clock.now(), -rule.minutes * 60);
  return (await reportsFor(platform, { clientId, since })).organizations;
}
