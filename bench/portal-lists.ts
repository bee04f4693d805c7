import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dayOf, slotOf } from '../src/developers/insights/request-rows.ts';
import { openGatehouse } from './support/contenders.ts';
import { describeMachine } from './support/cpu.ts';
import { openConnections } from './support/http.ts';
import { signedInBrowser } from './support/people.ts';
import { markdownTable, percentile, short } from './support/statistics.ts';

/**
 * How long the server takes for the pages of the portal that list something, with 1,000 organizations, 10,000 apps and
 * millions of rows in the request log. `node bench/portal-lists.ts [--rows N] [--times N]`
 */
async function main(): Promise<void> {
  const { rows, times } = readOptions();
  const gatehouse = await openGatehouse();
  try {
    const { client: database } = gatehouse.database;
    const home = await homeOf(gatehouse);
    await fill(database, home, rows);
    // The person signed in a moment ago, and a one-time code works once.
    await sleep(30_500 - (Date.now() % 30_000));
    const cookie = await signedInBrowser(gatehouse.target);
    const connections = openConnections(gatehouse.target.place, 1);
    const lines: Record<string, string>[] = [];
    for (const path of pagesOf(home, gatehouse.target.web.id)) {
      lines.push(await timesOf(connections, { path, cookie, times }));
    }
    connections.close();
    process.stdout.write(`${JSON.stringify(describeMachine())}\n${markdownTable(lines)}\n`);
  } finally {
    await gatehouse.close();
  }
}

type Gatehouse = Awaited<ReturnType<typeof openGatehouse>>;
type Database = Gatehouse['database']['client'];

interface Home {
  readonly organizationId: string;
  readonly apiId: string;
  readonly clientId: string;
}

function readOptions(): { rows: number; times: number } {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '5000000' }, times: { type: 'string', default: '40' } },
  });
  return { rows: Number(values.rows), times: Number(values.times) };
}

/** The organization whose owner looks at everything. */
async function homeOf({ target, database }: Gatehouse): Promise<Home> {
  const { rows } = await database.client.query<Home>(
    `SELECT c.organization_id AS "organizationId", c.id AS "clientId", a.id AS "apiId"
       FROM clients c JOIN apis a ON a.organization_id = c.organization_id AND a.client_id = $2 WHERE c.id = $1`,
    [target.web.id, target.api.id],
  );
  const [home] = rows;
  if (!home) throw new Error('the seed is not there');
  return home;
}

const ORGANIZATIONS = 1_000;
const APPS = 10_000;
/** Of them in the organization that is looked at; the log is of its one busy app for a fifth. */
const APPS_HERE = 1_000;

