import { parseArgs } from 'node:util';
import { listRequests, type RequestFilter } from '../src/developers/insights/request-search.ts';
import { dayOf, SLOTS } from '../src/developers/insights/request-rows.ts';
import { describeMachine } from './support/cpu.ts';
import { watchDatabase } from './support/database.ts';
import { newInstallation } from './support/installation.ts';
import { markdownTable, percentile, short } from './support/statistics.ts';

/**
 * How long the lists of the request inspector take with many rows: one app has made half of all calls, a thousand others
 * the rest, over eight days; one call in fifty failed. See README.md.
 * `node bench/request-list.ts [--rows 5000000]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '5000000' } } });
  const installation = await newInstallation();
  await installation.startProcess();
  const platform = await installation.openPlatform();
  const database = await watchDatabase(installation.dataDir);
  try {
    await database.client.query(FILL, [Number(values.rows), dayOf(platform.clock.now()), SLOTS]);
    await database.client.query('ANALYZE request_log');
    const now = platform.clock.now().getTime();
    const middle = new Date(now - 4 * 86_400_000);
    const { rows } = await database.client.query<{ request_id: string }>(
      'SELECT request_id FROM request_log WHERE client_id = $1 AND at < $2 LIMIT 1',
      [BUSY, middle],
    );
    const requestId = String(rows[0]?.request_id);
    const before = `${middle.getTime()}-1`;
    const cases: Record<string, [string, RequestFilter, string?]> = {
      'the latest of the busiest app': [BUSY, {}],
      'far behind': [BUSY, {}, before],
      'refused only': [BUSY, { result: 'failed' }],
      'an endpoint it never calls': [BUSY, { endpoint: 'end_session' }],
      'a frequent error': [BUSY, { error: 'invalid_grant' }],
      'an error it never had': [BUSY, { error: 'invalid_target' }],
      'a time without calls': [BUSY, { until: new Date(now - 7.9 * 86_400_000), result: 'failed' }],
      'one request id': [BUSY, { requestId }],
      'a request id of nobody': [BUSY, { requestId: 'nobody-has-this-one' }],
      'the latest of a small app': ['app_00000000000000000007', {}],
    };
    const table = [];
    for (const [name, [client, filter, from]] of Object.entries(cases)) {
      const times: number[] = [];
      for (let run = 0; run < 60; run += 1) {
        const began = performance.now();
        await listRequests(platform, client, filter, { before: from, limit: 20 });
        times.push(performance.now() - began);
      }
      const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map(short);
      table.push({
        list: name,
        'p50, ms': p50 ?? '',
        'p99, ms': p99 ?? '',
        'first, ms': short(times[0] ?? 0),
      });
    }
    const facts = { ...describeMachine(), postgresql: database.version, rows: values.rows };
    process.stdout.write(`${JSON.stringify(facts)}\n\n${markdownTable(table)}\n`);
  } finally {
    await database.close();
    await platform.close();
    await installation.close();
  }
}

const BUSY = 'app_22222222222222222222';

/** Calls spread over eight days back from the end of today; every second one of the busy app. */
const FILL = `
  INSERT INTO request_log (slot, at, client_id, lane, status, micros, request_id, grant_type, error)
  SELECT ($2::int - made.day) % $3::int, to_timestamp(($2::int - made.day) * 86400 + made.second),
         CASE WHEN made.n % 2 = 0 THEN '${BUSY}' ELSE 'app_' || lpad((made.n % 1000)::text, 20, '0') END,
         CASE WHEN made.n % 50 = 0 THEN 5 ELSE (ARRAY[4, 6, 10])[1 + made.n % 3] END,
         CASE WHEN made.n % 50 = 0 THEN 400 ELSE 200 END, 4000, gen_random_uuid()::text, NULL,
         CASE WHEN made.n % 50 = 0 THEN 'invalid_grant' END
    FROM (SELECT n, (n % 8)::int AS day, (n::float8 / $1 * 86399)::int AS second FROM generate_series(1, $1::int) n) made`;

await main();
