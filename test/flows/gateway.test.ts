import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { nginxConfig } from '../../src/developers/support/gateway-configs.ts';
import { issued, openStage, post, type Stage, tokensFor } from '../oidc/stage.ts';
import { findNginx, type RunningNginx, startNginx } from '../support/nginx.ts';
import { freePort } from '../support/server.ts';
import { type App, newApp, newOrganization, OPERATOR } from '../support/world.ts';

const program = findNginx();

it('has an nginx to test with', ({ skip }) => {
  if (program) return;
  if (process.env.CI)
    throw new Error('Install nginx: without it the gateway of examples/gateway is not tested.');
  skip('nginx is not installed, so the gateway of examples/gateway was not tested');
});

it('the example is what the portal shows', () => {
  const example = readFileSync(new URL('../../examples/gateway/gateway.conf', import.meta.url), 'utf8');
  const values = { issuer: 'https://id.example.com', clientId: '', apiHost: '' };
  const shown = nginxConfig({ ...values, listen: '127.0.0.1:8080', upstream: 'http://127.0.0.1:4001' });
  expect(example.split('\n').slice(1).join('\n')).toBe(shown);
});

describe.skipIf(!program)('a real nginx in front of an API', () => {
  let stage: Stage;
  let api: Server;
  let nginx: RunningNginx;
  let gateway: string;
  let web: App;
  let token: string;
  const arrived: IncomingMessage[] = [];
  beforeAll(async () => {
    stage = await openStage();
    api = createServer((req, res) => {
      arrived.push(req);
      res.writeHead(req.url?.startsWith('/teapot') ? 401 : 200, { 'X-Api': 'yes' }).end('from the API');
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const listen = `127.0.0.1:${await freePort()}`;
    const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const { clientId, secret } = stage.api;
    const config = nginxConfig({ issuer: stage.issuer, clientId, apiHost: '', listen, upstream });
    const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const credentials = `proxy_set_header Gatehouse-Api "Basic ${basic}";\n`;
    gateway = `http://${listen}`;
    nginx = await startNginx(String(program), { config, credentials, url: gateway });
    web = await newApp(stage.server.platform, stage.api, { firstParty: true });
    token = (await tokensFor(stage, web)).access_token;
  });
  afterAll(async () => {
    await nginx?.stop();
    api?.close();
    await stage?.server.stop();
  });

  /** With a path exactly as it is written. */
  function call(path: string, { method = 'GET', headers = {} as Record<string, string> } = {}) {
    const { hostname, port } = new URL(gateway);
    return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>(
      (resolve, reject) => {
        const sent = request({ hostname, port, path, method, headers }, async (answer) => {
          let text = '';
          for await (const chunk of answer.setEncoding('utf8')) text += chunk;
          resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers });
        });
        sent.on('error', reject);
        sent.end();
      },
    );
  }
  const bearer = (value = token) => ({ Authorization: `Bearer ${value}` });

  it('lets a call through as it was sent, with whose it is in headers', async () => {
    arrived.length = 0;
    const answer = await call('/notes/a%20b?page=2&x=%2F', { headers: bearer() });
    expect(answer).toMatchObject({ status: 200, text: 'from the API' });
    const [seen] = arrived;
    expect(seen?.url).toBe('/notes/a%20b?page=2&x=%2F');
    expect(seen?.headers['gatehouse-subject']).toMatch(/^[\w-]{43}$/);
    expect(seen?.headers).toMatchObject({
      'gatehouse-client': web.clientId,
      'gatehouse-scope': 'notes:read',
    });
    expect(seen?.headers.authorization).toBeUndefined();
    expect(seen?.headers['gatehouse-api']).toBeUndefined();
  });

  it('lets nobody say themselves who they are, or what is called', async () => {
    const machine = await newApp(stage.server.platform, stage.api, {
      type: 'machine',
      scopes: ['notes:read'],
    });
    const answer = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
    arrived.length = 0;
    const headers = {
      ...bearer(issued(answer).access_token),
      'Gatehouse-Subject': 'somebody-else',
      'gatehouse-scope': 'notes:admin',
      'Gatehouse-Client': 'app_other',
      Gatehouse_Subject: 'somebody-else',
      'X-Original-URI': '/harmless',
      'X-Original-Method': 'GET',
      'X-HTTP-Method-Override': 'DELETE',
      'X-Rewrite-URL': '/admin',
    };
    expect((await call('/notes', { headers })).status).toBe(200);
    const [seen] = arrived;
    expect(seen?.headers['gatehouse-subject']).toBeUndefined();
    expect(seen?.headers).toMatchObject({
      'gatehouse-client': machine.clientId,
      'gatehouse-scope': 'notes:read',
    });
    expect(JSON.stringify(seen?.rawHeaders)).not.toMatch(/somebody-else|notes:admin|DELETE|\/admin/);
    expect((await call('/notes', { method: 'DELETE', headers })).status).toBe(403);
    const credentials = { ...headers, 'Gatehouse-Api': 'Basic eDp5' };
    expect((await call('/notes', { headers: credentials })).status).toBe(200);
  });

  it('turns away who has no live token, and says how to come by one', async () => {
    arrived.length = 0;
    const none = await call('/notes');
    expect(none.status).toBe(401);
    expect(none.headers['www-authenticate']).toBe('Bearer');
    const dead = await call('/notes', { headers: bearer('gate_access_nonsense') });
    expect(dead.status).toBe(401);
    expect(dead.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/);
    expect(JSON.parse(dead.text)).toMatchObject({ error: 'token-invalid' });
    expect(arrived).toEqual([]);
  });

  it('turns away whose scopes are not enough, and names the one that is missing', async () => {
    const answer = await call('/notes', { method: 'POST', headers: bearer() });
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="notes:write"/);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'insufficient-scope' });
  });

  it.each(['/a/../b', '/a//b', '/a%2fb', '/a;b', '/%61', '/a/%2e%2e/b', '/a%00', '/..%2f'])(
    'turns away %s before the API sees it',
    async (path) => {
      arrived.length = 0;
      expect([400, 403]).toContain((await call(path, { headers: bearer() })).status);
      expect(arrived).toEqual([]);
    },
  );

  it('leaves what the API itself answers as it is', async () => {
    const answer = await call('/teapot', { headers: bearer() });
    expect(answer).toMatchObject({ status: 401, text: 'from the API' });
  });

  it('maps a rate that is used up back to 429, with the time to wait', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Guests');
    const guest = await newApp(platform, stage.api, {
      organizationId,
      type: 'machine',
      scopes: ['notes:read'],
    });
    const access = {
      apiIdentifier: stage.api.identifier,
      origin: 'operator',
      scopes: ['notes:read'],
    } as const;
    await grantAccess(platform, OPERATOR, { ...access, clientId: guest.clientId, requestsPerMinute: 5 });
    const params = { grant_type: 'client_credentials' };
    const headers = bearer(issued(await post(stage, '/token', guest, params)).access_token);
    const answers = [];
    for (let calls = 0; calls < 12; calls += 1) answers.push(await call('/notes', { headers }));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const { status, headers: given, text } of refused) {
      expect(status).toBe(429);
      expect(Number(given['retry-after'])).toBeGreaterThan(0);
      expect(Number(given['retry-after'])).toBeLessThanOrEqual(60);
      expect(JSON.parse(text)).toMatchObject({ error: 'rate' });
    }
    await suspendClient(platform, OPERATOR, guest.clientId);
    await sleep(700);
    const suspended = await call('/notes', { headers });
    expect([suspended.status, JSON.parse(suspended.text)]).toMatchObject([
      403,
      { error: 'client-suspended' },
    ]);
  });
});
