import { dateOf } from '../../platform/clock.ts';
import type { Statement, Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { bucketOf, BUCKETS } from './latency.ts';

/** What usage is made of: a protocol call whose caller proved who it is. */
export interface UsageNote {
  readonly clientId: string;
  readonly at: Date;
  /** As the engine calls its route: token, introspection, authorization … */
  readonly endpoint: string;
  /** OAuth error code; undefined or empty where the call succeeded. */
  readonly error?: string | undefined;
  /** How many tokens the answer brought. */
  readonly tokens?: number | undefined;
  readonly milliseconds: number;
  /** Whom it was about, as the caller itself sees that person. */
  readonly subject?: string | undefined;
}

/** What was not written yet, and whom we know to be written: the people of the day on which they were noted. */
interface Collected {
  readonly hours: Map<string, Tally>;
  readonly people: Map<string, Person>;
  known: { readonly day: number; readonly people: Set<string> };
}

interface Tally {
  readonly clientId: string;
  readonly hour: number;
  readonly endpoint: string;
  readonly error: string;
  requests: number;
  tokens: number;
  readonly buckets: number[];
}

interface Person {
  readonly clientId: string;
  readonly day: number;
  readonly subject: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** While the database is away: beyond this new hours and people are not noted, so that memory stays bounded. */
const MOST_WAITING = 50_000;
const MOST_KNOWN = 200_000;
const ERROR_CODE = /^[a-z][a-z_]{0,60}$/;

const collected = new WeakMap<Statements, Collected>();

/** Adds a call to its hour, in memory. Part of every protocol answer: does nothing that could fail or wait. */
export function noteUsage({ sql }: Pick<Platform, 'sql'>, note: UsageNote): void {
  const waiting = waitingOf(sql);
  const { clientId, endpoint, error = '', tokens = 0 } = note;
  const time = note.at.getTime();
  const hour = time - (time % HOUR);
  const code = error === '' || ERROR_CODE.test(error) ? error : 'other';
  const tally = tallyOf(waiting, { clientId, hour, endpoint, error: code });
  if (tally) {
    tally.requests += 1;
    tally.tokens += tokens;
    const bucket = bucketOf(note.milliseconds);
    tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
  }
  if (note.subject !== undefined)
    notePerson(waiting, { clientId, day: time - (time % DAY), subject: note.subject });
}

function waitingOf(sql: Statements): Collected {
  let waiting = collected.get(sql);
  if (!waiting) {
    waiting = { hours: new Map(), people: new Map(), known: { day: 0, people: new Set() } };
    collected.set(sql, waiting);
  }
  return waiting;
}

function tallyOf(
  { hours }: Collected,
  row: Pick<Tally, 'clientId' | 'hour' | 'endpoint' | 'error'>,
): Tally | undefined {
  const key = `${row.clientId} ${row.hour} ${row.endpoint} ${row.error}`;
  const found = hours.get(key);
  if (found || hours.size >= MOST_WAITING) return found;
  const tally = { ...row, requests: 0, tokens: 0, buckets: new Array<number>(BUCKETS).fill(0) };
  hours.set(key, tally);
  return tally;
}

/** Whom this process wrote today it does not write again. */
function notePerson(waiting: Collected, person: Person): void {
  if (person.day > waiting.known.day || waiting.known.people.size >= MOST_KNOWN)
    waiting.known = { day: person.day, people: new Set() };
  const key = `${person.clientId} ${person.day} ${person.subject}`;
  if (waiting.known.people.has(key) || waiting.people.size >= MOST_WAITING) return;
  waiting.people.set(key, person);
}

/** Rows in the order of their keys, so that two processes never wait for each other crosswise. */
const WRITE_HOURS: Statement = {
  name: 'write_usage_hours',
  text: `
    INSERT INTO usage_hours AS u (client_id, hour, endpoint, error, requests, tokens, buckets)
    SELECT n.client_id, n.hour, n.endpoint, n.error, n.requests, n.tokens, n.buckets::int[]
      FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[])
        AS n (client_id, hour, endpoint, error, requests, tokens, buckets)
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (client_id, hour, endpoint, error) DO UPDATE SET
      requests = u.requests + EXCLUDED.requests, tokens = u.tokens + EXCLUDED.tokens,
      buckets = ARRAY(SELECT coalesce(b.was, 0) + coalesce(b.more, 0)
                        FROM unnest(u.buckets, EXCLUDED.buckets) WITH ORDINALITY AS b (was, more, at) ORDER BY b.at)`,
};

const WRITE_PEOPLE: Statement = {
  name: 'write_usage_people',
  text: `
    INSERT INTO usage_people (client_id, day, subject)
    SELECT * FROM unnest($1::text[], $2::date[], $3::text[]) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING`,
};

const LARGEST_BATCH = 5_000;

/** Job, and an act of a stopping process: writes what was collected. What could not be written is kept. */
export async function writeUsage({ sql }: Pick<Platform, 'sql'>): Promise<number> {
  const waiting = waitingOf(sql);
  const hours = await writeAll(waiting.hours, (batch) => sql.run(WRITE_HOURS, columnsOf(batch)));
  const people = await writeAll(waiting.people, async (batch) => {
    const days = batch.map(({ day }) => dateOf(new Date(day)));
    const columns = [batch.map(({ clientId }) => clientId), days, batch.map(({ subject }) => subject)];
    await sql.run(WRITE_PEOPLE, columns);
    for (const { clientId, day, subject } of batch) waiting.known.people.add(`${clientId} ${day} ${subject}`);
  });
  return hours + people;
}

function columnsOf(batch: readonly Tally[]): unknown[][] {
  return [
    batch.map(({ clientId }) => clientId),
    batch.map(({ hour }) => new Date(hour)),
    batch.map(({ endpoint }) => endpoint),
    batch.map(({ error }) => error),
    batch.map(({ requests }) => requests),
    batch.map(({ tokens }) => tokens),
    batch.map(({ buckets }) => `{${buckets.join(',')}}`),
  ];
}

/** Takes the rows out before it writes them: what comes meanwhile begins anew. */
async function writeAll<Row>(
  rows: Map<string, Row>,
  write: (batch: Row[]) => Promise<unknown>,
): Promise<number> {
  const entries = [...rows];
  rows.clear();
  for (let start = 0; start < entries.length; start += LARGEST_BATCH) {
    try {
      await write(entries.slice(start, start + LARGEST_BATCH).map(([, row]) => row));
    } catch (error) {
      keepForNextTime(rows, entries.slice(start));
      throw error;
    }
  }
  return entries.length;
}

function keepForNextTime<Row>(rows: Map<string, Row>, entries: readonly (readonly [string, Row])[]): void {
  for (const [key, row] of entries) {
    const since = rows.get(key);
    rows.set(key, since ? together(row, since) : row);
  }
}

function together<Row>(one: Row, other: Row): Row {
  if (!isTally(one) || !isTally(other)) return one;
  const buckets = one.buckets.map((count, at) => count + (other.buckets[at] ?? 0));
  return { ...one, requests: one.requests + other.requests, tokens: one.tokens + other.tokens, buckets };
}

function isTally(row: unknown): row is Tally {
  return typeof row === 'object' && row !== null && 'buckets' in row;
}
