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

/** Whether a subject may be worth a look: at least so many of these signals in the last so many minutes. */
export interface Threshold {
  readonly subject: Subject;
  readonly signals: readonly SignalName[];
  readonly minutes: number;
  readonly times: number;
}

/** Which of many thresholds are reached, in one statement. */
export async function thresholdsReached<T extends Threshold>(
  platform: Platform,
  thresholds: readonly T[],
): Promise<T[]> {
  if (thresholds.length === 0) return [];
  const now = platform.clock.now();
  const rows = await platform.sql.run<{ at: number }>(REACHED, [
    thresholds.map(({ subject }) => subject.kind),
    thresholds.map(({ subject }) => storedSubject(platform, subject)),
    thresholds.map(({ signals }) => signals.join(' ')),
    thresholds.map(({ minutes }) => startOfWindow(now, minutes)),
    thresholds.map(({ times }) => times),
  ]);
  return rows.map(({ at }) => thresholds[at - 1] as T);
}

/** How often in whole minutes that began at that moment or later. */
export async function countSince(
  platform: Platform,
  subject: Subject,
  signals: readonly SignalName[],
  since: Date,
): Promise<number> {
  const values = [subject.kind, storedSubject(platform, subject), signals, since];
  const [row] = await platform.sql.run<{ count: number }>(SINCE, values);
  return row?.count ?? 0;
}

/** The distinct others themselves, as they are stored; at most ten thousand. */
export async function membersSince(
  platform: Platform,
  subject: Subject,
  signal: SignalName,
  sinceHours: number,
): Promise<Buffer[]> {
  const stored = storedSubject(platform, subject);
  const since = secondsAfter(platform.clock.now(), -sinceHours * 3600);
  const rows = await platform.sql.run<{ member: Buffer }>(WHO, [subject.kind, stored, signal, since]);
  return rows.map(({ member }) => member);
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

const REACHED: Statement = {
  name: 'signal_thresholds_reached',
  reads: true,
  text: `SELECT t.at::int AS at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[])
        WITH ORDINALITY AS t (kind, subject, signals, since, times, at)
     WHERE (SELECT sum(s.count) FROM signal_counts s
             WHERE s.subject_kind = t.kind AND s.subject = t.subject
               AND s.signal = ANY(string_to_array(t.signals, ' ')) AND s.minute >= t.since) >= t.times
     ORDER BY t.at`,
};

const SINCE: Statement = {
  name: 'count_signals_since',
  reads: true,
  text: `SELECT coalesce(sum(count), 0)::int AS count FROM signal_counts
    WHERE subject_kind = $1 AND subject = $2 AND signal = ANY($3) AND minute >= $4`,
};

const WHO: Statement = {
  name: 'signal_members_since',
  reads: true,
  text: `SELECT DISTINCT member FROM signal_members
    WHERE subject_kind = $1 AND subject = $2 AND signal = $3 AND hour > $4 LIMIT 10000`,
};