async function fill(database: Database, home: Home, rows: number): Promise<void> {
  const { organizationId, apiId, clientId } = home;
  const note = (what: string) => process.stderr.write(`${what}\n`);
  note('organizations, apps, APIs, accesses');
  await database.query(
    `INSERT INTO organizations (id, name, created_at)
     SELECT gen_random_uuid(), 'Company ' || n, now() FROM generate_series(1, ${ORGANIZATIONS}) n`,
  );
  await database.query(
    `WITH places AS (SELECT id, row_number() OVER () AS n FROM organizations WHERE id <> $1)
     INSERT INTO clients (id, organization_id, name, type, auth_method, redirect_uris, post_logout_redirect_uris, scopes,
                          resources, created_at, updated_at)
     SELECT 'app_' || rpad(translate(md5(n::text), '01l', 'xyz'), 20, 'a'),
            CASE WHEN n <= ${APPS_HERE} THEN $1 ELSE (SELECT id FROM places p WHERE p.n = i.n % ${ORGANIZATIONS} + 1) END,
            'App ' || n, 'web', 'client_secret_basic', '{https://app.example.com/callback}', '{}', '{}', '{}', now(), now()
       FROM generate_series(1, ${APPS}) i(n)`,
    [organizationId],
  );
  await database.query(
    `WITH made AS (
       INSERT INTO apis (id, client_id, organization_id, identifier, name, token_format, created_at)
       SELECT gen_random_uuid(), 'api_' || rpad(translate(md5(o.id::text), '01l', 'xyz'), 20, 'a'), o.id,
              'https://' || o.id || '.example', 'API of ' || o.name, 'opaque', now()
         FROM organizations o WHERE o.id <> $1 RETURNING id),
     scoped AS (
       INSERT INTO scopes (api_id, name, description, kind, sensitivity, optional)
       SELECT id, 'notes:read', 'Read your notes', 'read', 'basic', false FROM made)
     INSERT INTO api_openings (id, api_id, kind, scopes, created_at)
     SELECT gen_random_uuid(), id, 'all', '{notes:read}', now() FROM made`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO accesses (id, client_id, api_id, scopes, origin, created_at)
     SELECT gen_random_uuid(), id, $1, '{calendar:read}', 'operator', now() FROM clients WHERE organization_id <> $2`,
    [apiId, organizationId],
  );
  note('audit events');
  await database.query(
    `INSERT INTO audit_events (id, at, actor_kind, actor_id, action, target_kind, target_id, request_id, details, digest)
     SELECT gen_random_uuid(), now() - n * interval '1 minute', 'account', gen_random_uuid()::text, 'client.changed',
            'client', id, NULL, '{}', sha256(n::text::bytea)
       FROM clients, generate_series(1, 30) n`,
  );
  await fillLog(database, clientId, rows, note);
  note('analyze');
  await database.query('ANALYZE');
}

/** A week of calls, one in twenty of them refused. */
async function fillLog(
  database: Database,
  clientId: string,
  rows: number,
  note: (what: string) => void,
): Promise<void> {
  const now = Date.now();
  for (let back = 0; back < 7; back += 1) {
    const at = new Date(now - back * 86_400_000);
    note(`request log, ${back} days ago`);
    const here = `date_trunc('day', $2::timestamptz) + random() * ($2::timestamptz - date_trunc('day', $2::timestamptz))`;
    await database.query(
      `INSERT INTO request_log (slot, at, client_id, lane, status, micros, request_id, grant_type, error, facts)
       SELECT $1::smallint, ${here},
              CASE WHEN n % 5 = 0 THEN $3 ELSE ids.list[1 + n % array_length(ids.list, 1)] END,
              ((n % 6) * 2 + CASE WHEN n % 20 = 0 THEN 1 ELSE 0 END)::smallint, CASE WHEN n % 20 = 0 THEN 400 ELSE 200 END,
              (random() * 20000)::int, gen_random_uuid()::text, 'authorization_code',
              CASE WHEN n % 20 = 0 THEN 'invalid_grant' END, CASE WHEN n % 20 = 0 THEN '{}' END
         FROM generate_series(1, ${Math.ceil(rows / 7)}) n, (SELECT array_agg(id) AS list FROM clients) ids`,
      [slotOf(dayOf(at)), at, clientId],
    );
  }
  await database.query(
    `INSERT INTO usage_hours (client_id, hour, endpoint, error, requests, tokens, buckets)
     SELECT $1, date_trunc('hour', now()) - h * interval '1 hour', endpoint, error, 100, 50, array_fill(10, ARRAY[24])
       FROM generate_series(1, 24 * 90) h, unnest('{token,introspection,authorization}'::text[]) endpoint,
            unnest('{"",invalid_grant,invalid_client}'::text[]) error`,
    [clientId],
  );
}

function pagesOf({ organizationId, apiId }: Home, clientId: string): string[] {
  const home = `/developers/organizations/${organizationId}`;
  const app = `${home}/apps/${clientId}`;
  const api = `${home}/apis/${apiId}`;
  return [
    ...[home, `${home}/apps`, `${home}/apis`, `${home}/catalogue`, `${home}/members`, `${home}/activity`],
    ...[`${app}/requests`, `${app}/requests?error=invalid_grant`, `${app}/requests?result=failed`],
    ...[`${app}/usage`, `${app}/checks`, `${app}/access`],
    ...[`${api}/requests`, `${api}/usage`, `${api}/accesses`, `${api}/access-requests`, `${api}/checks`],
  ];
}

async function timesOf(
  connections: ReturnType<typeof openConnections>,
  { path, cookie, times }: { path: string; cookie: string; times: number },
): Promise<Record<string, string>> {
  const taken: number[] = [];
  let status = 0;
  for (let turn = 0; turn < times + 5; turn += 1) {
    const begun = performance.now();
    const answer = await connections.send({ method: 'GET', path, headers: { cookie } });
    if (turn >= 5) taken.push(performance.now() - begun);
    status = answer.status;
  }
  const page = path.replaceAll(/[0-9a-f-]{36}|app_\w+/g, '…');
  return {
    page,
    status: String(status),
    'p50 ms': short(percentile(taken, 0.5)),
    'p95 ms': short(percentile(taken, 0.95)),
  };
}

await main();
