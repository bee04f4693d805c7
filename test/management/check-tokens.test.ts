import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { addRoute } from '../../src/developers/apis/gateway/route-changes.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { writeRequests } from '../../src/developers/insights/request-log.ts';
import { createPersonalToken } from '../../src/oidc/personal-tokens.ts';
import {
  anotherPerson,
  issued,
  openStage,
  post,
  redeem,
  codeFor,
  type Stage,
  tokensFor,
} from '../oidc/stage.ts';
import { askCheck, type AskedCheck, type CheckReply } from '../support/ask-check.ts';
import { athOf, type KeyHolder, newKeyHolder } from '../support/key-holder.ts';
import { newSession } from '../support/sessions.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';

const soon = () => sleep(600);
const reason = ({ headers }: CheckReply) => headers['gatehouse-reason'];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.server.stop());

const ask = (asked: AskedCheck) => askCheck(stage.issuer, { api: stage.api, ...asked });

describe('a bound token at the check', () => {
  let spa: App;
  let holder: KeyHolder;
  let thief: KeyHolder;
  let token: string;
  const url = 'https://notes.example/notes';
  beforeAll(async () => {
    spa = await newApp(stage.server.platform, stage.api, { firstParty: true, type: 'spa' });
    [holder, thief] = [await newKeyHolder(), await newKeyHolder()];
    const proof = await holder.prove({ htm: 'POST', htu: `${stage.issuer}/token` });
    token = issued(await redeem(stage, spa, await codeFor(stage, spa), {}, { DPoP: proof })).access_token;
  });

  const place = [
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'notes.example'],
  ] as const;
  const withProof = (proof: string, more: AskedCheck = {}) =>
    ask({ token, scheme: 'DPoP', ...more, headers: [...place, ['DPoP', proof]] });
  const sound = () => holder.prove({ htm: 'GET', htu: url, ath: athOf(token) });

  it('is let through with a proof for this very call, once', async () => {
    const proof = await sound();
    expect((await withProof(proof, { uri: '/notes?page=2' })).status).toBe(200);
    const again = await withProof(proof);
    expect([again.status, reason(again)]).toEqual([401, 'proof-invalid']);
    expect(again.headers['www-authenticate']).toMatch(/^DPoP error="invalid_dpop_proof".*algs="ES256/);
  });

  it('is refused as Bearer, without a proof, and where the gateway does not say where it was called', async () => {
    const bearer = await ask({ token });
    expect([bearer.status, reason(bearer)]).toEqual([401, 'proof-invalid']);
    expect(bearer.headers['www-authenticate']).toMatch(/^DPoP error="invalid_token"/);
    expect(reason(await ask({ token, scheme: 'DPoP', headers: place }))).toBe('proof-invalid');
    const lost = await ask({ token, scheme: 'DPoP', headers: [['DPoP', await sound()]] });
    expect(reason(lost)).toBe('gateway-request');
  });

  it('is refused with a proof of another key, call, token or time', async () => {
    const ath = athOf(token);
    const iat = Math.floor(Date.now() / 1000) - 3_600;
    const proofs = [
      await thief.prove({ htm: 'GET', htu: url, ath }),
      await holder.prove({ htm: 'POST', htu: url, ath }),
      await holder.prove({ htm: 'GET', htu: 'https://notes.example/admin', ath }),
      await holder.prove({ htm: 'GET', htu: 'https://evil.example/notes', ath }),
      await holder.prove({ htm: 'GET', htu: url, ath: athOf('another') }),
      await holder.prove({ htm: 'GET', htu: url }),
      'nonsense',
    ];
    for (const proof of proofs) expect(reason(await withProof(proof))).toBe('proof-invalid');
    const old = await withProof(await holder.prove({ htm: 'GET', htu: url, ath, iat }));
    expect(old.headers['www-authenticate']).toMatch(/use_dpop_nonce/);
    expect(old.headers['dpop-nonce']).toBeTruthy();
    const nonce = String(old.headers['dpop-nonce']);
    const mended = await holder.prove({ htm: 'GET', htu: url, ath, iat, nonce });
    expect((await withProof(mended)).status).toBe(200);
    const two = [...place, ['DPoP', await sound()], ['DPoP', await sound()]] as const;
    expect(reason(await ask({ token, scheme: 'DPoP', headers: two }))).toBe('proof-invalid');
  });

  it('is not what an unbound token may pretend to be', async () => {
    const web = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const { access_token: plain } = await tokensFor(stage, web);
    const reply = await ask({ token: plain, scheme: 'DPoP' });
    expect([reply.status, reason(reply)]).toEqual([401, 'proof-invalid']);
  });
});

