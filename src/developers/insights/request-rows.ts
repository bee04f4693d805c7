import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { CALL_ENDPOINTS, type CallEndpoint } from './protocol-call.ts';

/** One row of the request log on its way into the table. */
export interface NewRequestRow {
  readonly at: Date;
  readonly clientId: string;
  readonly lane: number;
  readonly status: number;
  readonly micros: number;
  readonly requestId: string;
  readonly grantType: string | null;
  readonly error: string | null;
  readonly facts: string | null;
}

const DAY = 86_400_000;
/** Days that are kept whole, besides today. */
export const DAYS_KEPT = 7;
/** Today, the days kept, and one that is being emptied for tomorrow. */
export const SLOTS = DAYS_KEPT + 2;

/** Days since 1970, UTC. */
export function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY);
}

export function slotOf(day: number): number {
  return day % SLOTS;
}

export function startOfDay(day: number): Date {
  return new Date(day * DAY);
}

/** Endpoint and outcome in one number: even for what went well. */
export function laneOf(endpoint: CallEndpoint, failed: boolean): number {
  return CALL_ENDPOINTS.indexOf(endpoint) * 2 + Number(failed);
}

export function endpointOfLane(lane: number): CallEndpoint {
  return CALL_ENDPOINTS[lane >> 1] ?? 'token';
}

const COLUMNS = 'slot, at, client_id, lane, status, micros, request_id, grant_type, error, facts';

const ADD: Statement = {
  name: 'add_request_rows',
  text: `INSERT INTO request_log (${COLUMNS})
    SELECT * FROM unnest($1::smallint[], $2::timestamptz[], $3::text[], $4::smallint[], $5::smallint[], $6::integer[],
      $7::text[], $8::text[], $9::text[], $10::text[])`,
};

/** One statement, one commit. What cannot hold a quote or a comma is put together by hand: it is most of the work. */
export async function addRows({ sql }: Pick<Platform, 'sql'>, rows: readonly NewRequestRow[]): Promise<void> {
  const list = (plain: (row: NewRequestRow) => string | number) => `{${rows.map(plain).join(',')}}`;
  await sql.run(ADD, [
    list(({ at }) => slotOf(dayOf(at))),
    list(({ at }) => at.toISOString()),
    list(({ clientId }) => clientId),
    list(({ lane }) => lane),
    list(({ status }) => status),
    list(({ micros }) => micros),
    list(({ requestId }) => requestId),
    rows.map(({ grantType }) => grantType),
    rows.map(({ error }) => error),
    rows.map(({ facts }) => facts),
  ]);
}

/** The place among the day's unproven rows is counted and claimed in one statement; whoever comes second gets none. */
const ADD_UNPROVEN: Statement = {
  name: 'add_unproven_request_row',
  text: `INSERT INTO request_log (${COLUMNS}, fingerprint, ordinal)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, taken.count + 1
      FROM (SELECT count(*) FROM request_log WHERE slot = $1 AND client_id = $3 AND ordinal IS NOT NULL) taken
     WHERE taken.count < $12
    ON CONFLICT DO NOTHING`,
};

/** Written unless the day's share of the app is used up, or holds such a row already. */
export async function addUnprovenRow(
  { sql }: Pick<Platform, 'sql'>,
  row: NewRequestRow,
  fingerprint: Buffer,
  atMost: number,
): Promise<void> {
  const { at, clientId, lane, status, micros, requestId, grantType, error, facts } = row;
  const values = [at, clientId, lane, status, micros, requestId, grantType, error, facts];
  await sql.run(ADD_UNPROVEN, [slotOf(dayOf(at)), ...values, fingerprint, atMost]);
}
