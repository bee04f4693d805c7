import { secondsAfter } from '../../platform/clock.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import type { SignalName } from './catalogue.ts';
import { type Subject, storedSubject } from './subject.ts';

/** How often in the last so many minutes, the running one included, as of a second ago. */
export async function countSignals(
  platform: Platform,
  subject: Subject,
  signal: SignalName,
  sinceMinutes: number,
): Promise<number> {
  const stored = storedSubject(platform, subject);
  const since = startOfWindow(platform.clock.now(), sinceMinutes);
  const [row] = await platform.sql.run<{ count: number }>(COUNT, [subject.kind, stored, signal, since]);
  return row?.count ?? 0;
}

/** How many distinct others a signal of a subject was about in the last so many hours, the running one included. */
export async function countMembers(
  platform: Platform,
  subject: Subject,
  signal: SignalName,
  sinceHours: number,
): Promise<number> {
  const stored = storedSubject(platform, subject);
  const since = secondsAfter(platform.clock.now(), -sinceHours * 3600);
  const [row] = await platform.sql.run<{ count: number }>(MEMBERS, [subject.kind, stored, signal, since]);
  return row?.count ?? 0;
}

/** What was counted of a subject, signal by signal, for whoever looks at it. */
export async function signalsOf(
  platform: Platform,
  subject: Subject,
  sinceMinutes: number,
): Promise<ReadonlyMap<SignalName, number>> {
  const stored = storedSubject(platform, subject);
  const since = startOfWindow(platform.clock.now(), sinceMinutes);
  const rows = await platform.sql.run<{ signal: SignalName; count: number }>(ALL, [
    subject.kind,
    stored,
    since,
  ]);
  return new Map(rows.map(({ signal, count }) => [signal, count]));
}

/** A window of n minutes is the running minute and the n − 1 before it. */
export function startOfWindow(now: Date, minutes: number): Date {
  const minute = now.getTime() - (now.getTime() % 60_000);
  return secondsAfter(new Date(minute), -(minutes - 1) * 60);
}

const COUNT: Statement = {
  name: 'count_signals',
  reads: true,
  text: `SELECT coalesce(sum(count), 0)::int AS count FROM signal_counts
    WHERE subject_kind = $1 AND subject = $2 AND signal = $3 AND minute >= $4`,
};

const MEMBERS: Statement = {
  name: 'count_signal_members',
  reads: true,
  text: `SELECT count(DISTINCT member)::int AS count FROM signal_members
    WHERE subject_kind = $1 AND subject = $2 AND signal = $3 AND hour > $4`,
};

const ALL: Statement = {
  name: 'signals_of_subject',
  reads: true,
  text: `SELECT signal, sum(count)::int AS count FROM signal_counts
    WHERE subject_kind = $1 AND subject = $2 AND minute >= $3 GROUP BY signal ORDER BY signal`,
};
