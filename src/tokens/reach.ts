import type { Platform } from '../platform/platform.ts';

/** Apps and one API, as grants name it: each spells the API as its request did. */
export interface AppsAtApi {
  readonly clientIds: readonly string[];
  /** Its identifier, as consents name it. */
  readonly resource: string;
  /** Whether a resource indicator means this API. */
  readonly means: (indicator: string) => boolean;
}

/** Whom they can reach at the API now. */
export interface Reach {
  /** Who allowed it, or let it in. */
  readonly people: number;
  /** Connections: live grants that hold something of the API. */
  readonly connections: number;
}

export async function reachOf(platform: Platform, apps: AppsAtApi): Promise<Reach> {
  const { db, clock } = platform;
  const spellings = await spellingsOf(platform, apps);
  const now = clock.now();
  const [row] = await db.$queryRaw<{ people: bigint; connections: bigint }[]>`
    WITH held AS MATERIALIZED (
      SELECT account_id FROM grants WHERE client_id = ANY (${apps.clientIds}::text[]) AND revoked_at IS NULL AND expires_at > ${now}
         AND jsonb_exists_any(coalesce(payload::jsonb->'resources', '{}'), ${spellings}::text[]))
    SELECT (SELECT count(*) FROM held) AS connections,
           (SELECT count(*) FROM (
              SELECT account_id FROM held UNION
              SELECT account_id FROM consents
               WHERE client_id = ANY (${apps.clientIds}::text[]) AND resource = ${apps.resource}
                 AND (until IS NULL OR until > ${now})
                 AND (unused_seconds IS NULL
                      OR coalesce(last_used_at, granted_at) + make_interval(secs => unused_seconds) > ${now})) AS one
           ) AS people`;
  return { people: Number(row?.people ?? 0), connections: Number(row?.connections ?? 0) };
}

/**
 * For a change that says why: ends the live grants of these apps that hold nothing but this API. What else an app was
 * let in to is between it and its people. Answers how many there were.
 */
export async function endGrantsForApi(tx: Platform, apps: AppsAtApi): Promise<number> {
  const { db, clock } = tx;
  const spellings = await spellingsOf(tx, apps);
  if (spellings.length === 0) return 0;
  const now = clock.now();
  return db.$executeRaw`
    UPDATE grants SET revoked_at = ${now}
     WHERE client_id = ANY (${apps.clientIds}::text[]) AND revoked_at IS NULL AND expires_at > ${now}
       AND jsonb_exists_any(coalesce(payload::jsonb->'resources', '{}'), ${spellings}::text[])
       AND NOT EXISTS (SELECT FROM json_object_keys(payload->'resources') key WHERE key <> ALL (${spellings}::text[]))
       AND string_to_array(coalesce(payload->'openid'->>'scope', ''), ' ') <@ ARRAY['openid', 'offline_access']`;
}

/** A handful at most, whatever the number of grants. */
async function spellingsOf({ db, clock }: Platform, { clientIds, means }: AppsAtApi): Promise<string[]> {
  const rows = await db.$queryRaw<{ key: string }[]>`
    SELECT DISTINCT key FROM grants, json_object_keys(coalesce(payload->'resources', '{}')) key
     WHERE client_id = ANY (${clientIds}::text[]) AND revoked_at IS NULL AND expires_at > ${clock.now()} LIMIT 1000`;
  return rows.map(({ key }) => key).filter(means);
}
