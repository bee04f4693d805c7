import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../../src/main.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTestServer } from '../../support/server.ts';

let database: TestDatabase;
let server: RunningServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ database });
});
afterAll(() => server.stop());

const ask = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${server.metricsPort}${path}`, { method });

describe('the metrics port', () => {
  it('says that the process lives and can do its work', async () => {
    expect((await ask('/healthz')).status).toBe(200);
    const ready = await ask('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, reasons: [] });
    expect((await ask('/readyz', 'HEAD')).status).toBe(200);
  });

  it('counts requests by route and never by path', async () => {
    await fetch(`${server.url}/`);
    await fetch(`${server.url}/interaction/CANARY?x=CANARY`);
    await fetch(`${server.url}/CANARY`);
    const text = await (await ask('/metrics')).text();
    expect(text).toContain(
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/",http_response_status_code="200"} 1',
    );
    expect(text).toContain('db_client_connection_count{db_client_connection_state="idle"}');
    expect(text).not.toContain('CANARY');
  });

  it('serves nothing else, and is not served on the public port', async () => {
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/constructor')).status).toBe(404);
    expect((await ask('/readyz', 'POST')).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(404);
  });

  it('says so when the database is away, and lives on', async () => {
    await database.drop();
    const ready = await ask('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      ready: false,
      reasons: ['the database does not answer'],
    });
    expect((await ask('/healthz')).status).toBe(200);
    expect((await fetch(`${server.url}/.well-known/openid-configuration`)).status).toBe(200);
  });
});
