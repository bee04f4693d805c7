import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, newApp, newOrganization, newPerson, OPERATOR, signIn } from '../support/world.ts';
import {
  anotherPerson,
  authorizePath,
  codeFor,
  introspected,
  isActive,
  issued,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';

const OFFLINE = { scope: 'openid notes:read offline_access' };
/** What the protocol knows of an API is at most half a second old. */
const soon = () => sleep(600);

let stage: Stage;
let apiId: string;
beforeAll(async () => {
  stage = await openStage();
  const { db } = stage.server.platform;
  apiId = (await db.api.findUniqueOrThrow({ where: { identifier: stage.api.identifier } })).id;
});
afterAll(() => stage.server.stop());

async function changeApi(data: { minimumAcr?: string | null; tokenSeconds?: number | null }): Promise<void> {
  await stage.server.platform.db.api.update({ where: { id: apiId }, data });
  await soon();
}

describe('an API that says how long its tokens live', () => {
  afterEach(() => changeApi({ tokenSeconds: null }));

  it('is followed for people and for machines', async () => {
    const web = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const machine = await newApp(stage.server.platform, stage.api, {
      type: 'machine',
      scopes: ['notes:read'],
    });
    await changeApi({ tokenSeconds: 90 });
    expect((await tokensFor(stage, web)).expires_in).toBe(90);
    const answer = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
    expect(issued(answer).expires_in).toBe(90);
  });
});

describe('an API that asks for a stronger sign-in', () => {
  let app: App;
  beforeAll(async () => {
    app = await newApp(stage.server.platform, stage.api, { firstParty: true });
  });
  afterEach(() => changeApi({ minimumAcr: null }));

  it('has people asked for it, whatever the app asks', async () => {
    const visitor = new Visitor(stage.issuer);
    const person = await newPerson(stage.server.platform);
    await signIn(visitor, person);
    await changeApi({ minimumAcr: 'phr' });
    for (const params of [{}, { acr_values: 'aal1' }, { acr_values: 'phr aal2' }]) {
      const page = await visitor.open(authorizePath(app, params));
      expect(page.location).toBeUndefined();
      const silent = await visitor.open(authorizePath(app, { ...params, prompt: 'none' }));
      expect(silent.location).toContain('error=unmet_authentication_requirements');
    }
    const unknown = await visitor.open(authorizePath(app, { acr_values: 'golden' }));
    expect(unknown.location).toContain('error=unmet_authentication_requirements');
    const identity = await visitor.open(authorizePath(app, { scope: 'openid' }));
    expect(identity.location).toContain('code=');
  });

  it('refuses a code, a refresh token and a token from a weaker one', async () => {
    const tokens = await tokensFor(stage, app, OFFLINE);
    const code = await codeFor(stage, app);
    await changeApi({ minimumAcr: 'phr' });
    const sentence = expect.stringMatching(/asks for a stronger sign-in \(phr\)\. Send the person/);
    for (const answer of [await redeem(stage, app, code), await refresh(stage, app, tokens.refresh_token)]) {
      expect(answer).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: sentence },
      });
    }
    expect(await isActive(stage, tokens.access_token)).toBe(false);
    await changeApi({ minimumAcr: 'aal2' });
    expect(await isActive(stage, tokens.access_token)).toBe(true);
    expect((await refresh(stage, app, tokens.refresh_token)).status).toBe(200);
    expect((await redeem(stage, app, code)).status).toBe(200);
  });
});

