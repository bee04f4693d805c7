import { LIVE_DIGESTS } from '../../clients/registered-client.ts';
import type { Statement } from '../../../platform/database/statements.ts';
import { PUBLIC_ID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type ApiRoute, type RouteTable, routeTable } from './route-table.ts';

/** An API whose gateway asks: what it proves itself with, and its routes. */
export interface CheckingApi {
  readonly id: string;
  readonly clientId: string;
  readonly organizationId: string;
  /** Null until its host is proven: there are no tokens for it. */
  readonly identifier: string | null;
  readonly secretDigests: Buffer[];
  /** Undefined while nothing is listed. */
  readonly table: RouteTable | undefined;
}

/** Loads an API with its routes by its client_id in one statement; undefined where it has none. */
export async function loadCheckingApi(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
): Promise<CheckingApi | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const [row] = await sql.run<CheckingRow>(CHECKING_API, [clientId, clock.now()]);
  if (!row) return undefined;
  const { routes, ...api } = row;
  return { ...api, table: tableOf(clientId, routes) };
}

type CheckingRow = Omit<CheckingApi, 'table'> & { routes: string };

const CHECKING_API: Statement = {
  name: 'find_checking_api',
  reads: true,
  text: `
    SELECT a.id, a.client_id AS "clientId", a.organization_id AS "organizationId", a.identifier, ${LIVE_DIGESTS},
           (SELECT coalesce(json_agg(json_build_object('method', r.method, 'path', r.path, 'scopes', r.scopes)
                                     ORDER BY r.id), '[]') FROM api_routes r WHERE r.api_id = a.id)::text AS routes
      FROM apis a
     WHERE a.client_id = $1`,
};

/** Tables by client id, made anew only when the routes have changed; beyond so many the one made longest ago goes. */
const tables = new Map<string, { readonly routes: string; readonly table: RouteTable | undefined }>();
const MOST_TABLES = 500;

function tableOf(clientId: string, routes: string): RouteTable | undefined {
  const known = tables.get(clientId);
  if (known?.routes === routes) return known.table;
  const listed = JSON.parse(routes) as ApiRoute[];
  const table = listed.length > 0 ? routeTable(listed) : undefined;
  tables.delete(clientId);
  tables.set(clientId, { routes, table });
  const [oldest] = tables.keys();
  if (tables.size > MOST_TABLES && oldest !== undefined) tables.delete(oldest);
  return table;
}
