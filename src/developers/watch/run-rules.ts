import type { Actor } from '../../audit/actor.ts';
import { raiseAlert } from '../../defense/alerts.ts';
import { judge, type Verdict } from '../../defense/rules/judge.ts';
import type { Rule } from '../../defense/rules/rule.ts';
import { RULES, type RuleName, rulesAbout } from '../../defense/rules/rules.ts';
import type { SignalName } from '../../defense/signals/catalogue.ts';
import { type Threshold, thresholdsReached } from '../../defense/signals/count.ts';
import type { Tally } from '../../defense/signals/note.ts';
import { type Subject, storedSubject } from '../../defense/signals/subject.ts';
import { writeSignals } from '../../defense/signals/write-signals.ts';
import { startSuspension } from '../../defense/suspensions/start.ts';
import type { Platform } from '../../platform/platform.ts';
import { PERSONAL_TOKENS_CLIENT } from '../access/personal-access.ts';
import { gather, type Ids, idsOf } from './gather.ts';
import { activeClients } from './relations.ts';

const ACTOR: Actor = { kind: 'job', id: 'run-rules' };

/**
 * Job: writes the signals of this process and judges those they are about by what all processes counted. Each looks
 * only at what it has just written, so that the work is shared and needs no leader; where two see the same at once, the
 * ladder moves once (suspensions/start.ts). Answers how many suspensions began or moved.
 */
export async function runRules(platform: Platform): Promise<number> {
  const written = await writeSignals(platform);
  const reached = await thresholdsReached(platform, candidates(written));
  let changes = 0;
  for (const { rule, subject } of reached) {
    const ids = await idsOf(platform, subject);
    if (!ids) continue;
    const [verdict] = judge([await gather(platform, { rule, subject }, ids)]);
    if (verdict && (await carryOut(platform, verdict, ids))) changes += 1;
  }
  return changes;
}

interface Candidate extends Threshold {
  readonly rule: RuleName;
}

/** Each rule that looks at one of these signals, once for each subject. */
function candidates(written: readonly Tally[]): Candidate[] {
  const subjects = new Map<string, Subject & { readonly signals: Set<SignalName> }>();
  for (const { kind, id, signal } of written) {
    if (!RULED.has(`${kind} ${signal}`) || id.startsWith(PERSONAL_TOKENS_CLIENT)) continue;
    const key = `${kind} ${id}`;
    const found = subjects.get(key) ?? { kind, id, signals: new Set() };
    found.signals.add(signal);
    subjects.set(key, found);
  }
  return [...subjects.values()].flatMap(({ kind, id, signals }) =>
    rulesAbout(kind, signals).map((rule) => thresholdOf(rule, { kind, id })),
  );
}

/** What any rule looks at; most signals only say how much was done. */
const RULED: ReadonlySet<string> = new Set(
  Object.values(RULES).flatMap(({ subject, signals }: Rule) =>
    signals.map((signal) => `${subject} ${signal}`),
  ),
);

function thresholdOf(rule: RuleName, subject: Subject): Candidate {
  const { signals, minutes, times }: Rule = RULES[rule];
  return { rule, subject, signals, minutes, times };
}

async function carryOut(platform: Platform, verdict: Verdict, ids: Ids): Promise<boolean> {
  const { pauses: kind, exactly }: Rule = RULES[verdict.rule];
  if (kind === undefined) return tellOperators(platform, verdict);
  const { rule } = verdict;
  const evidence = evidenceOf(verdict);
  const active = await activeClients(platform);
  const wish = { kind, ids, rule, evidence, exactly, activeClients: active };
  const started = await startSuspension(platform, ACTOR, wish);
  if (!started.ok || started.change === 'none') return false;
  platform.log.info(
    { rule, suspension: started.suspension.id, change: started.change },
    'a rule was fulfilled',
  );
  return true;
}

/** Numbers alone: what was counted, of whom it is about, never whom else it was about. */
function evidenceOf({ rule, times, distinct }: Verdict) {
  const { signals, minutes, distinct: tellsApart }: Rule = RULES[rule];
  const [signal] = signals;
  return { signal, times, minutes, ...(tellsApart !== undefined && { distinct }) };
}

const told = new WeakMap<Platform['sql'], Map<string, number>>();
const TOLD_AGAIN_AFTER = 60_000;

/** Repeats only count, and what goes on every second counts once a minute. */
async function tellOperators(platform: Platform, verdict: Verdict): Promise<false> {
  const { alerts }: Rule = RULES[verdict.rule];
  const about = storedSubject(platform, verdict.subject);
  const before = told.get(platform.sql) ?? new Map<string, number>();
  told.set(platform.sql, before);
  const now = platform.clock.now().getTime();
  for (const [key, at] of before) if (now - at >= TOLD_AGAIN_AFTER) before.delete(key);
  if (before.has(`${alerts} ${about}`)) return false;
  before.set(`${alerts} ${about}`, now);
  const evidence = { ...evidenceOf(verdict), [verdict.subject.kind]: about };
  if (alerts) await raiseAlert(platform, { kind: alerts, about, severity: 'notice', evidence });
  return false;
}
