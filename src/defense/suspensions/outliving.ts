import { secondsAfter } from '../../platform/clock.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { effectOf } from './ladder.ts';
import type { Suspension } from './suspension.ts';

/** Whole minutes that a JWT may live, and the running one: signals are counted by the minute. */
const MINUTES = Math.ceil(LIFETIMES.accessToken / 60) + 1;

const COUNT: Statement = {
  name: 'count_outliving_tokens',
  reads: true,
  text: `SELECT coalesce(sum(count), 0)::int AS tokens, max(minute) AS last FROM signal_counts
    WHERE subject_kind = 'access' AND signal = 'jwts-issued' AND minute >= $1
      AND (subject = $2 OR ($3 AND subject LIKE $2 || ' %'))`,
};

/**
 * JWT access tokens are not stored, so nothing takes them back: an API that does not ask accepts them until they expire.
 * Counts those that may outlive a suspension of a client, at most, and keeps the figure with it. Answers the suspension.
 */
export async function noteOutliving(platform: Platform, suspension: Suspension): Promise<Suspension> {
  const { id, kind, clientId, apiId } = suspension;
  const now = platform.clock.now();
  if (clientId === null || kind === 'grant' || effectOf(suspension, now).share > 0) return suspension;
  const subject = kind === 'client' ? clientId : `${clientId} ${apiId}`;
  const since = secondsAfter(suspension.stateSince, -MINUTES * 60);
  const [row] = await platform.sql.run<{ tokens: number; last: Date | null }>(COUNT, [
    since,
    subject,
    kind === 'client',
  ]);
  if (!row?.last) return suspension;
  const outliving = {
    outlivingTokens: row.tokens,
    outlivingUntil: secondsAfter(row.last, 60 + LIFETIMES.accessToken),
  };
  await platform.db.suspension.updateMany({ where: { id }, data: outliving });
  return { ...suspension, ...outliving };
}
