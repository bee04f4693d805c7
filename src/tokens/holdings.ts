import type { Platform } from '../platform/platform.ts';

/** What a person allowed a client somewhere. */
export interface Holding {
  readonly accountId: string;
  readonly clientId: string;
  /** An API as the request or the consent spells it; identity alone is nowhere. */
  readonly resource: string;
}

/** What ended in the transaction that is told of still counts: its moment lies a little before the event's. */
const JUST_NOW_SECONDS = 60;

/** At which APIs clients held something of an account at that moment: by a consent, or a grant that lived or just ended. */
export async function holdingsOf({ db }: Platform, accountId: string, at: Date): Promise<Holding[]> {
  return db.$queryRaw<Holding[]>`
    SELECT account_id::text AS "accountId", client_id AS "clientId", resource FROM consents
     WHERE account_id = ${accountId}::uuid AND resource <> '' AND (until IS NULL OR until > ${at})
       AND (unused_seconds IS NULL OR coalesce(last_used_at, granted_at) + make_interval(secs => unused_seconds) > ${at})
     UNION
    SELECT account_id::text, client_id, json_object_keys(coalesce(payload->'resources', '{}')) FROM grants
     WHERE account_id = ${accountId}::uuid AND expires_at > ${at}
       AND (revoked_at IS NULL OR revoked_at >= ${at}::timestamptz - make_interval(secs => ${JUST_NOW_SECONDS}))`;
}

/** The same of one browser session, from the grants that were given in it. */
export async function holdingsOfSession(
  { db }: Platform,
  browserSessionId: string,
  at: Date,
): Promise<Holding[]> {
  return db.$queryRaw<Holding[]>`
    SELECT DISTINCT account_id::text AS "accountId", client_id AS "clientId",
           json_object_keys(coalesce(payload->'resources', '{}')) AS resource FROM grants
     WHERE browser_session_id = ${browserSessionId}::uuid AND expires_at > ${at}
       AND (revoked_at IS NULL OR revoked_at >= ${at}::timestamptz - make_interval(secs => ${JUST_NOW_SECONDS}))`;
}
