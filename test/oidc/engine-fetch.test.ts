import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { engineFetch } from '../../src/oidc/engine-fetch.ts';
import { clockAt } from '../support/clock.ts';
import { silentLog } from '../support/platform.ts';

describe('what the engine fetches', () => {
  const seen: { method: string; body: string; type: string; agent: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { 'content-type': type = '', 'user-agent': agent = '' } = request.headers;
    seen.push({ method: String(request.method), body, type, agent });
    if (request.method === 'POST') response.writeHead(204).end();
    else response.writeHead(200, { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }).end('{"keys":[]}');
  });
  let origin: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  function fetchAllowed(allowed: string) {
    const loaded = loadConfig({ OUTBOUND_ALLOW: allowed });
    if (!loaded.ok) throw new Error('the configuration is wrong');
    return engineFetch({ config: loaded.config, clock: clockAt(), log: silentLog });
  }

  it('comes in the shape of fetch, with what the engine reads of the headers', async () => {
    const response = await fetchAllowed(origin)(`${origin}/jwks`, {
      headers: { accept: 'application/json' },
    });
    expect([response.status, response.headers.get('cache-control'), await response.json()]).toEqual([
      200,
      'max-age=60',
      { keys: [] },
    ]);
    expect(response.headers.has('set-cookie')).toBe(false);
  });

  it('posts logout tokens', async () => {
    const response = await fetchAllowed(origin)(`${origin}/logout`, {
      method: 'POST',
      headers: new Headers({ 'content-type': 'application/x-www-form-urlencoded', 'user-agent': '' }),
      body: new URLSearchParams({ logout_token: 'abc' }),
    });
    expect(response.status).toBe(204);
    expect(seen.at(-1)).toEqual({
      method: 'POST',
      body: 'logout_token=abc',
      type: 'application/x-www-form-urlencoded',
      agent: 'Gatehouse',
    });
  });

  it('is refused where nobody allowed it, before any connection', async () => {
    const before = seen.length;
    await expect(fetchAllowed('https://elsewhere.example')(`${origin}/jwks`)).rejects.toThrow('https');
    expect(seen.length).toBe(before);
  });
});
