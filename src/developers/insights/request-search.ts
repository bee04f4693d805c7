import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CallFacts } from './call-facts.ts';
import { CALL_ENDPOINTS, type CallEndpoint } from './protocol-call.ts';
import { DAYS_KEPT, dayOf, endpointOfLane, laneOf, startOfDay } from './request-rows.ts';

/** One call in the list. `key` names it within its app: the moment and the row, such as `1764288000000-4711`. */
export interface LoggedRequest {
  readonly key: string;
  readonly at: Date;
  readonly endpoint: CallEndpoint;
  readonly failed: boolean;
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId: string;
  readonly grantType: string | null;
  readonly error: string | null;
  /** False where the caller merely named the app. */
  readonly proven: boolean;
}

/** What to look for; what is left out is not asked for. */
export interface RequestFilter {
  readonly result?: 'ok' | 'failed' | undefined;
  readonly endpoint?: CallEndpoint | undefined;
  readonly error?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly requestId?: string | undefined;
}

export interface RequestPage {
  readonly requests: LoggedRequest[];
  /** Where the next page starts: pass it as `before`. Undefined on the last page. */
  readonly next?: string;
}

const COLUMNS =
  'r.at, r.id, r.lane, r.status, r.micros, r.request_id, r.grant_type, r.error, r.ordinal IS NULL AS proven';
/** Every lane is an index of its own in the index, already in order: what a page needs of each is read, and merged. */
const fromLanes = (more = '') => `
  SELECT found.* FROM unnest($2::smallint[]) AS lanes (lane) CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM request_log r
     WHERE r.client_id = $1 AND r.lane = lanes.lane AND r.at >= $3 AND (r.at, r.id) < ($4, $5) ${more}
     ORDER BY r.at DESC, r.id DESC LIMIT $6) found
   ORDER BY at DESC, id DESC LIMIT $6`;

const LIST: Statement = { name: 'list_requests', text: fromLanes() };
const LIST_ERROR: Statement = { name: 'list_requests_of_error', text: fromLanes('AND r.error = $7') };
const FIND_BY_ID: Statement = {
  name: 'find_requests_by_id',
  text: `SELECT ${COLUMNS} FROM request_log r
     WHERE r.client_id = $1 AND r.request_id = $7 AND r.lane = ANY ($2::smallint[])
       AND r.at >= $3 AND (r.at, r.id) < ($4, $5) AND ($8::text IS NULL OR r.error = $8)
     ORDER BY r.at DESC, r.id DESC LIMIT $6`,
};

const KEY = /^(\d{13})-(\d{1,18})$/;
const LAST_ROW = '9223372036854775807';

/** Calls of an app or API (its client id), the latest first, at most `limit` a page; those of the last seven days. */
export async function listRequests(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
  filter: RequestFilter = {},
  { before, limit = 50 }: { readonly before?: string | undefined; readonly limit?: number } = {},
): Promise<RequestPage> {
  const { requestId, error, since, until } = filter;
  const oldest = startOfDay(dayOf(clock.now()) - DAYS_KEPT);
  const from = since && since > oldest ? since : oldest;
  const start = startOf(before, until);
  const common = [clientId, lanesOf(filter), from, ...start, limit + 1];
  const rows = await (requestId !== undefined
    ? sql.run<RequestRow>(FIND_BY_ID, [...common, requestId, error ?? null])
    : error !== undefined
      ? sql.run<RequestRow>(LIST_ERROR, [...common, error])
      : sql.run<RequestRow>(LIST, common));
  const requests = rows.slice(0, limit).map(viewOf);
  const next = requests.at(-1)?.key;
  return rows.length > limit && next !== undefined ? { requests, next } : { requests };
}

function lanesOf({ result, endpoint }: RequestFilter): number[] {
  const endpoints = endpoint ? [endpoint] : CALL_ENDPOINTS;
  const outcomes = result === undefined ? [false, true] : [result === 'failed'];
  return endpoints.flatMap((one) => outcomes.map((failed) => laneOf(one, failed)));
}

/** Where reading starts, exclusively: behind the last page, or at the end of the time asked for. */
function startOf(before: string | undefined, until: Date | undefined): [at: Date, id: string] {
  const [, at, id] = KEY.exec(before ?? '') ?? [];
  const page: [Date, string] | undefined = at && id ? [new Date(Number(at)), id] : undefined;
  if (page && (!until || page[0] <= until)) return page;
  return [until ?? new Date(FAR_AWAY), LAST_ROW];
}

const FAR_AWAY = Date.UTC(2200, 0);

/** A call with what was asked and answered, as far as that was kept. */
export interface RequestDetail extends LoggedRequest {
  readonly facts: CallFacts | null;
}

const FIND: Statement = {
  name: 'find_request',
  text: `SELECT ${COLUMNS}, r.facts FROM request_log r
    WHERE r.client_id = $1 AND r.lane = ANY ($2::smallint[]) AND r.at = $3 AND r.id = $4 AND r.at >= $5`,
};

/** One call of this app or API; undefined where the key is that of another one's call, or of none. */
export async function findRequest(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
  key: string,
): Promise<RequestDetail | undefined> {
  const [, at, id] = KEY.exec(key) ?? [];
  if (!at || !id) return undefined;
  const oldest = startOfDay(dayOf(clock.now()) - DAYS_KEPT);
  const [row] = await sql.run<RequestRow & { facts: string | null }>(FIND, [
    clientId,
    lanesOf({}),
    new Date(Number(at)),
    id,
    oldest,
  ]);
  return row && { ...viewOf(row), facts: row.facts === null ? null : (JSON.parse(row.facts) as CallFacts) };
}

/** Looks through the latest only: among millions of another kind one of this kind may be days away. */
const LAST_GOOD: Statement = {
  name: 'find_last_good_request',
  text: `SELECT * FROM (
      SELECT ${COLUMNS}, r.facts FROM request_log r WHERE r.client_id = $1 AND r.lane = $2 AND r.at >= $3
       ORDER BY r.at DESC, r.id DESC LIMIT 5000) latest
     WHERE facts IS NOT NULL AND grant_type IS NOT DISTINCT FROM $4
     ORDER BY at DESC, id DESC LIMIT 1`,
};

/** The latest success of the same kind of which the request was kept, for comparing. */
export async function findLastGood(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
  { endpoint, grantType }: Pick<LoggedRequest, 'endpoint' | 'grantType'>,
): Promise<RequestDetail | undefined> {
  const oldest = startOfDay(dayOf(clock.now()) - DAYS_KEPT);
  const values = [clientId, laneOf(endpoint, false), oldest, grantType];
  const [row] = await sql.run<RequestRow & { facts: string | null }>(LAST_GOOD, values);
  return row && { ...viewOf(row), facts: row.facts === null ? null : (JSON.parse(row.facts) as CallFacts) };
}

interface RequestRow {
  at: Date;
  id: string;
  lane: number;
  status: number;
  micros: number;
  request_id: string;
  grant_type: string | null;
  error: string | null;
  proven: boolean;
}

function viewOf({
  at,
  id,
  lane,
  status,
  micros,
  request_id,
  grant_type,
  error,
  proven,
}: RequestRow): LoggedRequest {
  return {
    key: `${at.getTime()}-${id}`,
    at,
    endpoint: endpointOfLane(lane),
    failed: lane % 2 === 1,
    status,
    milliseconds: micros / 1000,
    requestId: request_id,
    grantType: grant_type,
    error,
    proven,
  };
}
