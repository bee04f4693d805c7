import { RULES, type RuleName } from '../../defense/rules/rules.ts';
import { wordsOf } from '../../defense/rules/words.ts';
import { effectOf } from '../../defense/suspensions/ladder.ts';
import type { Suspension } from '../../defense/suspensions/suspension.ts';
import { nameSubjects, type NamedSubject } from '../../developers/suspension-subjects.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../platform/words/text-keys.ts';

/** A suspension as a list of the console shows it. */
export interface ShownSuspension extends Suspension {
  readonly subject: NamedSubject;
  readonly effect: ReturnType<typeof effectOf>;
  /** What happened, in the words that its owners read. */
  readonly cause: Words;
  /** What they are told to fix; none where an operator began it. */
  readonly fix: Words | undefined;
}

/** With the names of whom they are about, and what they do now. */
export async function shown(platform: Platform, rows: readonly Suspension[]): Promise<ShownSuspension[]> {
  const subjects = await nameSubjects(platform, rows);
  const now = platform.clock.now();
  return rows.map((row, i) => ({
    ...row,
    subject: subjects[i] ?? {},
    effect: effectOf(row, now),
    cause: isRule(row.rule) ? wordsOf(row.rule).cause : 'admin-suspensions.cause-operator',
    fix: isRule(row.rule) ? wordsOf(row.rule).fix : undefined,
  }));
}

function isRule(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}
