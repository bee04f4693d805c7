import { secondsAfter } from '../platform/clock.ts';
import { forgetRows, type OldRows } from '../platform/database/forget-rows.ts';
import { digestOf, handleKind, keyedDigest } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';

/** What is being guessed. The two are counted apart, so that guessing one never spends the tries of the other. */
export type Factor = 'password' | 'second-factor';

/**
 * One try at a credential. `subject` is what the guesser names: an address (whether or not an account uses it)
 * or an account id. `browser` is the value of the browser cookie, which counts only where it is known for `accountId`.
 */
export interface Try {
  readonly factor: Factor;
  readonly subject: string;
  readonly accountId?: string | undefined;
  readonly browser?: string | undefined;
}

/** A try that was counted as a failure before the credential was looked at. handBackTry undoes it. */
export type CountedTry = (
  | {
      readonly by: 'known-browser';
      readonly digest: Buffer;
      readonly accountId: string;
      readonly failures: number;
    }
  | { readonly by: 'subject'; readonly failures: number }
) & { readonly counter: SubjectCounter };

/** The row that counts one subject, factor and day; the subject as a keyed digest. */
interface SubjectCounter {
  readonly subject: string;
  readonly factor: Factor;
  readonly day: string;
}

export type Admission =
  | { readonly ok: true; readonly counted: CountedTry }
  | { readonly ok: false; readonly retryAfterSeconds: number };

/** At most this many failures per subject, factor and day (UTC). Only known browsers may go beyond, by their own few. */
export const FAILURES_A_DAY = 100;

/** A known browser is an unknown one again after this many failures, and keeps them whatever others have spent. */
export const FAILURES_OF_A_KNOWN_BROWSER = 10;

const FREE_TRIES = 5;
const LONGEST_DELAY = 3600;
const WELL_PAST = 60;
const DAY = 86_400;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Seconds to wait after the nth failure: none for the free ones, then 1, 2, 4 … up to an hour. */
export function delayAfter(failures: number): number {
  return failures < FREE_TRIES ? 0 : Math.min(LONGEST_DELAY, 2 ** (failures - FREE_TRIES));
}

/**
 * The same as a table for SQL: element n (from 1) is the delay after failure n; later failures use the last one. No
 * delay is a moment well past, because tries at the same time read their clocks in another order than they count.
 */
const DELAYS = Array.from({ length: FREE_TRIES + 12 }, (_, i) => delayAfter(i + 1) || -WELL_PAST);

/**
 * Counts a try before it is checked, or refuses it. Each counter moves by one conditional statement, so that of any
 * number of parallel tries no more are admitted than one after the other would be. A known browser of the account
 * has a counter of its own and never suffers from the failures of others (M08); its failures count for the account
 * all the same, without delaying anybody. The two counters move one after the other and never under each other's
 * lock, so that no two tries wait for each other.
 */
export async function countTry(platform: Platform, attempt: Try): Promise<Admission> {
  const counter = counterOf(platform, attempt);
  const known = await countForKnownBrowser(platform, attempt, counter);
  if (known?.ok) await addFailure(platform, counter);
  return known ?? countForSubject(platform, counter);
}

/** Gives a counted try back: the credential was right, or nothing was checked. A delay set since then by others stays. */
export async function handBackTry(platform: Platform, counted: CountedTry): Promise<void> {
  const { db, clock } = platform;
  const free = secondsAfter(clock.now(), -WELL_PAST).toISOString();
  if (counted.by === 'known-browser') {
    await db.$executeRaw`
      UPDATE known_browsers SET failures = GREATEST(failures - 1, 0),
        next_allowed_at = CASE WHEN failures = ${counted.failures} THEN ${free}::timestamptz ELSE next_allowed_at END
      WHERE digest = ${counted.digest} AND account_id = ${counted.accountId}::uuid`;
  }
  const { subject, factor, day } = counted.counter;
  // A known browser set no delay here, so it lifts none.
  const own = counted.by === 'subject' ? counted.failures : -1;
  await db.$executeRaw`
    UPDATE login_failures SET failures = GREATEST(failures - 1, 0),
      next_allowed_at = CASE WHEN failures = ${own}::int THEN ${free}::timestamptz ELSE next_allowed_at END
    WHERE subject = ${subject} AND factor = ${factor} AND day = ${day}::date`;
}

/** How many tries a browser has left today before it must wait, for a page that wants to say so; 0 while it waits. */
export async function triesBeforePause(platform: Platform, attempt: Try): Promise<number> {
  const { db, clock } = platform;
  const now = clock.now();
  const left = ({ failures, nextAllowedAt }: { failures: number; nextAllowedAt: Date }) =>
    nextAllowedAt > now ? 0 : Math.max(1, FREE_TRIES - failures);
  if (handleKind(attempt.browser) === 'browser' && attempt.accountId) {
    const digest = digestOf(attempt.browser as string);
    const where = { digest, accountId: attempt.accountId, failures: { lt: FAILURES_OF_A_KNOWN_BROWSER } };
    const known = await db.knownBrowser.findFirst({ where });
    if (known) return left(known);
  }
  const { subject, factor, day } = counterOf(platform, attempt);
  const where = { subject_factor_day: { subject, factor, day: new Date(day) } };
  const row = await db.loginFailure.findUnique({ where });
  if (!row) return FREE_TRIES;
  return row.failures >= FAILURES_A_DAY ? 0 : left(row);
}

