import { Prisma } from '../../prisma/generated/client.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { ReviewKind } from './clients/reviews.ts';

/** What an operator decides on: something about an app, or the identifier of an API. */
export const WAITING_KINDS = ['live', 'change', 'publisher', 'api'] as const satisfies readonly (
  | ReviewKind
  | 'api'
)[];
export type WaitingKind = (typeof WAITING_KINDS)[number];

export interface Waiting {
  /** Of the review, or of the API. */
  readonly id: string;
  readonly kind: WaitingKind;
  /** Of the app or API. */
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  /** The identifier that an API claims, or the host of a publisher; empty otherwise. */
  readonly wish: string;
  readonly since: Date;
}

export interface WaitingPage {
  readonly waiting: readonly Waiting[];
  /** Where the next page begins: pass it as `after`. */
  readonly next: string | undefined;
}

const PAGE = 50;

/** One queue of what waits for an operator, the oldest first: both kinds of ids tell when they were made. */
export async function listWaiting(
  { db }: Platform,
  { kind, after }: { kind?: WaitingKind | undefined; after?: string | undefined } = {},
): Promise<WaitingPage> {
  const start = after && UUID.test(after) ? after : FIRST_ID;
  const only = kind === undefined ? Prisma.empty : Prisma.sql`AND w.kind = ${kind}`;
  const rows = await db.$queryRaw<Waiting[]>`
    SELECT w.id::text, w.kind, w.name, o.id::text AS "organizationId", o.name AS "organizationName", w.wish, w.since
    FROM (
      SELECT r.id, r.kind, c.name, c.organization_id, coalesce(r.wishes->>'host', '') AS wish, r.asked_at AS since
        FROM client_reviews r JOIN clients c ON c.id = r.client_id WHERE r.outcome IS NULL
      UNION ALL
      SELECT a.id, 'api', a.name, a.organization_id, a.claimed_identifier, a.created_at
        FROM apis a WHERE a.identifier IS NULL AND a.claimed_identifier IS NOT NULL
    ) w JOIN organizations o ON o.id = w.organization_id
    WHERE w.id > ${start}::uuid ${only} ORDER BY w.id LIMIT ${PAGE + 1}`;
  const waiting = rows.slice(0, PAGE);
  return { waiting, next: rows.length > PAGE ? waiting.at(-1)?.id : undefined };
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** How much waits, by kind; what does not wait is missing. */
export async function countWaiting({ db }: Platform): Promise<ReadonlyMap<WaitingKind, number>> {
  const rows = await db.$queryRaw<{ kind: WaitingKind; count: number }[]>`
    SELECT kind, count(*)::int FROM client_reviews WHERE outcome IS NULL GROUP BY kind
    UNION ALL
    SELECT 'api', count(*)::int FROM apis WHERE identifier IS NULL AND claimed_identifier IS NOT NULL HAVING count(*) > 0`;
  return new Map(rows.map((row) => [row.kind, row.count]));
}
