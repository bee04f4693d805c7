import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAccess } from '../../src/developers/access/access-ends.ts';
import { createApi } from '../../src/developers/apis/api.ts';
import { grantAccess } from '../../src/developers/access/access.ts';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { askCheck, type AskedCheck, type CheckReply } from '../support/ask-check.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import { introspected, issued, openStage, post, type Stage, type Tokens, tokensFor } from '../oidc/stage.ts';

const soon = () => sleep(600);

describe('the check for gateways', () => {
  let stage: Stage;
  let app: App;
  let tokens: Tokens;
  let service: string;
  let elsewhere: Notes;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    elsewhere = await newApi(platform, { identifier: 'https://calendar.example' });
    app = await newApp(platform, stage.api, { firstParty: true });
    tokens = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    const machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    service = issued(await post(stage, '/token', machine, { grant_type: 'client_credentials' })).access_token;
  });
  afterAll(() => stage.server.stop());

  const ask = (asked: AskedCheck = {}) =>
    askCheck(stage.issuer, { api: stage.api, token: tokens.access_token, ...asked });
  const reason = ({ headers }: CheckReply) => headers['gatehouse-reason'];

  it('lets a call through and says whose it is, as introspection does', async () => {
    const reply = await ask();
    const seen = JSON.parse(await introspected(stage, stage.api, tokens.access_token)) as Record<
      string,
      unknown
    >;
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(reply.headers).toMatchObject({
      'gatehouse-subject': seen.sub,
      'gatehouse-client': app.clientId,
      'gatehouse-scope': 'notes:read',
      'gatehouse-expires': String(seen.exp),
      'x-request-id': expect.any(String),
      'cache-control': 'no-store',
      'content-length': '0',
    });
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('names no person where an app came for itself, so that nobody else can', async () => {
    const reply = await ask({ token: service });
    expect(reply.status).toBe(200);
    expect(reply.headers['gatehouse-subject']).toBe('');
  });

  it('names scopes whole or not at all, however many there are and in whatever order they were asked for', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Many scopes');
    const long = Array.from(
      { length: 90 },
      (_, n) => `notes:${'x'.repeat(40)}:${String(n).padStart(2, '0')}`,
    );
    const filling = `notes:${'y'.repeat(34)}`;
    const names = ['notes:all', 'notes:all-of-mine', filling, ...long];
    const scopes = names.map((name) => ({ name, description: 'One of many' }));
    const input = { organizationId, identifier: 'https://many.example', name: 'Many', scopes };
    const made = await createApi(platform, OPERATOR, input);
    if (!made.ok) throw new Error(made.sentence);
    const api = { ...input, clientId: made.api.clientId, secret: made.issued.secret };
    // The room of 4,000 characters ends within a name, behind what is the name of another scope.
    const carried = [...long.slice(0, 79), filling, 'notes:all-of-mine', ...long.slice(79)];
    expect([...long.slice(0, 79), filling, 'notes:all'].join(' ')).toHaveLength(4_000);
    const machine = await newApp(platform, api, { type: 'machine', scopes: carried });
    const params = { grant_type: 'client_credentials', scope: carried.join(' ') };
    const { access_token: token } = issued(await post(stage, '/token', machine, params));
    const reply = await askCheck(stage.issuer, { api, token });
    expect(reply.status).toBe(200);
    const told = String(reply.headers['gatehouse-scope']).split(' ');
    expect(told.length).toBeGreaterThan(70);
    expect(told.filter((name) => !carried.includes(name))).toEqual([]);
  });

  it('takes the call from Traefik’s headers and from Envoy’s path as well', async () => {
    const bare = {
      headers: [
        ['X-Forwarded-Method', 'GET'],
        ['X-Forwarded-Uri', '/notes?page=2'],
      ],
    } as const;
    const traefik = await askCheck(stage.issuer, {
      ...{ api: stage.api, token: tokens.access_token },
      headers: [...bare.headers, ['X-Original-Method', ''], ['X-Original-URI', '']],
    });
    expect(reason(traefik)).toBe('gateway-request');
    const { clientId, secret } = stage.api;
    const only = {
      Authorization: `Bearer ${tokens.access_token}`,
      'Gatehouse-Api': `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
    };
    const forwarded = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/notes?page=2' };
    const answer = await fetch(`${stage.issuer}/check`, { headers: { ...only, ...forwarded } });
    expect(answer.status).toBe(200);
    for (const [method, path, status] of [
      ['GET', '/check/notes/17?deny=403', 200],
      ['GET', '/check/', 200],
      ['POST', '/check/notes', 403],
      ['DELETE', '/check/notes/17', 403],
      ['OPTIONS', '/check/notes', 200],
    ] as const) {
      const envoy = await fetch(stage.issuer + path, { method, headers: only });
      expect([method, path, envoy.status]).toEqual([method, path, status]);
      expect(await envoy.text()).toBe('');
    }
    const head = await fetch(`${stage.issuer}/check/notes`, { method: 'HEAD', headers: only });
    expect(head.status).toBe(200);
  });

  it('tells the gateway apart from the app where the API’s own credentials are wrong', async () => {
    const wrong = [
      { ...stage.api, secret: app.secret },
      { ...stage.api, secret: '' },
      { ...stage.api, clientId: elsewhere.clientId },
      { clientId: app.clientId, secret: app.secret },
      { clientId: 'api_nobody', secret: stage.api.secret },
      undefined,
    ];
    for (const api of wrong) {
      const reply = await ask({ api });
      expect(reply.status).toBe(401);
      expect(reason(reply)).toBe('api-credentials');
      expect(reply.headers['www-authenticate']).toBeUndefined();
      expect(reply.headers['gatehouse-client']).toBeUndefined();
    }
    const { clientId, secret } = stage.api;
    const right = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    for (const value of [`Bearer ${secret}`, 'Basic', 'Basic !!!', `${right} x`, right.slice(0, -4)]) {
      const reply = await ask({ api: undefined, headers: [['Gatehouse-Api', value]] });
      expect([value.slice(0, 9), reason(reply)]).toEqual([value.slice(0, 9), 'api-credentials']);
    }
    const twice = await ask({
      headers: [
        ['Gatehouse-Api', right],
        ['Gatehouse-Api', right],
      ],
    });
    expect(reason(twice)).toBe('api-credentials');
  });

  it('refuses what is no live token for this API in one way', async () => {
    const other = await newApp(stage.server.platform, elsewhere, { type: 'machine', scopes: ['notes:read'] });
    const params = { grant_type: 'client_credentials' };
    const foreign = issued(await post(stage, '/token', other, params)).access_token;
    for (const token of ['nonsense', foreign, tokens.refresh_token, tokens.id_token, stage.api.secret]) {
      const reply = await ask({ token });
      expect(reply.status).toBe(401);
      expect(reason(reply)).toBe('token-invalid');
      expect(reply.headers['www-authenticate']).toMatch(
        /^Bearer error="invalid_token", error_description="[^"]+"$/,
      );
      expect(reply.headers['gatehouse-client']).toBeUndefined();
    }
    const asked = await ask({ api: elsewhere, token: tokens.access_token });
    expect(reason(asked)).toBe('token-invalid');
  });

  it('asks for a token where there is none, or more than one', async () => {
    const { access_token: token } = tokens;
    for (const headers of [
      [['Authorization', 'Basic abc']],
      [['Authorization', `Bearer ${token} x`]],
      [
        ['Authorization', `Bearer ${token}`],
        ['Authorization', `Bearer ${token}`],
      ],
      [['Authorization', '']],
    ] as const) {
      const reply = await ask({ headers });
      expect([reply.status, reason(reply)]).toEqual([401, 'no-token']);
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    }
    expect(reason(await ask({ token: undefined }))).toBe('no-token');
    expect((await ask({ token: undefined, uri: `/notes?access_token=${token}` })).status).toBe(401);
  });

  it('asks for reading scopes at safe methods and for writing ones elsewhere', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await ask({ method })).status).toBe(200);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND']) {
      const reply = await ask({ method });
      expect([method, reply.status, reason(reply)]).toEqual([method, 403, 'insufficient-scope']);
      expect(reply.headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="notes:write"$/);
    }
    for (const method of ['get', 'CONNECT', 'TRACE', 'G', 'GET ', 'GET,POST', '']) {
      const reply = await ask({ method });
      expect([method, reply.status]).toEqual([method, method === 'GET ' ? 200 : 403]);
    }
  });

  it('has no ear for headers that name another method', async () => {
    const overrides = [
      ['X-HTTP-Method-Override', 'GET'],
      ['X-Method-Override', 'GET'],
      ['X-HTTP-Method', 'GET'],
    ] as const;
    const reply = await ask({ method: 'DELETE', headers: overrides });
    expect(reason(reply)).toBe('insufficient-scope');
  });

  it('refuses a call that is named twice, in two ways, or not at all', async () => {
    for (const headers of [
      [
        ['X-Original-URI', '/notes'],
        ['X-Original-URI', '/admin'],
      ],
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-Method', 'POST'],
      ],
      [
        ['X-Forwarded-Uri', '/notes'],
        ['X-Forwarded-Method', 'GET'],
      ],
      [['X-Forwarded-Uri', '/notes']],
    ] as const) {
      const reply = await ask({ headers });
      expect([reply.status, reason(reply)]).toEqual([403, 'gateway-request']);
    }
    const { clientId, secret } = stage.api;
    const nothing = await fetch(`${stage.issuer}/check`, {
      headers: { 'Gatehouse-Api': `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    });
    expect(nothing.headers.get('gatehouse-reason')).toBe('gateway-request');
  });

  it('says since when an access is over, and a suspended app that it is', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Guests');
    const guest = await newApp(platform, stage.api, {
      organizationId,
      type: 'machine',
      scopes: ['notes:read'],
    });
    const given = {
      apiIdentifier: stage.api.identifier,
      origin: 'operator',
      scopes: ['notes:read'],
    } as const;
    const access = await grantAccess(platform, OPERATOR, { ...given, clientId: guest.clientId });
    if (!access.ok) throw new Error(access.sentence);
    const params = { grant_type: 'client_credentials' };
    const token = issued(await post(stage, '/token', guest, params)).access_token;
    expect((await ask({ token })).status).toBe(200);
    await endAccess(platform, OPERATOR, { id: access.id });
    await soon();
    const ended = await ask({ token });
    expect([ended.status, reason(ended)]).toEqual([403, 'access-ended']);
    expect(ended.headers['gatehouse-message']).toMatch(/^Access to https:\/\/notes\.example ended at 20/);
    await suspendClient(platform, OPERATOR, guest.clientId);
    await soon();
    expect(reason(await ask({ token }))).toBe('client-suspended');
  });

  it('refuses a person’s token as soon as they have taken back what they allowed', async () => {
    const { platform } = stage.server;
    const { access_token: token } = await tokensFor(stage, app);
    expect((await ask({ token })).status).toBe(200);
    await platform.db.grant.updateMany({
      where: { clientId: app.clientId },
      data: { revokedAt: new Date() },
    });
    expect(reason(await ask({ token }))).toBe('token-invalid');
    tokens = await tokensFor(stage, app);
  });

  it('is not for every Host', async () => {
    const reply = await ask({ host: 'elsewhere.example' });
    expect(reply.status).toBe(421);
  });

  it('has nothing to say at addresses beside its own', async () => {
    for (const at of ['/checks', '/Check', '/check%2fnotes', '/checkout']) {
      const reply = await ask({ at });
      expect([at, reply.status]).toEqual([at, 404]);
    }
  });
});
