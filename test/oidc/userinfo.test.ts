import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApp, newOrganization, OPERATOR } from '../support/world.ts';
import { anotherPerson, answerOf, claimsOf, openStage, post, type Stage, tokensFor } from './stage.ts';

const IDENTITY = { scope: 'openid profile email' };

describe('userinfo', () => {
  let stage: Stage;
  let app: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    app = await newApp(stage.server.platform, stage.api, { firstParty: true });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  const ask = async (headers: Readonly<Record<string, string>>, path = '/userinfo') =>
    answerOf(await fetch(stage.issuer + path, { headers }));
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  it('says of a person what was allowed, under the name the app knows', async () => {
    const tokens = await tokensFor(stage, app, IDENTITY);
    const answer = await ask(bearer(tokens.access_token));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.body).toEqual({
      sub: claimsOf(tokens.id_token).sub,
      name: expect.stringContaining('Person'),
      updated_at: expect.any(Number),
      email: stage.person.email,
      email_verified: true,
    });
  });

  it('says no more than the scopes of the token', async () => {
    const { access_token } = await tokensFor(stage, app, { scope: 'openid email' });
    expect(Object.keys((await ask(bearer(access_token))).body).sort()).toEqual([
      'email',
      'email_verified',
      'sub',
    ]);
    const bare = await tokensFor(stage, app, { scope: 'openid' });
    expect(Object.keys((await ask(bearer(bare.access_token))).body)).toEqual(['sub']);
  });

  it('can be asked by a form as well (RFC 6750 §2.2)', async () => {
    const { access_token } = await tokensFor(stage, app, IDENTITY);
    expect((await post(stage, '/userinfo', undefined, { access_token })).status).toBe(200);
  });

  it('refuses a token that is for an API, and an API does not get an identity by accident', async () => {
    const { access_token } = await tokensFor(stage, app, { scope: 'openid email notes:read' });
    const answer = await ask(bearer(access_token));
    expect(answer.status).toBe(403);
    expect(answer.body.error).toBe('insufficient_scope');
    expect(answer.headers.get('WWW-Authenticate')).toContain('insufficient_scope');
  });

  it('refuses the token of a machine', async () => {
    const machine = await newApp(stage.server.platform, stage.api, {
      type: 'machine',
      scopes: ['notes:read'],
    });
    const { body } = await post(stage, '/token', machine, { grant_type: 'client_credentials' });
    expect((await ask(bearer(String(body.access_token)))).status).toBe(401);
  });

  const send = (headers: Readonly<Record<string, string>>) => fetch(`${stage.issuer}/userinfo`, { headers });
  const places: [string, (token: string) => Promise<Response>, number][] = [
    ['in the address', (token) => fetch(`${stage.issuer}/userinfo?access_token=${token}`), 400],
    [
      'in the address and the header',
      (token) => fetch(`${stage.issuer}/userinfo?access_token=${token}`, { headers: bearer(token) }),
      400,
    ],
    [
      'in the header and the form',
      (token) =>
        fetch(`${stage.issuer}/userinfo`, {
          method: 'POST',
          headers: bearer(token),
          body: new URLSearchParams({ access_token: token }),
        }),
      400,
    ],
    [
      'as Basic',
      (token) => fetch(`${stage.issuer}/userinfo`, { headers: { Authorization: `Basic ${token}` } }),
      400,
    ],
    [
      'as DPoP, without a proof',
      (token) => fetch(`${stage.issuer}/userinfo`, { headers: { Authorization: `DPoP ${token}` } }),
      400,
    ],
    ['without a scheme', (token) => send({ Authorization: token }), 400],
    [
      'twice in the header',
      (token) =>
        fetch(`${stage.issuer}/userinfo`, { headers: { Authorization: `Bearer ${token}, Bearer ${token}` } }),
      400,
    ],
    [
      'in a cookie',
      (token) => fetch(`${stage.issuer}/userinfo`, { headers: { Cookie: `access_token=${token}` } }),
      401,
    ],
    ['nowhere', () => send({}), 401],
  ];
  it.each(places)('refuses a token %s', async (_where, tryIt, status) => {
    const { access_token } = await tokensFor(stage, app, IDENTITY);
    const answer = await answerOf(await tryIt(access_token));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('WWW-Authenticate')).toMatch(/^(Bearer|DPoP) /);
    expect(answer.text).not.toContain('@');
    expect(answer.text).not.toContain(access_token);
  });

  it('refuses a token that is altered, or over', async () => {
    const { access_token: token } = await tokensFor(stage, app, IDENTITY);
    for (const altered of [token.slice(0, -1), `${token}0`, token.toUpperCase(), 'x', 'x'.repeat(9000)]) {
      expect((await ask(bearer(altered))).status).toBe(401);
    }
    time = shiftTime(600 + 16);
    const answer = await ask(bearer(token));
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token']);
  });

  it('is silent once the person signed out', async () => {
    const { browser } = await anotherPerson(stage);
    const { access_token } = await tokensFor({ ...stage, browser }, app, IDENTITY);
    expect((await ask(bearer(access_token))).status).toBe(200);
    await browser.submit(await browser.open('/sign-out'), 'Sign out');
    expect((await ask(bearer(access_token))).status).toBe(401);
  });

  it('is silent to an app that is suspended', async () => {
    const paused = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const { access_token } = await tokensFor(stage, paused, IDENTITY);
    await suspendClient(stage.server.platform, OPERATOR, paused.clientId);
    await sleep(600);
    expect((await ask(bearer(access_token))).status).toBe(401);
  });

  it('tells two organizations of one person under two names', async () => {
    const organizationId = await newOrganization(stage.server.platform, 'Somebody else');
    const theirs = await newApp(stage.server.platform, stage.api, {
      organizationId,
      firstParty: true,
      resources: [],
    });
    const subOf = async (one: App) => {
      const { access_token } = await tokensFor(stage, one, IDENTITY);
      return (await ask(bearer(access_token))).body.sub;
    };
    expect(await subOf(theirs)).not.toBe(await subOf(app));
  });
});
