import { createServer } from 'node:http';
import { type AddressInfo, createServer as createListener, type Server as Listener } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { engineFetch } from '../../src/oidc/engine-fetch.ts';
import { aSigningKey, asParams, assertionClaims, signed } from '../support/assertions.ts';
import { clockAt } from '../support/clock.ts';
import { silentLog } from '../support/platform.ts';
import { newApp } from '../support/world.ts';
import { openStage, post, type Stage } from './stage.ts';

describe('what the engine fetches', () => {
  const seen: { method: string; body: string; type: string; agent: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { 'content-type': type = '', 'user-agent': agent = '' } = request.headers;
    seen.push({ method: String(request.method), body, type, agent });
    if (request.method === 'POST') response.writeHead(204).end();
    else
      response
        .writeHead(200, {
          'cache-control': 'public, max-age=31536000',
          expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
          'set-cookie': 'a=b',
        })
        .end('{"keys":[]}');
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
      'max-age=300',
      { keys: [] },
    ]);
    expect([...response.headers.keys()]).toEqual(['cache-control']);
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

describe('the keys of an app at an address of its own', () => {
  const key = aSigningKey();
  let fetches = 0;
  const keyServer = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [key.jwk] }));
  });
  let knocks = 0;
  const inside = createListener((socket) => {
    knocks += 1;
    socket.destroy();
  });
  let stage: Stage;

  beforeAll(async () => {
    for (const server of [keyServer, inside])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stage = await openStage({ outboundAllow: [`http://127.0.0.1:${portOf(keyServer)}`] });
  });
  afterAll(async () => {
    await stage.server.stop();
    keyServer.close();
    inside.close();
  });

  /** As a row might stand there, whatever was judged when it was written. */
  async function signingAt(jwksUri: string): Promise<number> {
    const { platform } = stage.server;
    const { clientId } = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    await platform.db.client.update({
      where: { id: clientId },
      data: { authMethod: 'private_key_jwt', jwksUri },
    });
    const assertion = signed(key, assertionClaims(clientId, stage.issuer, {}));
    const params = { grant_type: 'client_credentials', ...asParams(assertion) };
    return (await post(stage, '/token', undefined, params)).status;
  }

  it('are fetched for a token request, once for many', async () => {
    expect(await signingAt(`http://127.0.0.1:${portOf(keyServer)}/jwks`)).toBe(200);
    expect(fetches).toBe(1);
  });

  it('are not fetched from inside, however the address is written: nobody there sees a connection', async () => {
    const port = portOf(inside);
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:7f00:1]', '[::1]', '0'])
      expect([host, await signingAt(`https://${host}:${port}/jwks`)]).toEqual([host, 401]);
    expect(await signingAt(`http://127.0.0.1:${port}/jwks`)).toBe(401);
    expect(knocks).toBe(0);
  });
});

const portOf = (server: Listener) => (server.address() as AddressInfo).port;