/** At an operator's word: today's failures of these subjects are forgotten, and nobody waits for them. Answers how many. */
export async function forgiveFailures(
  platform: Platform,
  subjects: readonly Pick<Try, 'factor' | 'subject'>[],
): Promise<number> {
  let forgiven = 0;
  for (const one of subjects) {
    const { subject, factor, day } = counterOf(platform, one);
    const where = { subject_factor_day: { subject, factor, day: new Date(day) } };
    const row = await platform.db.loginFailure.findUnique({ where });
    await platform.db.loginFailure.deleteMany({ where: { subject, factor, day: new Date(day) } });
    forgiven += row?.failures ?? 0;
  }
  return forgiven;
}

/** Job: counters of past days are of no more use. */
export function forgetOldFailures(platform: Platform): Promise<number> {
  return forgetRows(platform, OLD_FAILURES, secondsAfter(platform.clock.now(), -2 * DAY));
}

const OLD_FAILURES: OldRows = { table: 'login_failures', where: 'day < $1::date' };

async function countForKnownBrowser(
  { db, clock }: Platform,
  { accountId = NOBODY, browser }: Try,
  counter: SubjectCounter,
): Promise<Admission | undefined> {
  if (handleKind(browser) !== 'browser') return undefined;
  const now = clock.now();
  const digest = digestOf(browser as string);
  const [row] = await db.$queryRaw<{ counted: number | null; next_allowed_at: Date | null }[]>`
    WITH counted AS (
      UPDATE known_browsers SET failures = failures + 1,
        next_allowed_at = ${now.toISOString()}::timestamptz
          + make_interval(secs => (${DELAYS}::int[])[LEAST(failures + 1, ${DELAYS.length}::int)])
      WHERE digest = ${digest} AND account_id = ${accountId}::uuid
        AND failures < ${FAILURES_OF_A_KNOWN_BROWSER} AND next_allowed_at <= ${now.toISOString()}::timestamptz
      RETURNING failures)
    SELECT (SELECT failures FROM counted) AS counted,
      (SELECT next_allowed_at FROM known_browsers WHERE digest = ${digest} AND account_id = ${accountId}::uuid
        AND failures < ${FAILURES_OF_A_KNOWN_BROWSER}) AS next_allowed_at`;
  if (row?.counted != null) {
    const { counted: failures } = row;
    return { ok: true, counted: { by: 'known-browser', digest, accountId, failures, counter } };
  }
  return row?.next_allowed_at ? refuseUntil(row.next_allowed_at, now) : undefined;
}

function counterOf({ clock, vault }: Platform, { factor, subject }: Try): SubjectCounter {
  const day = clock.now().toISOString().slice(0, 10);
  const key = keyedDigest(vault.secret('lockout-subject'), factor, subject).toString('base64url');
  return { subject: key, factor, day };
}

/** A failure of a known browser, counted for the account: it never waits and makes nobody wait. */
async function addFailure({ db, clock }: Platform, { subject, factor, day }: SubjectCounter): Promise<void> {
  await db.$executeRaw`
    INSERT INTO login_failures AS counter (subject, factor, day, failures, next_allowed_at)
    VALUES (${subject}, ${factor}, ${day}::date, 1, ${clock.now().toISOString()}::timestamptz)
    ON CONFLICT (subject, factor, day) DO UPDATE SET failures = counter.failures + 1`;
}

async function countForSubject({ db, clock }: Platform, counter: SubjectCounter): Promise<Admission> {
  const now = clock.now();
  const free = secondsAfter(now, -WELL_PAST);
  const { subject, factor, day } = counter;
  const [counted] = await db.$queryRaw<{ failures: number }[]>`
    INSERT INTO login_failures AS counter (subject, factor, day, failures, next_allowed_at)
    VALUES (${subject}, ${factor}, ${day}::date, 1, ${free.toISOString()}::timestamptz)
    ON CONFLICT (subject, factor, day) DO UPDATE SET failures = counter.failures + 1,
      next_allowed_at = ${now.toISOString()}::timestamptz
        + make_interval(secs => (${DELAYS}::int[])[LEAST(counter.failures + 1, ${DELAYS.length}::int)])
    WHERE counter.failures < ${FAILURES_A_DAY} AND counter.next_allowed_at <= ${now.toISOString()}::timestamptz
    RETURNING failures`;
  if (counted) return { ok: true, counted: { by: 'subject', failures: counted.failures, counter } };
  const row = await db.loginFailure.findUnique({
    where: { subject_factor_day: { subject, factor, day: new Date(day) } },
  });
  const midnight = secondsAfter(new Date(day), DAY);
  const spent = !row || row.failures >= FAILURES_A_DAY || row.nextAllowedAt > midnight;
  return refuseUntil(spent ? midnight : row.nextAllowedAt, now);
}

function refuseUntil(at: Date, now: Date): Admission {
  const earliest = secondsAfter(now, 1);
  const until = at > earliest ? at : earliest;
  return { ok: false, retryAfterSeconds: Math.ceil((until.getTime() - now.getTime()) / 1000) };
}
