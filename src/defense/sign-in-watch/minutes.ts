import type { Statement, Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { ALL_NETWORKS } from '../signals/subject.ts';

/**
 * What is counted over the whole installation. Of one account at most once a minute and process: somebody who forgot a
 * password, or one account under attack, is no campaign.
 */
export type Counted =
  /** Strangers whose password was wrong. */
  | 'sign-in-wrong'
  /** Strangers whose password was right, wrong, or is not looked at yet. */
  | 'sign-in-strangers'
  /** By how much the largest number of accounts grew at which one password was tried. */
  | 'sign-in-one-password'
  /** Accounts whose password was right and whose second factor a stranger failed. */
  | 'second-factor-wrong';

interface Tally {
  readonly counts: Map<string, { readonly minute: number; readonly what: Counted; count: number }>;
  seen: { minute: number; readonly accounts: Set<string> };
}

const MINUTE = 60_000;
const MOST_SEEN = 100_000;
const collected = new WeakMap<Statements, Tally>();

export function count(
  platform: Platform,
  what: Counted,
  { account, by = 1 }: { account?: string; by?: number },
): void {
  const { sql, clock } = platform;
  const tally = tallyOf(sql);
  const minute = minuteOf(clock.now());
  if (account !== undefined && !isFirst(tally, minute, `${what} ${account}`)) return;
  const key = `${minute} ${what}`;
  const row = tally.counts.get(key) ?? { minute, what, count: 0 };
  row.count += by;
  tally.counts.set(key, row);
}

const WRITE: Statement = {
  name: 'write_sign_in_minutes',
  text: `INSERT INTO signal_counts AS c (minute, subject_kind, subject, signal, count)
    SELECT n.minute, 'network', '${ALL_NETWORKS}', n.signal, n.count
      FROM unnest($1::timestamptz[], $2::text[], $3::int[]) AS n (minute, signal, count) ORDER BY n.signal, n.minute
    ON CONFLICT (subject_kind, subject, signal, minute) DO UPDATE SET count = c.count + excluded.count`,
};

/** Writes what this process counted. Answers whether there was anything. */
export async function writeMinutes({ sql }: Platform): Promise<boolean> {
  const tally = tallyOf(sql);
  const rows = [...tally.counts.values()];
  tally.counts.clear();
  if (rows.length === 0) return false;
  const minutes = rows.map(({ minute }) => new Date(minute));
  await sql.run(WRITE, [minutes, rows.map(({ what }) => what), rows.map((row) => row.count)]);
  return true;
}

/** Counts by minute, the oldest first and the present one last; minutes without any are 0. */
export type Minutes = Readonly<Record<Counted, readonly number[]>>;

const READ: Statement = {
  name: 'read_sign_in_minutes',
  reads: true,
  text: `SELECT signal, minute, count FROM signal_counts
    WHERE subject_kind = 'network' AND subject = '${ALL_NETWORKS}' AND signal = ANY($1) AND minute >= $2 AND minute <= $3`,
};

const ALL: readonly Counted[] = [
  'sign-in-wrong',
  'sign-in-strangers',
  'sign-in-one-password',
  'second-factor-wrong',
];

/** Minutes of the installation from `from` minutes ago to `to` minutes ago. Begins no earlier than anything was counted. */
export async function readMinutes(platform: Platform, from: number, to = 0): Promise<Minutes> {
  const now = minuteOf(platform.clock.now());
  const [first, last] = [now - from * MINUTE, now - to * MINUTE];
  const values = [ALL, new Date(first), new Date(last)];
  const rows = await platform.sql.run<{ signal: Counted; minute: Date; count: number }>(READ, values);
  const begin = Math.min(last, ...rows.map(({ minute }) => minute.getTime()));
  const length = rows.length === 0 ? 0 : (last - begin) / MINUTE + 1;
  const series = Object.fromEntries(ALL.map((what) => [what, Array<number>(length).fill(0)]));
  for (const { signal, minute, count } of rows) {
    const row = series[signal];
    if (row) row[(minute.getTime() - begin) / MINUTE] = count;
  }
  return series as unknown as Minutes;
}

function tallyOf(sql: Statements): Tally {
  let tally = collected.get(sql);
  if (!tally) {
    tally = { counts: new Map(), seen: { minute: 0, accounts: new Set() } };
    collected.set(sql, tally);
  }
  return tally;
}

function isFirst(tally: Tally, minute: number, account: string): boolean {
  if (tally.seen.minute !== minute) tally.seen = { minute, accounts: new Set() };
  const { accounts } = tally.seen;
  if (accounts.has(account)) return false;
  if (accounts.size < MOST_SEEN) accounts.add(account);
  return true;
}

function minuteOf(at: Date): number {
  return at.getTime() - (at.getTime() % MINUTE);
}
