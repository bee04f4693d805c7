import { secondsAfter } from '../platform/clock.ts';
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
export type CountedTry =
  | {
      readonly by: 'known-browser';
      readonly digest: Buffer;
      readonly accountId: string;
      readonly failures: number;
    }
  | {
      readonly by: 'subject';
      readonly subject: string;
      readonly factor: Factor;
      readonly day: string;
      readonly failures: number;
    };

export type Admission =
  | { readonly ok: true; readonly counted: CountedTry }
  | { readonly ok: false; readonly retryAfterSeconds: number };

/** At most this many failures per subject, factor and day (UTC) from browsers that are not known. */
export const FAILURES_A_DAY = 100;

/** A known browser is an unknown one again after this many failures. */
export const FAILURES_OF_A_KNOWN_BROWSER = 10;

const FREE_TRIES = 5;
const LONGEST_DELAY = 3600;
const DAY = 86_400;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Seconds to wait after the nth failure: none for the free ones, then 1, 2, 4 … up to an hour. */
export function delayAfter(failures: number): number {
  return failures < FREE_TRIES ? 0 : Math.min(LONGEST_DELAY, 2 ** (failures - FREE_TRIES));
}

/** The same as a table for SQL: element n (from 1) is the delay after failure n; later failures use the last one. */
const DELAYS = Array.from({ length: FREE_TRIES + 12 }, (_, i) => delayAfter(i + 1));

/**
 * Counts a try before it is checked, or refuses it. Each counter moves by one conditional statement, so that of any
 * number of parallel tries no more are admitted than one after the other would be. A known browser of the account
 * has a counter of its own and never suffers from the failures of others (M08).
 */
export async function countTry(platform: Platform, attempt: Try): Promise<Admission> {
  return (await countForKnownBrowser(platform, attempt)) ?? (await countForSubject(platform, attempt));
}

/** Gives a counted try back: the credential was right, or nothing was checked. A delay set since then by others stays. */
export async function handBackTry({ db, clock }: Platform, counted: CountedTry): Promise<void> {
  const now = clock.now().toISOString();
  if (counted.by === 'known-browser') {
    await db.$executeRaw`
      UPDATE known_browsers SET failures = GREATEST(failures - 1, 0),
        next_allowed_at = CASE WHEN failures = ${counted.failures} THEN ${now}::timestamptz ELSE next_allowed_at END
      WHERE digest = ${counted.digest} AND account_id = ${counted.accountId}::uuid`;
    return;
  }
  await db.$executeRaw`
    UPDATE login_failures SET failures = GREATEST(failures - 1, 0),
      next_allowed_at = CASE WHEN failures = ${counted.failures} THEN ${now}::timestamptz ELSE next_allowed_at END
    WHERE subject = ${counted.subject} AND factor = ${counted.factor} AND day = ${counted.day}::date`;
}

/** Job: counters of past days are of no more use. */
export async function forgetOldFailures({ db, clock }: Platform): Promise<number> {
  const { count } = await db.loginFailure.deleteMany({
    where: { day: { lt: secondsAfter(clock.now(), -2 * DAY) } },
  });
  return count;
}

async function countForKnownBrowser(
  { db, clock }: Platform,
  { accountId = NOBODY, browser }: Try,
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
    return { ok: true, counted: { by: 'known-browser', digest, accountId, failures: row.counted } };
  }
  return row?.next_allowed_at ? refuseUntil(row.next_allowed_at, now) : undefined;
}

async function countForSubject({ db, clock, vault }: Platform, { factor, subject }: Try): Promise<Admission> {
  const now = clock.now();
  const day = now.toISOString().slice(0, 10);
  const key = keyedDigest(vault.secret('lockout-subject'), factor, subject).toString('base64url');
  const [counted] = await db.$queryRaw<{ failures: number }[]>`
    INSERT INTO login_failures AS counter (subject, factor, day, failures, next_allowed_at)
    VALUES (${key}, ${factor}, ${day}::date, 1, ${now.toISOString()}::timestamptz)
    ON CONFLICT (subject, factor, day) DO UPDATE SET failures = counter.failures + 1,
      next_allowed_at = ${now.toISOString()}::timestamptz
        + make_interval(secs => (${DELAYS}::int[])[LEAST(counter.failures + 1, ${DELAYS.length}::int)])
    WHERE counter.failures < ${FAILURES_A_DAY} AND counter.next_allowed_at <= ${now.toISOString()}::timestamptz
    RETURNING failures`;
  if (counted)
    return { ok: true, counted: { by: 'subject', subject: key, factor, day, failures: counted.failures } };
  const row = await db.loginFailure.findUnique({
    where: { subject_factor_day: { subject: key, factor, day: new Date(day) } },
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