describe('a restricted scope', () => {
  const scope = (sensitivity: 'basic' | 'restricted') =>
    changeScope(stage.server.platform, OPERATOR, {
      apiIdentifier: stage.api.identifier,
      name: 'notes:write',
      sensitivity,
    });
  afterEach(async () => {
    await scope('basic');
    await soon();
  });

  async function proof(): Promise<{ DPoP: string; thumbprint: string }> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const claims = { jti: randomUUID(), htm: 'POST', htu: `${stage.issuer}/token` };
    const signed = await new SignJWT(claims)
      .setIssuedAt()
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(privateKey);
    return { DPoP: signed, thumbprint: await calculateJwkThumbprint(jwk) };
  }

  it('is given to bound tokens alone', async () => {
    await scope('restricted');
    const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const params = { scope: 'openid notes:read notes:write' };
    const code = await codeFor(stage, app, params);
    expect(await redeem(stage, app, code)).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: expect.stringContaining('notes:write needs a token that is bound to a key'),
      },
    });
    const { DPoP, thumbprint } = await proof();
    const tokens = issued(await redeem(stage, app, code, {}, { DPoP }));
    expect(JSON.parse(await introspected(stage, stage.api, tokens.access_token))).toMatchObject({
      active: true,
      scope: 'notes:read notes:write',
      cnf: { jkt: thumbprint },
    });
  });

  it('asks machines for a proof, and nobody who does not use it', async () => {
    await scope('restricted');
    const machine = await newApp(stage.server.platform, stage.api, { type: 'machine' });
    const ask = (name: string, headers = {}) =>
      post(stage, '/token', machine, { grant_type: 'client_credentials', scope: name }, headers);
    expect((await ask('notes:write')).body.error).toBe('invalid_request');
    expect((await ask('notes:read')).status).toBe(200);
    expect((await ask('notes:write', { DPoP: (await proof()).DPoP })).status).toBe(200);
    expect((await ask('notes:write', { DPoP: 'nonsense' })).status).toBe(400);
  });

  it('is dropped from unbound tokens that hold it already', async () => {
    const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const both = await tokensFor(stage, app, { scope: 'openid notes:read notes:write' });
    const only = await tokensFor(stage, app, { scope: 'openid notes:write' });
    await scope('restricted');
    await soon();
    expect(JSON.parse(await introspected(stage, stage.api, both.access_token)).scope).toBe('notes:read');
    expect(await isActive(stage, only.access_token)).toBe(false);
  });
});

describe('an access with a limit of people', () => {
  it('lets in whoever was counted, and refuses the next at every endpoint', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Elsewhere');
    const app = await newApp(platform, stage.api, { organizationId, firstParty: true });
    const access = { clientId: app.clientId, apiId, scopes: ['notes:read'], origin: 'operator' };
    const id = randomUUID();
    await platform.db.access.create({ data: { id, ...access, createdAt: new Date() } });
    const others = [await anotherPerson(stage), await anotherPerson(stage)] as const;
    const early = await tokensFor({ ...stage, ...others[0] }, app, OFFLINE);
    await platform.db.access.update({ where: { id }, data: { peoplePerDay: 1 } });
    await soon();

    const first = await tokensFor(stage, app, OFFLINE);
    const next = await codeFor({ ...stage, ...others[1] }, app, OFFLINE);
    const refused = {
      status: 400,
      body: {
        error: 'access_denied',
        error_description: expect.stringContaining('may reach 1 people a day (UTC)'),
      },
    };
    expect(await redeem(stage, app, next)).toMatchObject(refused);
    expect(await refresh(stage, app, early.refresh_token)).toMatchObject(refused);
    expect(await isActive(stage, early.access_token)).toBe(false);
    expect(await isActive(stage, first.access_token)).toBe(true);
    expect((await refresh(stage, app, first.refresh_token)).status).toBe(200);

    await platform.db.access.update({ where: { id }, data: { peoplePerDay: 3 } });
    await soon();
    expect(await isActive(stage, early.access_token)).toBe(true);
    expect((await refresh(stage, app, early.refresh_token)).status).toBe(200);
    expect((await redeem(stage, app, next)).status).toBe(200);
  });
});

describe('an access of which nothing is left that a token holds', () => {
  it('refuses to renew it, and says why', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Narrow');
    const app = await newApp(platform, stage.api, { organizationId, firstParty: true });
    const access = { clientId: app.clientId, apiId, origin: 'operator', createdAt: new Date() };
    const id = randomUUID();
    await platform.db.access.create({ data: { id, ...access, scopes: ['notes:read'] } });
    const tokens = await tokensFor(stage, app, OFFLINE);
    await platform.db.access.create({ data: { id: randomUUID(), ...access, scopes: ['notes:write'] } });
    await platform.db.access.update({ where: { id }, data: { endedAt: new Date() } });
    await soon();
    expect(await refresh(stage, app, tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope', error_description: expect.stringContaining('has ended') },
    });
    expect(await isActive(stage, tokens.access_token)).toBe(false);
  });
});