describe('a JWT at the check', () => {
  let api: Notes;
  let web: App;
  beforeAll(async () => {
    const { platform } = stage.server;
    api = await newApi(platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
    web = await newApp(platform, api, { firstParty: true });
  });

  it('is let through with the subject that it names', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    const reply = await ask({ api, token });
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(reply.status).toBe(200);
    expect(reply.headers['gatehouse-subject']).toBe(claims.sub);
    expect(reply.headers['gatehouse-expires']).toBe(String(claims.exp));
    expect(reason(await ask({ token }))).toBe('token-invalid');
  });

  it('ends with its grant, which no API can do that verifies it alone', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    expect((await ask({ api, token })).status).toBe(200);
    const { db } = stage.server.platform;
    await db.grant.updateMany({ where: { clientId: web.clientId }, data: { revokedAt: new Date() } });
    expect(reason(await ask({ api, token }))).toBe('token-invalid');
  });

  it('is refused where anything in it was changed', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { access_token: other } = await tokensFor(stage, web);
    const forged = [
      [head, encode({ ...claims, scope: 'notes:read notes:write' }), signature],
      [head, encode({ ...claims, grant_ref: undefined }), signature],
      [encode({ alg: 'none', typ: 'at+jwt', kid: 'x' }), body, ''],
      [encode({ alg: 'HS256', typ: 'at+jwt', kid: 'x' }), body, signature],
      [head, body, other.split('.')[2] ?? ''],
      [head, body, ''],
    ];
    for (const parts of forged)
      expect(reason(await ask({ api, token: parts.join('.') }))).toBe('token-invalid');
    const { id_token: idToken } = await tokensFor(stage, web);
    expect(reason(await ask({ api, token: idToken }))).toBe('token-invalid');
  });
});

