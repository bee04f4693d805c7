/**
 * Fragments of SQL for the statements that have to see suspensions anyway (decision 17): no read asks twice. `now` is a
 * parameter of the statement, such as `$2`. They say the same as effectOf() of ladder.ts.
 */

function stops(s: string, now: string): string {
  return `${s}.ended_at IS NULL AND NOT ${s}.dry_run AND (${s}.state = 'human' OR ${s}.paused_until > ${now})`;
}

/** A condition: this client, or all of its organization, may do nothing at present. */
export function clientIsSuspended(client: string, organization: string, now: string): string {
  return `(EXISTS (SELECT FROM suspensions s WHERE s.kind = 'client' AND s.client_id = ${client} AND ${stops('s', now)})
    OR ${organizationIsSuspended(organization, now)})`;
}

/** A condition: this API, or all of its organization, may do nothing at present. */
export function apiIsSuspended(api: string, organization: string, now: string): string {
  return `(EXISTS (SELECT FROM suspensions s WHERE s.kind = 'api' AND s.api_id = ${api} AND ${stops('s', now)})
    OR ${organizationIsSuspended(organization, now)})`;
}

function organizationIsSuspended(organization: string, now: string): string {
  return `EXISTS (SELECT FROM suspensions s
     WHERE s.kind = 'organization' AND s.organization_id = ${organization} AND ${stops('s', now)})`;
}

/** A condition: nobody signs in as this account at present, and none of its sessions counts. */
export function accountIsSuspended(account: string, now: string): string {
  return `EXISTS (SELECT FROM suspensions s WHERE s.kind = 'account' AND s.account_id = ${account} AND ${stops('s', now)})`;
}

/** A value: every suspension in the way of a client at an API as JSON, for decideAccess, which knows the time. */
export function suspensionsBetween(
  { client, organization: clientOrganization }: { client: string; organization: string },
  { api, organization: apiOrganization }: { api: string; organization: string },
): string {
  return `
    (SELECT coalesce(json_agg(json_build_object('kind', s.kind, 'state', s.state, 'level', s.level,
                       'stateSince', ${milliseconds('s.state_since')}, 'pausedUntil', ${milliseconds('s.paused_until')},
                       'until', ${milliseconds('s.until')}) ORDER BY s.id), '[]')
       FROM suspensions s
      WHERE s.ended_at IS NULL AND NOT s.dry_run AND (
            (s.client_id = ${client} AND (s.kind = 'client' OR (s.kind LIKE 'access%' AND s.api_id = ${api})))
         OR (s.kind = 'api' AND s.api_id = ${api})
         OR (s.kind = 'organization' AND s.organization_id IN (${clientOrganization}, ${apiOrganization}))))`;
}

function milliseconds(instant: string): string {
  return `extract(epoch FROM ${instant}) * 1000`;
}
