import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { callbackOf } from '../support/relying-party.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import {
  authorize,
  claimsOf,
  codeFor,
  introspected,
  issued,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';

/** RFC 8707: a token is for one API, one that was granted; RFC 9068: what a JWT says where an API wants one. */
describe('the API a token is for', () => {
  let stage: Stage;
  let notes: Notes;
  let second: Notes;
  let app: App;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    notes = stage.api;
    const { organizationId } = notes;
    second = await newApi(platform, { organizationId, identifier: 'https://second.example' });
    await newApi(platform, { identifier: 'https://foreign.example' });
    const resources = [notes.identifier, second.identifier];
    app = await newApp(platform, notes, { firstParty: true, resources });
  });
  afterAll(() => stage.server.stop());

  const audienceOf = async (token: string, caller: App | Notes = app) =>
    JSON.parse(await introspected(stage, caller, token)).aud;

  it('is the default one where none is named', async () => {
    const { access_token } = await tokensFor(stage, app);
    expect(await audienceOf(access_token)).toBe(notes.identifier);
  });

  it('is the one that is named at authorization', async () => {
    const { access_token } = await tokensFor(stage, app, { resource: second.identifier });
    expect(await audienceOf(access_token)).toBe(second.identifier);
    expect(await introspected(stage, notes, access_token)).toBe('{"active":false}');
  });

  it('is one of several that were granted, named with the code or the refresh token', async () => {
    const both = [notes.identifier, second.identifier];
    const code = await codeFor(stage, app, { resource: both });
    const tokens = issued(await redeem(stage, app, code, { resource: second.identifier }));
    expect(await audienceOf(tokens.access_token)).toBe(second.identifier);
    const other = issued(await refresh(stage, app, tokens.refresh_token, { resource: notes.identifier }));
    expect(await audienceOf(other.access_token)).toBe(notes.identifier);
    const usual = issued(await refresh(stage, app, tokens.refresh_token));
    expect(await audienceOf(usual.access_token)).toBe(notes.identifier);
  });

  it('is the default one where two are named at once: never both', async () => {
    const both = [notes.identifier, second.identifier];
    const code = await codeFor(stage, app, { resource: both });
    const { access_token } = issued(await redeem(stage, app, code, { resource: both }));
    expect(await audienceOf(access_token)).toBe(notes.identifier);
  });

  const wrong: [string, string][] = [
    ['not granted', 'https://second.example'],
    ['of somebody else', 'https://foreign.example'],
    ['unknown', 'https://nowhere.example'],
    ['relative', '/notes'],
    ['with a fragment', 'https://notes.example#x'],
    ['with a query', 'https://notes.example?x'],
    ['with a user', 'https://a@notes.example'],
    ['under http', 'http://notes.example'],
    ['under a longer name', 'https://notes.example.evil.example'],
    ['under another path', 'https://notes.example/v2'],
    ['a script', 'javascript:alert(1)'],
    ['a property', '__proto__'],
    ['the server itself', 'issuer'],
  ];
  it.each(wrong)('cannot be switched afterwards to one that is %s', async (_what, indicator) => {
    const resource = indicator === 'issuer' ? stage.issuer : indicator;
    const code = await codeFor(stage, app, { resource: notes.identifier });
    const refused = await redeem(stage, app, code, { resource });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_target']);
    const { refresh_token } = issued(await redeem(stage, app, code));
    const again = await refresh(stage, app, refresh_token, { resource });
    expect([again.status, again.body.error]).toEqual([400, 'invalid_target']);
  });

  it.each(wrong.slice(1))('cannot be %s at authorization', async (_what, indicator) => {
    const resource = indicator === 'issuer' ? stage.issuer : indicator;
    const answer = callbackOf(await authorize(stage, app, { resource }));
    expect(answer).toMatchObject({ error: 'invalid_target', iss: stage.issuer });
    expect(answer.error_description).toMatch(/\w+ \w+/);
  });

  it('is none where only identity is asked for, and a token for userinfo is never one for an API', async () => {
    const { access_token } = await tokensFor(stage, app, { scope: 'openid email' });
    expect(await audienceOf(access_token)).toBeUndefined();
    expect(await introspected(stage, notes, access_token)).toBe('{"active":false}');
  });

  it('gives each API its own scopes alone', async () => {
    const resource = [notes.identifier, second.identifier];
    const code = await codeFor(stage, app, { resource, scope: 'openid notes:read' });
    const { access_token } = issued(await redeem(stage, app, code, { resource: second.identifier }));
    expect(JSON.parse(await introspected(stage, second, access_token))).toMatchObject({
      aud: second.identifier,
      scope: 'notes:read',
    });
  });

  describe('that wants JWTs', () => {
    let jwtApi: Notes;
    let guest: App;
    beforeAll(async () => {
      const { platform } = stage.server;
      jwtApi = await newApi(platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
      guest = await newApp(platform, jwtApi, { firstParty: true });
    });

    const verified = (token: string) =>
      jwtVerify(token, createRemoteJWKSet(new URL(`${stage.issuer}/jwks`)), {
        issuer: stage.issuer,
        audience: jwtApi.identifier,
        typ: 'at+jwt',
        algorithms: ['ES256'],
      });

    it('gets one that verifies with the published keys and says what RFC 9068 asks for', async () => {
      const tokens = await tokensFor(stage, guest, { scope: 'openid notes:read' });
      const { payload, protectedHeader } = await verified(tokens.access_token);
      expect(Object.keys(protectedHeader).sort()).toEqual(['alg', 'kid', 'typ']);
      expect(payload).toEqual({
        iss: stage.issuer,
        aud: jwtApi.identifier,
        client_id: guest.clientId,
        scope: 'notes:read',
        sub: claimsOf(tokens.id_token).sub,
        jti: expect.stringMatching(/^[\w-]{20,}$/),
        acr: 'aal2',
        grant_ref: expect.stringMatching(/^v1\.\w+\.[\w-]{100,}$/),
        auth_time: expect.any(Number),
        iat: expect.any(Number),
        exp: expect.any(Number),
      });
      expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(600);
    });

    it('gets the subject of its own organization, whichever app asks', async () => {
      const { platform } = stage.server;
      const organizationId = await newOrganization(platform, 'Somebody else');
      const theirs = await newApp(platform, jwtApi, { organizationId, firstParty: true });
      const access = {
        apiIdentifier: jwtApi.identifier,
        scopes: ['notes:read'],
        origin: 'operator',
      } as const;
      await grantAccess(platform, OPERATOR, { ...access, clientId: theirs.clientId });
      const ours = await tokensFor(stage, guest);
      const tokens = await tokensFor(stage, theirs);
      expect(claimsOf(tokens.access_token).sub).toBe(claimsOf(ours.access_token).sub);
      expect(claimsOf(tokens.access_token).sub).not.toBe(claimsOf(tokens.id_token).sub);
    });

    it('gets one with the machine itself as subject where there is no person', async () => {
      const machine = await newApp(stage.server.platform, jwtApi, {
        type: 'machine',
        scopes: ['notes:read'],
      });
      const answer = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
      const { payload } = await verified(issued(answer).access_token);
      expect(payload).toMatchObject({
        sub: machine.clientId,
        client_id: machine.clientId,
        scope: 'notes:read',
      });
      expect(payload).not.toHaveProperty('auth_time');
    });

    it('keeps nothing of it: there is no row that could be stolen', async () => {
      const { pool } = stage.server.platform;
      const count = "SELECT count(*)::int AS count FROM artifacts WHERE kind = 'access' AND client_id = $1";
      await tokensFor(stage, guest);
      expect((await pool.query(count, [guest.clientId])).rows).toEqual([{ count: 0 }]);
    });

    it('can be refreshed, with a new id each time', async () => {
      const tokens = await tokensFor(stage, guest);
      const renewed = issued(await refresh(stage, guest, tokens.refresh_token));
      expect(claimsOf(renewed.access_token).jti).not.toBe(claimsOf(tokens.access_token).jti);
      await verified(renewed.access_token);
    });

    it('is not taken in by an ID token: its type and audience are others', async () => {
      const { id_token } = await tokensFor(stage, guest);
      await expect(verified(id_token)).rejects.toThrow();
    });
  });
});
