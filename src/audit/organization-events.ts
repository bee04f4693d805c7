import { Prisma } from '../../prisma/generated/client.ts';
import type { Platform } from '../platform/platform.ts';
import type { AuditAction, AuditDetails } from './events.ts';

/** One event as far as the members of an organization may read it. */
export interface OrganizationEvent {
  readonly id: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly targetKind: string;
  readonly targetId: string | null;
  readonly details: AuditDetails;
}

export interface OrganizationEventsQuery {
  readonly organizationId: string;
  /** The ids of its apps and APIs; those that are gone are known from the trail itself. */
  readonly holdings: readonly string[];
  readonly actions: readonly AuditAction[];
  /** The id of an event; only earlier ones are answered. */
  readonly before?: string | undefined;
  readonly take: number;
}

/**
 * What happened to an organization, to what it owns or owned, and to the access that these have or give, newest first.
 * Each of them is looked up at the end of an index of its own (see the migration), so neither a long past nor the many
 * consents of an app cost anything.
 */
export async function eventsOfOrganization(
  { db }: Platform,
  query: OrganizationEventsQuery,
): Promise<OrganizationEvent[]> {
  const { organizationId, holdings, actions, before = LAST_ID, take } = query;
  return db.$queryRaw<OrganizationEvent[]>`
    WITH things AS (
      SELECT ${organizationId} AS id
      UNION SELECT unnest(${holdings}::text[])
      UNION SELECT target_id FROM audit_events
        WHERE details->>'organization' = ${organizationId} AND action IN ('client.created', 'api.created')
    ), found AS (
      SELECT e.id FROM things CROSS JOIN LATERAL (
        (SELECT id FROM audit_events
          WHERE target_id = things.id AND id < ${before}::uuid AND action = ANY(${actions})
            AND target_kind IN ('organization', 'client', 'api') AND action NOT LIKE 'consent.%'
          ORDER BY id DESC LIMIT ${take})
        UNION ALL
        (SELECT id FROM audit_events
          WHERE details->>'client' = things.id AND id < ${before}::uuid AND action = ANY(${actions})
            AND target_kind IN ('access', 'access-request')
          ORDER BY id DESC LIMIT ${take})
        UNION ALL
        (SELECT id FROM audit_events
          WHERE details->>'api' = things.id AND id < ${before}::uuid AND action = ANY(${actions})
            AND target_kind IN ('access', 'access-request')
          ORDER BY id DESC LIMIT ${take})
        UNION ALL
        (SELECT id FROM audit_events
          WHERE coalesce(details->>'client', details->>'api', details->>'organization') = things.id
            AND id < ${before}::uuid AND action = ANY(${actions}) AND target_kind = 'suspension' AND ${WORTH_TELLING}
          ORDER BY id DESC LIMIT ${take})
      ) AS e
      GROUP BY e.id ORDER BY e.id DESC LIMIT ${take}
    )
    SELECT id::text, at, action, actor_kind AS "actorKind", actor_id AS "actorId", target_kind AS "targetKind",
      target_id AS "targetId", details::jsonb AS details
    FROM audit_events WHERE id IN (SELECT id FROM found) ORDER BY id DESC`;
}

/** Of suspensions what slows or stops something of an organization, and its end: neither people's, nor dry runs. */
const WORTH_TELLING = Prisma.sql`details->>'kind' IN ('access-writes', 'access', 'client', 'api', 'organization')
  AND details->>'dryRun' IS NULL AND details->>'state' <> 'observe' AND details->>'by' IS DISTINCT FROM 'superseded'
  AND (details->>'state' <> 'ended' OR details->>'rule' = 'operator' OR (details->>'level')::int > 0)`;

/** Behind every id there is. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
