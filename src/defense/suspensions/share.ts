import type { Platform } from '../../platform/platform.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { raiseAlert } from '../alerts.ts';
import { LAST_LEVEL, pauseSeconds } from './ladder.ts';
import { BY_OPERATOR } from './suspension.ts';

/** Rules pause at most this share of the active clients within an hour, but always a few. */
const SHARE = 0.01;
const ALWAYS = 3;
const HOUR = 3600;

/** By level from 1, so that SQL knows when a pause began: before it ends. */
const PAUSES = Array.from({ length: LAST_LEVEL }, (_, index) => pauseSeconds(index + 1));

/**
 * Part of a change, before it pauses a client or one of its accesses at a rule's word: whether the share of this hour
 * has room for it. The lock lets one process count and pause at a time, until its change is committed. Where there is no
 * room, operators are told.
 */
export async function hasRoomToPause(
  tx: Platform,
  clientId: string,
  activeClients: number,
): Promise<boolean> {
  const most = Math.max(ALWAYS, Math.floor(activeClients * SHARE));
  const now = tx.clock.now();
  const since = secondsAfter(now, -HOUR);
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('suspensions by rules', 0))`;
  const [row] = await tx.db.$queryRaw<{ others: number }[]>`
    SELECT count(DISTINCT client_id)::int AS others FROM suspensions
     WHERE client_id <> ${clientId} AND kind IN ('access-writes', 'access', 'client')
       AND rule <> ${BY_OPERATOR} AND NOT dry_run AND level > 0
       AND (ended_at IS NULL OR ended_at > ${since})
       AND CASE WHEN paused_until IS NULL THEN state_since
                ELSE paused_until - make_interval(secs => (${PAUSES}::int[])[LEAST(level, ${PAUSES.length}::int)]) END > ${since}`;
  const others = row?.others ?? 0;
  if (others < most) return true;
  const evidence = { paused: others, most, activeClients, client: clientId };
  await raiseAlert(tx, { kind: 'suspensions-exceed-share', severity: 'page', evidence });
  return false;
}
