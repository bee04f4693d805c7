import { secondsAfter } from '../../../platform/clock.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { SigningTarget } from './event-secret.ts';

/** While a message is under way nobody else takes it; afterwards it is tried again, so a crash loses none. */
const UNDER_WAY_SECONDS = 60;

/** Messages under way at once in a process; of them to the targets of one organization, and to one target. */
export const MOST = 64;
export const MOST_OF_ORGANIZATION = 8;
export const MOST_TO_ONE = 4;

export interface TakenMessage extends SigningTarget {
  readonly targetId: string;
  readonly organizationId: string;
  readonly url: string;
  /** Tries in a row before this one to which the target gave no answer. */
  readonly silentTries: number;
  readonly deliveryId: string;
  readonly messageId: string;
  readonly sealed: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** What a process is sending to a target. */
export interface UnderWay {
  readonly organizationId: string;
  readonly messages: number;
}

/**
 * Takes messages that are due, as many as there is room for. Of each target that is not being sent to already the few
 * that wait longest, of one that gave no answer a single one to see whether it does again; organizations take turns, and
 * whoever has the least under way comes first. Whatever waits for one, it is looked at by its target's place in an index.
 */
export async function takeDue(
  { db, clock }: Platform,
  underWay: ReadonlyMap<string, UnderWay>,
): Promise<TakenMessage[]> {
  const now = clock.now();
  const busy = [...underWay.values()];
  const room = MOST - busy.reduce((sum, { messages }) => sum + messages, 0);
  if (room <= 0) return [];
  return db.$queryRaw<TakenMessage[]>`
    WITH sending AS (
      SELECT organization_id, sum(messages)::int AS messages
        FROM unnest(${busy.map((one) => one.organizationId)}::uuid[], ${busy.map((one) => one.messages)}::int[])
             AS s (organization_id, messages) GROUP BY 1),
    waiting AS (
      SELECT d.*, a.organization_id
        FROM event_targets t JOIN apis a ON a.id = t.api_id
       CROSS JOIN LATERAL (
         SELECT id, due_at, row_number() OVER (ORDER BY due_at) AS place FROM event_deliveries
          WHERE target_id = t.id AND delivered_at IS NULL AND given_up_at IS NULL AND due_at <= ${now}
          ORDER BY due_at LIMIT CASE WHEN t.silent_tries > 0 THEN 1 ELSE ${MOST_TO_ONE}::int END) d
       WHERE t.disabled_at IS NULL AND (t.rests_until IS NULL OR t.rests_until <= ${now})
         AND t.id <> ALL (${[...underWay.keys()]}::uuid[])),
    turns AS MATERIALIZED (
      SELECT w.id, w.due_at, coalesce(s.messages, 0)
             + row_number() OVER (PARTITION BY w.organization_id ORDER BY w.place, w.due_at) AS turn
        FROM waiting w LEFT JOIN sending s ON s.organization_id = w.organization_id),
    due AS MATERIALIZED (
      SELECT d.id FROM event_deliveries d JOIN turns ON turns.id = d.id AND turns.turn <= ${MOST_OF_ORGANIZATION}
       WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.due_at <= ${now}
       ORDER BY turns.turn, turns.due_at LIMIT ${room} FOR UPDATE OF d SKIP LOCKED)
    UPDATE event_deliveries d SET attempts = d.attempts + 1, due_at = ${secondsAfter(now, UNDER_WAY_SECONDS)}
      FROM due, event_targets t JOIN apis a ON a.id = t.api_id
     WHERE d.id = due.id AND t.id = d.target_id AND d.sealed IS NOT NULL
    RETURNING t.id::text AS id, t.id::text AS "targetId", a.organization_id::text AS "organizationId", t.url,
              t.silent_tries AS "silentTries", t.sealed_secret AS "sealedSecret", t.older_secret AS "olderSecret",
              t.older_until AS "olderUntil", d.id::text AS "deliveryId", d.message_id AS "messageId", d.sealed,
              d.attempts, d.created_at AS "createdAt"`;
}
