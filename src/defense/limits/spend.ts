import { secondsAfter } from '../../platform/clock.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import type { LimitName } from './catalogue.ts';
import { limitInForce, type Spent, secondsUntil, storedKey } from './limit-in-force.ts';
import { spendLocally } from './spend-locally.ts';

export interface Spending {
  readonly cost?: number;
  /** Where this key has another budget than the limit's: a whole site has more than one of its visitors. */
  readonly budget?: number;
  /**
   * Digest of a browser cookie and the key that counts instead of `key` where some account knows that browser: whoever
   * shares an address with an attacker is not refused with them.
   */
  readonly knownBrowser?: { readonly digest: Buffer; readonly key: string } | undefined;
}

/**
 * Spends from an exact limit, in one statement however many processes there are: a window begins with the first request of
 * a key, and in it no more than the budget is let through. What is refused spends nothing. While the database does not
 * answer, each process lets a tenth of the budget through by its own count.
 */
export async function spend(
  platform: Platform,
  name: LimitName,
  key: string,
  { cost = 1, budget: own, knownBrowser }: Spending = {},
): Promise<Spent> {
  const { budget: usual, windowSeconds } = limitInForce(platform, name);
  const budget = own ?? usual;
  const now = platform.clock.now();
  const stored = storedKey(platform, name, key);
  const browser = knownBrowser && storedKey(platform, name, knownBrowser.key);
  const values = [
    name,
    stored,
    browser ?? stored,
    knownBrowser?.digest ?? null,
    cost,
    budget,
    now,
    secondsAfter(now, windowSeconds),
  ];
  const row = await platform.sql
    .run<Row>(SPEND, values)
    .then(([found]) => found)
    .catch(() => undefined);
  const spent = row
    ? answerOf(row, budget, now)
    : spendLocally(platform, name, stored, { cost, budget, now });
  platform.metrics.limits.inc({ limit: name, outcome: spent.ok ? 'allowed' : 'refused' });
  return spent;
}

interface Row {
  /** Null where it was refused. */
  readonly spent: number | null;
  readonly ends_at: Date | null;
}

function answerOf({ spent, ends_at: endsAt }: Row, budget: number, now: Date): Spent {
  const seconds = endsAt ? secondsUntil(endsAt, now) : 1;
  if (spent === null) return { ok: false, retryAfterSeconds: seconds };
  return { ok: true, left: Math.max(0, budget - spent), resetSeconds: seconds };
}

/** A refused request finds no row to change and reads when its window ends. */
const SPEND: Statement = {
  name: 'spend_limit',
  text: `
    WITH whose AS (
      SELECT CASE WHEN $4::bytea IS NOT NULL AND EXISTS (SELECT FROM known_browsers WHERE digest = $4::bytea)
             THEN $3::text ELSE $2::text END AS key),
    counted AS (
      INSERT INTO limit_counters AS c ("limit", key, spent, ends_at)
      SELECT $1::text, whose.key, $5::int, $8::timestamptz FROM whose WHERE $5::int <= $6::int
      ON CONFLICT ("limit", key) DO UPDATE SET
        spent = CASE WHEN c.ends_at <= $7::timestamptz THEN $5::int ELSE c.spent + $5::int END,
        ends_at = CASE WHEN c.ends_at <= $7::timestamptz THEN $8::timestamptz ELSE c.ends_at END
      WHERE c.ends_at <= $7::timestamptz OR c.spent + $5::int <= $6::int
      RETURNING spent, ends_at)
    SELECT (SELECT spent FROM counted) AS spent,
      coalesce((SELECT ends_at FROM counted),
               (SELECT ends_at FROM limit_counters l JOIN whose ON whose.key = l.key WHERE l."limit" = $1)) AS ends_at`,
};