describe('what an access allows, on every call', () => {
  let api: Notes;
  let guest: App;
  beforeAll(async () => {
    const { platform } = stage.server;
    api = await newApi(platform, { identifier: 'https://limits.example' });
    const organizationId = await newOrganization(platform, 'Guests');
    guest = await newApp(platform, api, { organizationId, firstParty: true });
    const access = { clientId: guest.clientId, apiIdentifier: api.identifier, origin: 'operator' } as const;
    const caps = { peoplePerDay: 1, requestsPerMinute: 10_000 };
    await grantAccess(platform, OPERATOR, { ...access, ...caps, scopes: ['notes:read'] });
  });

  it('is told with each answer', async () => {
    const { access_token: token } = await tokensFor(stage, guest);
    const reply = await ask({ api, token });
    expect(reply.headers['ratelimit-policy']).toBe('"access";q=10000;w=60');
    expect(reply.headers.ratelimit).toMatch(/^"access";r=\d+;t=\d+$/);
  });

  it('lets in whoever was counted and refuses the next, until the day is over', async () => {
    const { platform } = stage.server;
    const capAt = async (peoplePerDay: number | null) => {
      await platform.db.access.updateMany({ where: { clientId: guest.clientId }, data: { peoplePerDay } });
      await soon();
    };
    await capAt(null);
    const other = { ...stage, ...(await anotherPerson(stage)) };
    const { access_token: mine } = await tokensFor(stage, guest);
    const { access_token: theirs } = await tokensFor(other, guest);
    await capAt(1);
    expect((await ask({ api, token: mine })).status).toBe(200);
    const refused = await ask({ api, token: theirs });
    expect([refused.status, reason(refused)]).toEqual([429, 'people-cap']);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(86_400);
    const denied = await ask({ api, token: theirs, at: '/check?deny=403' });
    expect([denied.status, denied.headers['gatehouse-status']]).toEqual([403, '429']);
    expect(denied.headers['retry-after']).toBeTruthy();
    const envoy = await ask({ api, token: theirs, at: '/check/notes?deny=403' });
    expect(envoy.status).toBe(429);
    expect((await ask({ api, token: mine })).status).toBe(200);
  });

  it('needs a sign-in that is as strong as the API asks for', async () => {
    const { platform } = stage.server;
    const { access_token: token } = await tokensFor(stage, guest);
    await platform.db.api.updateMany({ where: { identifier: api.identifier }, data: { minimumAcr: 'phr' } });
    await soon();
    const reply = await ask({ api, token });
    expect([reply.status, reason(reply)]).toEqual([401, 'weak-sign-in']);
    expect(reply.headers['www-authenticate']).toMatch(
      /error="insufficient_user_authentication".*acr_values="phr"/,
    );
    await platform.db.api.updateMany({ where: { identifier: api.identifier }, data: { minimumAcr: null } });
  });

  it('asks for the listed scopes from then on, and forgets the rest', async () => {
    const { platform } = stage.server;
    await soon();
    const { access_token: token } = await tokensFor(stage, guest);
    const found = await findApi(platform, api.identifier);
    const mine = { apiId: String(found?.id), organizationId: api.organizationId };
    await addRoute(platform, OPERATOR, {
      ...mine,
      method: 'GET',
      path: '/notes/{id}',
      scopes: ['notes:read'],
    });
    await addRoute(platform, OPERATOR, {
      ...mine,
      method: 'PUT',
      path: '/notes/{id}',
      scopes: ['notes:write'],
    });
    await soon();
    expect((await ask({ api, token, uri: '/notes/17' })).status).toBe(200);
    expect(reason(await ask({ api, token, uri: '/notes' }))).toBe('not-listed');
    expect(reason(await ask({ api, token, uri: '/NOTES/17' }))).toBe('odd-path');
    expect(reason(await ask({ api, token, uri: '/notes/17', method: 'DELETE' }))).toBe('not-listed');
    const missing = await ask({ api, token, uri: '/notes/17', method: 'PUT' });
    expect(missing.headers['www-authenticate']).toMatch(/scope="notes:write"$/);
  });

  it('is explained to the developers of the app, and nothing of the gateway or of others', async () => {
    const { platform } = stage.server;
    await writeRequests(platform);
    const rows = await platform.pool.query<{ client_id: string; error: string | null; facts: string | null }>(
      'SELECT client_id, error, facts FROM request_log WHERE client_id = ANY($1) AND facts IS NOT NULL',
      [[guest.clientId, api.clientId]],
    );
    const ofApp = rows.rows.filter((row) => row.client_id === guest.clientId);
    expect(ofApp.map(({ error }) => error)).toEqual(
      expect.arrayContaining(['route_not_listed', 'insufficient_scope', 'odd_call']),
    );
    const missing = ofApp.find(({ error }) => error === 'insufficient_scope');
    expect(JSON.parse(missing?.facts ?? '')).toMatchObject({
      method: 'PUT',
      path: '/notes/…',
      from: 'gateway',
      description: expect.stringContaining('needs notes:write'),
    });
    const ofChecks = ofApp.filter(({ facts }) => facts?.includes('"gateway"'));
    expect(ofChecks.map(({ facts }) => facts).join()).not.toMatch(/127\.0\.0|"subject"|user-agent|api_/);
    const told = rows.rows.filter((row) => row.client_id === api.clientId).map(({ facts }) => facts);
    expect(told.length).toBeGreaterThan(2);
    expect(told.join()).not.toContain(api.secret);
  });

  it('refuses what a scope became restricted for, with an unbound token', async () => {
    const { platform } = stage.server;
    const own = await newApi(platform, { identifier: 'https://strict.example' });
    const app = await newApp(platform, own, { firstParty: true });
    const { access_token: token } = await tokensFor(stage, app);
    const change = { apiIdentifier: own.identifier, name: 'notes:read', sensitivity: 'restricted' } as const;
    expect(await changeScope(platform, OPERATOR, change)).toMatchObject({ ok: true });
    await soon();
    const reply = await ask({ api: own, token });
    expect([reply.status, reason(reply)]).toEqual([403, 'scope-not-held']);
  });
});

describe('a personal access token at the check', () => {
  it('is judged like every other', async () => {
    const { platform } = stage.server;
    const accountId = stage.person.id;
    const membership = { organizationId: stage.api.organizationId, accountId, createdAt: new Date() };
    await platform.db.organizationMember.create({ data: { ...membership, role: 'developer' } });
    const session = await newSession(platform, accountId);
    const wish = { accountId, sessionId: session.id, name: 'Backup', resource: stage.api.identifier };
    const made = await createPersonalToken(
      platform,
      { kind: 'account', id: accountId },
      { ...wish, scopes: ['notes:read'], days: 30 },
    );
    if (!made.ok) throw new Error(made.reason);
    const reply = await ask({ token: made.issued.secret });
    expect(reply.status).toBe(200);
    expect(reply.headers['gatehouse-client']).toBe('app_personalaccesstokens');
    await platform.db.organizationMember.deleteMany({ where: { accountId } });
    await soon();
    expect((await ask({ token: made.issued.secret })).status).toBe(403);
  });

  it('is not the token of a machine, nor the other way round', async () => {
    const machine = await newApp(stage.server.platform, stage.api, {
      type: 'machine',
      scopes: ['notes:read'],
    });
    const answer = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
    const reply = await ask({ token: issued(answer).access_token.replace('service', 'access') });
    expect(reason(reply)).toBe('token-invalid');
  });
});
