import { secondsAfter } from '../../platform/clock.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { effectOf } from './ladder.ts';
import type { Suspension } from './suspension.ts';

/** Whole minutes that a JWT may live, and the running one: signals are counted by the minute. */
const MINUTES = Math.ceil(LIFETIMES.accessToken / 60) + 1;

/** What counts them: at an access where the client or the API is suspended, else under the grants of a person. */
const COUNT: Statement = {
  name: 'count_outliving_tokens',
  reads: true,
  text: `SELECT coalesce(sum(c.count), 0)::int AS tokens, max(c.minute) AS last FROM signal_counts c
    WHERE c.minute >= $1 AND CASE $2
        WHEN 'grant' THEN c.subject_kind = 'grant' AND c.signal = 'jwts-of-grant' AND c.subject = $3
        WHEN 'account' THEN c.subject_kind = 'grant' AND c.signal = 'jwts-of-grant'
             AND EXISTS (SELECT FROM grants g WHERE g.id = c.subject AND g.account_id = $3::uuid)
        ELSE c.subject_kind = 'access' AND c.signal = 'jwts-issued'
             AND (split_part(c.subject, ' ', 1) = ANY ($4::text[]) OR split_part(c.subject, ' ', 2) = ANY ($5::text[])
                  OR c.subject = $3) END`,
};

/** The apps and APIs of an organization, which this floor does not know. */
export interface Belongings {
  readonly clientIds: readonly string[];
  readonly apiIds: readonly string[];
}

/**
 * JWT access tokens are not stored, so nothing takes them back: an API that does not ask accepts them until they expire.
 * Counts those that may outlive a suspension, at most, and keeps the figure with it. Answers the suspension.
 */
export async function noteOutliving(
  platform: Platform,
  suspension: Suspension,
  belongings: Belongings = { clientIds: [], apiIds: [] },
): Promise<Suspension> {
  const { id, stateSince } = suspension;
  if (effectOf(suspension, platform.clock.now()).share > 0) return suspension;
  const since = secondsAfter(stateSince, -MINUTES * 60);
  const whose = whoseTokens(suspension, belongings);
  const [row] = await platform.sql.run<{ tokens: number; last: Date | null }>(COUNT, [since, ...whose]);
  if (!row?.last) return suspension;
  const outliving = {
    outlivingTokens: row.tokens,
    outlivingUntil: secondsAfter(row.last, 60 + LIFETIMES.accessToken),
  };
  await platform.db.suspension.updateMany({ where: { id }, data: outliving });
  return { ...suspension, ...outliving };
}

/** Kind and subject, and whose accesses: of which clients, at which APIs. */
function whoseTokens(
  { kind, clientId, apiId, grantId, accountId }: Suspension,
  { clientIds, apiIds }: Belongings,
): [string, string | null, readonly string[], readonly string[]] {
  if (kind === 'grant') return [kind, grantId, [], []];
  if (kind === 'account') return [kind, accountId, [], []];
  if (kind === 'client') return [kind, null, [String(clientId)], []];
  if (kind === 'api') return [kind, null, [], [String(apiId)]];
  if (kind === 'organization') return [kind, null, clientIds, apiIds];
  return [kind, `${clientId} ${apiId}`, [], []];
}
