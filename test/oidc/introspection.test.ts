import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import {
  type Caller,
  claimsOf,
  introspected,
  issued,
  openStage,
  post,
  type Stage,
  type Tokens,
  tokensFor,
} from './stage.ts';

const INACTIVE = '{"active":false}';

describe('introspection', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let spa: App;
  let tokens: Tokens;
  let calendar: Notes;
  let jwtToken: string;
  let service: string;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Somebody else');
    calendar = await newApi(platform, { identifier: 'https://calendar.example' });
    const jwtApi = await newApi(platform, {
      organizationId: stage.api.organizationId,
      identifier: 'https://jwt.example',
      tokenFormat: 'jwt',
    });
    app = await newApp(platform, stage.api, { organizationId, firstParty: true });
    const access = { apiIdentifier: stage.api.identifier, origin: 'operator' } as const;
    await grantAccess(platform, OPERATOR, { ...access, clientId: app.clientId, scopes: ['notes:read'] });
    other = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
    tokens = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    jwtToken = (await tokensFor(stage, await newApp(platform, jwtApi, { firstParty: true }))).access_token;
    const machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    service = issued(await post(stage, '/token', machine, { grant_type: 'client_credentials' })).access_token;
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  const ask = (caller: Caller, token: string) => introspected(stage, caller, token);
  const seen = async (caller: Caller, token: string) =>
    JSON.parse(await ask(caller, token)) as Record<string, unknown>;

  it('tells the API that a token is for what it is and whose it is', async () => {
    const now = Math.floor(Date.now() / 1000);
    const answer = await seen(stage.api, tokens.access_token);
    expect(answer).toEqual({
      active: true,
      aud: stage.api.identifier,
      client_id: app.clientId,
      iss: stage.issuer,
      scope: 'notes:read',
      token_type: 'Bearer',
      sub: expect.stringMatching(/^[\w-]{43}$/),
      acr: 'aal2',
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Number(answer.exp) - Number(answer.iat)).toBe(600);
    expect(Number(answer.auth_time)).toBeGreaterThan(now - 300);
    expect(Number(answer.auth_time)).toBeLessThanOrEqual(now + 1);
  });

  it('tells an app about its own tokens, its refresh token too', async () => {
    expect(await seen(app, tokens.access_token)).toMatchObject({ active: true, client_id: app.clientId });
    expect(await seen(app, tokens.refresh_token)).toMatchObject({ active: true, client_id: app.clientId });
    expect(await seen(app, tokens.refresh_token)).not.toHaveProperty('token_type');
  });

  describe('answers everybody else alike, byte for byte', () => {
    const questions: [string, () => Caller, () => string][] = [
      ['another API about an access token', () => calendar, () => tokens.access_token],
      ['another app about an access token', () => other, () => tokens.access_token],
      ['a public app about an access token', () => spa, () => tokens.access_token],
      ['another API about the token of a machine', () => calendar, () => service],
      ['another app about the token of a machine', () => other, () => service],
      ['the API itself about a refresh token', () => stage.api, () => tokens.refresh_token],
      ['another app about a refresh token', () => other, () => tokens.refresh_token],
      ['another API about a refresh token', () => calendar, () => tokens.refresh_token],
      ['the API about an ID token', () => stage.api, () => tokens.id_token],
      ['the app about its own ID token', () => app, () => tokens.id_token],
      ['an API about a JWT', () => stage.api, () => jwtToken],
      ['the API about a token that never was', () => stage.api, () => newHandle('access', new Date())],
      ['the API about a token without its end', () => stage.api, () => tokens.access_token.slice(0, -1)],
      ['the API about half a token', () => stage.api, () => tokens.access_token.slice(0, 40)],
      ['the API about a longer token', () => stage.api, () => `${tokens.access_token}0`],
      ['the API about a token and a space', () => stage.api, () => `${tokens.access_token} `],
      ['the API about a token in capitals', () => stage.api, () => tokens.access_token.toUpperCase()],
      [
        'the API about a token of another kind',
        () => stage.api,
        () => tokens.access_token.replace('access', 'service'),
      ],
      ['the API about the random part alone', () => stage.api, () => tokens.access_token.slice(15, -7)],
      [
        'the API about two tokens in one',
        () => stage.api,
        () => `${tokens.access_token},${tokens.access_token}`,
      ],
      ['the API about nothing like it', () => stage.api, () => 'x'],
      ['the API about a property', () => stage.api, () => '__proto__'],
      ['the API about SQL', () => stage.api, () => "' OR 1=1 --"],
      ['the API about fifty kilobytes', () => stage.api, () => 'x'.repeat(50_000)],
      ['the API about its own secret', () => stage.api, () => stage.api.secret],
    ];
    it.each(questions)('%s', async (_who, caller, token) => {
      expect(await ask(caller(), token())).toBe(INACTIVE);
    });

    it('and says so with the same headers', async () => {
      const answers = await Promise.all(
        [tokens.refresh_token, tokens.id_token, 'x'].map((token) =>
          post(stage, '/token/introspection', stage.api, { token }),
        ),
      );
      const headers = answers.map(({ headers: all }) =>
        JSON.stringify([...all].filter(([name]) => !['date', 'x-request-id'].includes(name))),
      );
      expect(new Set(headers).size).toBe(1);
      expect(answers[0]?.headers.get('Cache-Control')).toBe('no-store');
    });

    it('whatever kind of token they say it is', async () => {
      for (const hint of ['access_token', 'refresh_token', 'id_token', '__proto__', 'x']) {
        const fields = { token: tokens.refresh_token, token_type_hint: hint };
        expect((await post(stage, '/token/introspection', stage.api, fields)).text).toBe(INACTIVE);
        const access = { token: tokens.access_token, token_type_hint: hint };
        expect((await post(stage, '/token/introspection', stage.api, access)).body.active).toBe(true);
      }
    });
  });

  it('every change of one character makes another token', async () => {
    const token = tokens.access_token;
    for (let index = 0; index < token.length; index += 1) {
      const changed = token[index] === 'x' ? 'y' : 'x';
      const altered = token.slice(0, index) + changed + token.slice(index + 1);
      expect(await ask(stage.api, altered), altered).toBe(INACTIVE);
    }
  });

  it.each<[string, () => Caller | undefined, number, string]>([
    ['nobody', () => undefined, 401, 'invalid_client'],
    ['somebody with a wrong secret', () => ({ ...stage.api, secret: 'x' }), 401, 'invalid_client'],
    ['an API without its secret', () => ({ ...stage.api, secret: '' }), 401, 'invalid_client'],
    ['an API under another name', () => ({ ...stage.api, clientId: app.clientId }), 401, 'invalid_client'],
    ['an API that does not exist', () => ({ clientId: 'api_x', secret: 'x' }), 401, 'invalid_client'],
  ])('does not speak with %s', async (_who, caller, status, error) => {
    const answer = await post(stage, '/token/introspection', caller(), { token: tokens.access_token });
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it('is not authorized by a token, not even by the one it is about', async () => {
    const headers = { Authorization: `Bearer ${tokens.access_token}` };
    const fields = { token: tokens.access_token };
    const answer = await post(stage, '/token/introspection', undefined, fields, headers);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('ends with the token', async () => {
    const { access_token } = await tokensFor(stage, app);
    time = shiftTime(585);
    expect((await seen(stage.api, access_token)).active).toBe(true);
    time.forward(16);
    expect(await ask(stage.api, access_token)).toBe(INACTIVE);
    expect(await ask(app, access_token)).toBe(INACTIVE);
  });

  describe('follows the app', () => {
    it('into suspension, for its own tokens and those of people', async () => {
      const { platform } = stage.server;
      const paused = await newApp(platform, stage.api, { firstParty: true });
      const machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
      const { access_token: person } = await tokensFor(stage, paused);
      const own = issued(
        await post(stage, '/token', machine, { grant_type: 'client_credentials' }),
      ).access_token;
      for (const { clientId } of [paused, machine]) await suspendClient(platform, OPERATOR, clientId);
      await sleep(600);
      for (const token of [person, own]) expect(await ask(stage.api, token)).toBe(INACTIVE);
    });

    it('out of its access, and narrows with it', async () => {
      const { platform } = stage.server;
      const organizationId = await newOrganization(platform, 'Visitors');
      const guest = await newApp(platform, stage.api, { organizationId });
      time = shiftTime();
      for (const [scope, seconds] of [
        ['notes:read', 200],
        ['notes:write', 100],
      ] as const) {
        await grantAccess(platform, OPERATOR, {
          clientId: guest.clientId,
          apiIdentifier: stage.api.identifier,
          scopes: [scope],
          until: new Date(Date.now() + seconds * 1000),
          origin: 'operator',
        });
      }
      const { access_token } = await tokensFor(stage, guest, { scope: 'openid notes:read notes:write' });
      expect((await seen(stage.api, access_token)).scope).toBe('notes:read notes:write');
      time.forward(101);
      expect((await seen(stage.api, access_token)).scope).toBe('notes:read');
      time.forward(100);
      expect(await ask(stage.api, access_token)).toBe(INACTIVE);
    });

    it('when its row is gone altogether: inactive, not an error', async () => {
      const { platform } = stage.server;
      const gone = await newApp(platform, stage.api, { firstParty: true });
      const { access_token } = await tokensFor(stage, gone);
      await platform.db.client.delete({ where: { id: gone.clientId } });
      await sleep(600);
      expect(await ask(stage.api, access_token)).toBe(INACTIVE);
    });
  });

  describe('names a person', () => {
    it('differently to each organization, and the same to all of one', async () => {
      const { platform } = stage.server;
      const { organizationId } = stage.api;
      const ours = await tokensFor(stage, await newApp(platform, stage.api, { firstParty: true }));
      const sub = claimsOf(ours.id_token).sub;
      expect((await seen(stage.api, ours.access_token)).sub).toBe(sub);
      expect(claimsOf((await tokensFor(stage, other)).id_token).sub).toBe(sub);
      const api = await newApi(platform, { organizationId, identifier: 'https://more.example' });
      const { access_token } = await tokensFor(stage, await newApp(platform, api, { firstParty: true }));
      expect((await seen(api, access_token)).sub).toBe(sub);

      const theirs = claimsOf(tokens.id_token).sub;
      expect(theirs).not.toBe(sub);
      expect((await seen(stage.api, tokens.access_token)).sub).toBe(sub);
      expect((await seen(app, tokens.access_token)).sub).toBe(theirs);
      expect([sub, theirs]).not.toContain(stage.person.id);
    });
  });
});
