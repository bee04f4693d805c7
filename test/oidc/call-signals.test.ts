import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { countMembers } from '../../src/defense/signals/count.ts';
import { writeSignals } from '../../src/defense/signals/write-signals.ts';
import { grantAccess } from '../../src/developers/access/access.ts';
import { LIMIT_OVERRIDES } from '../../src/defense/limits/limit-in-force.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { askCheck } from '../support/ask-check.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import {
  anotherPerson,
  authorize,
  codeFor,
  issued,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

const OFFLINE = { scope: 'openid notes:read offline_access' };

/** How much was done is another story than what was wrong with it. */
const WORK = ['calls', 'token-calls', 'tokens-issued', 'introspections', 'people-reached'];

describe('signals of protocol calls', () => {
  let stage: Stage;
  let web: App;
  let spa: App;
  let machine: App;
  let strange: App;
  let otherApi: Notes;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    web = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
    machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    strange = await newApp(platform, stage.api, {
      type: 'machine',
      organizationId: await newOrganization(platform, 'Strangers'),
    });
    otherApi = await newApi(platform, { identifier: 'https://other.example' });
  });
  afterAll(() => stage.server.stop());
  beforeEach(async () => {
    await writeSignals(stage.server.platform);
    await stage.server.platform.db.signalCount.deleteMany();
  });

  /** Signal, kind and subject of everything noted; who is behind an address is not to be read. */
  async function expectNoted(expected: readonly string[], signals?: readonly string[]): Promise<void> {
    const { platform } = stage.server;
    const isMeant = (signal: string) => (signals ? signals.includes(signal) : !WORK.includes(signal));
    await vi.waitFor(async () => {
      await writeSignals(platform);
      const rows = await platform.db.signalCount.findMany();
      const noted = rows
        .filter(({ signal }) => isMeant(signal))
        .map(({ signal, subjectKind: kind, subject, count }) =>
          kind === 'address' || kind === 'network'
            ? `${signal} ×${count} ${kind}`
            : `${signal} ×${count} ${kind} ${subject}`,
        );
      expect(noted.sort()).toEqual([...expected].sort());
    }, PATIENCE);
  }

  const atAddress = (signal: string, count = 1) => [
    `${signal} ×${count} address`,
    `${signal} ×${count} network`,
  ];
  const ofClient = (signal: string, app: { clientId: string }, count = 1) =>
    `${signal} ×${count} client ${app.clientId}`;

  async function grantOf(app: App): Promise<string> {
    const [grant] = await stage.server.platform.db.grant.findMany({
      where: { clientId: app.clientId },
      orderBy: { createdAt: 'desc' },
    });
    return String(grant?.id);
  }

  async function apiId({ clientId }: Notes): Promise<string> {
    const api = await stage.server.platform.db.api.findFirst({ where: { clientId } });
    return String(api?.id);
  }

  it('a wrong secret is of the address that sent it, whatever client it names', async () => {
    await post(
      stage,
      '/token',
      { ...web, secret: 'wrong' },
      { grant_type: 'refresh_token', refresh_token: 'x' },
    );
    await post(
      stage,
      '/token',
      { ...web, clientId: 'app_nobody', secret: 'x' },
      { grant_type: 'refresh_token' },
    );
    await expectNoted(atAddress('failed-authentication', 2));
  });

  it('an invalid grant is of the client that proved itself', async () => {
    await refresh(stage, web, newHandle('refresh', new Date()));
    await expectNoted([ofClient('invalid-grant', web)]);
  });

  it('an invalid grant in the name of a public client is of the address', async () => {
    await refresh(stage, spa, newHandle('refresh', new Date()));
    await expectNoted(atAddress('invalid-grant'));
  });

  it('a code presented twice with the secret is a replay of the client', async () => {
    const code = await codeFor(stage, web);
    await redeem(stage, web, code);
    await redeem(stage, web, code);
    await expectNoted([ofClient('code-replay', web)]);
  });

  it('a code presented twice without a secret is of its grant and account, and one of many of the client', async () => {
    const code = await codeFor(stage, spa);
    await redeem(stage, spa, code);
    await redeem(stage, spa, code);
    await expectNoted([
      `code-replay ×1 grant ${await grantOf(spa)}`,
      `code-replay ×1 account ${stage.person.id}`,
      ofClient('account-misuse', spa),
      ofClient('network-misuse', spa),
    ]);
    // Two grants of one app, and two apps of one publisher, are one of the distinct others of the account.
    const sibling = await newApp(stage.server.platform, stage.api, { firstParty: true, type: 'spa' });
    for (const app of [spa, sibling]) {
      const again = await codeFor(stage, app);
      await redeem(stage, app, again);
      await redeem(stage, app, again);
    }
    await vi.waitFor(async () => {
      await writeSignals(stage.server.platform);
      const { db } = stage.server.platform;
      const grants = await db.signalMember.count({
        where: { subjectKind: 'grant', signal: 'code-replay' },
      });
      const subject = stage.person.id;
      const owners = await db.signalMember.count({ where: { subject, signal: 'code-replay' } });
      expect([grants, owners]).toEqual([3, 1]);
    }, PATIENCE);
  });

  it('a refresh token used again after its successor is reuse by whoever holds it', async () => {
    const first = await tokensFor(stage, spa, OFFLINE);
    const second = await refresh(stage, spa, first.refresh_token);
    await refresh(stage, spa, String(second.body.refresh_token));
    await refresh(stage, spa, first.refresh_token);
    await expectNoted([
      `refresh-reuse ×1 grant ${await grantOf(spa)}`,
      `refresh-reuse ×1 account ${stage.person.id}`,
      ofClient('account-misuse', spa),
      ofClient('network-misuse', spa),
    ]);
  });

  it('is of the address once the family has ended, and the token with it', async () => {
    const first = await tokensFor(stage, spa, OFFLINE);
    const second = await refresh(stage, spa, first.refresh_token);
    await refresh(stage, spa, String(second.body.refresh_token));
    for (let times = 0; times < 5; times += 1) await refresh(stage, spa, first.refresh_token);
    await expectNoted([
      `refresh-reuse ×1 grant ${await grantOf(spa)}`,
      `refresh-reuse ×1 account ${stage.person.id}`,
      ofClient('account-misuse', spa),
      ofClient('network-misuse', spa),
      ...atAddress('invalid-grant', 4),
    ]);
  });

  it('a code of another client hurts neither its grant nor its client', async () => {
    const code = await codeFor(stage, spa);
    await redeem(stage, web, code);
    await expectNoted([ofClient('invalid-code', web)]);
  });

  it('a code that never was is told apart from invalid grants: whoever opens a callback chooses it', async () => {
    await redeem(stage, web, { code: newHandle('code', new Date()), verifier: 'x'.repeat(43) });
    await expectNoted([ofClient('invalid-code', web)]);
  });

  it('a code redeemed for another redirect URI is a mismatch of the client', async () => {
    const code = await codeFor(stage, web);
    await redeem(stage, web, code, { redirect_uri: 'https://evil.example/' });
    await expectNoted([ofClient('code-mismatch', web)]);
  });

  it('a redirect URI that is not registered is of the address that came with it', async () => {
    await authorize(stage, web, { redirect_uri: 'https://evil.example/' });
    await expectNoted(atAddress('redirect-mismatch'));
  });

  it('a scope without access is of the client, and of it at the API', async () => {
    const asked = { grant_type: 'client_credentials', scope: 'notes:write', resource: stage.api.identifier };
    await post(stage, '/token', strange, asked);
    await expectNoted([
      ofClient('scope-refused', strange),
      `scope-refused ×1 access ${strange.clientId} ${await apiId(stage.api)}`,
    ]);
  });

  it('scopes that are probed behind a long row of others are told apart', async () => {
    const known = Array<string>(40).fill('notes:read').join(' ');
    for (const probed of ['notes:erase', 'notes:export']) {
      const asked = { grant_type: 'client_credentials', scope: `${known} ${probed}` };
      expect((await post(stage, '/token', machine, asked)).body).toMatchObject({ error: 'invalid_scope' });
    }
    await expectNoted([
      ofClient('scope-refused', machine, 2),
      `scope-refused ×2 access ${machine.clientId} ${await apiId(stage.api)}`,
    ]);
    const subject = { kind: 'client', id: machine.clientId } as const;
    expect(await countMembers(stage.server.platform, subject, 'scope-refused', 1)).toBe(2);
  });

  it('an API that a browser asks for without access is of its address', async () => {
    await authorize(stage, web, { resource: 'https://nowhere.example' });
    await expectNoted(atAddress('scope-refused'));
  });

  it('a token of another API is foreign to the API that asks', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    await post(stage, '/token/introspection', otherApi, { token });
    await expectNoted([`foreign-introspection ×1 api ${await apiId(otherApi)}`]);
  });

  it('a token of another client is foreign to the client that asks', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    await post(stage, '/token/introspection', machine, { token });
    await expectNoted([ofClient('foreign-introspection', machine)]);
  });

  it('a token that never was is unknown', async () => {
    await post(stage, '/token/introspection', machine, { token: newHandle('access', new Date()) });
    await expectNoted([ofClient('unknown-token', machine)]);
  });

  it('a person who says no is told of the client', async () => {
    const third = await newApp(stage.server.platform, stage.api);
    const page = await stage.browser.open(
      `/authorize?${new URLSearchParams({
        ...{ client_id: third.clientId, redirect_uri: third.redirectUri, response_type: 'code' },
        ...{ scope: 'openid notes:read', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' },
      })}`,
    );
    await stage.browser.submit(page, 'Cancel');
    await expectNoted([ofClient('consent-denied', third)]);
  });

  it('a proof presented a second time proves nothing: it is of the address', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const claims = { jti: 'only once', htm: 'POST', htu: `${stage.issuer}/token` };
    const DPoP = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
      .setIssuedAt()
      .sign(privateKey);
    const ask = () => post(stage, '/token', machine, { grant_type: 'client_credentials' }, { DPoP });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 400]);
    await expectNoted(atAddress('proof-replay'));
  });

  describe('with little left of the limits', () => {
    const limitTo = (value: object) =>
      changeSetting(stage.server.platform, OPERATOR, { setting: LIMIT_OVERRIDES, value });
    afterAll(() => limitTo({}));

    it('a call above the limit is of the client that proved itself, or else of the address', async () => {
      await limitTo({ token: { budget: 1 }, unproven: { budget: 1 } });
      const busy = await newApp(stage.server.platform, stage.api, {
        type: 'machine',
        scopes: ['notes:read'],
      });
      const refusals = async (app: App) => {
        const answers = [];
        for (let times = 0; times < 3; times += 1)
          answers.push((await post(stage, '/token', app, { grant_type: 'client_credentials' })).status);
        return answers.filter((status) => status === 429).length;
      };
      const [own, strangers] = [await refusals(busy), await refusals({ ...busy, secret: 'wrong' })];
      // A window may have ended in between.
      expect(Math.min(own, strangers)).toBeGreaterThan(0);
      const expected = [ofClient('rate-refused', busy, own), ...atAddress('limit-refused', strangers)];
      await expectNoted(expected, ['rate-refused', 'limit-refused']);
    });
  });

  it('one user of an app takes nothing from the others, whatever they do with their own tokens', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
    const other = { ...stage, ...(await anotherPerson(stage)) };
    const identity = { scope: 'openid profile' };
    const [mine, spent] = [await tokensFor(stage, app, identity), await codeFor(stage, app)];
    const [theirs, unspent] = [await tokensFor(other, app, identity), await codeFor(other, app)];
    const userinfo = async ({ access_token: token }: { access_token: string }) =>
      (await post(stage, '/userinfo', undefined, {}, { Authorization: `Bearer ${token}` })).status;
    const value = { token: { budget: 4 }, userinfo: { budget: 4 } };
    await changeSetting(platform, OPERATOR, { setting: LIMIT_OVERRIDES, value });
    const loud: number[] = [];
    for (let times = 0; times < 10; times += 1) {
      loud.push(await userinfo(mine), (await redeem(stage, app, spent)).status);
    }
    // A window may have ended in between.
    expect(loud.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4);
    expect([await userinfo(theirs), (await redeem(stage, app, unspent)).status]).toEqual([200, 200]);
    await changeSetting(platform, OPERATOR, { setting: LIMIT_OVERRIDES, value: {} });
  });

  it('a call that a gateway asks about above its rate is of the access', async () => {
    const { platform } = stage.server;
    const scopes = ['notes:read'];
    const access = { apiIdentifier: stage.api.identifier, origin: 'operator', scopes } as const;
    const organizationId = await newOrganization(platform, 'Often');
    const often = await newApp(platform, stage.api, { organizationId, type: 'machine', scopes });
    await grantAccess(platform, OPERATOR, { ...access, clientId: often.clientId, requestsPerMinute: 1 });
    const issuedTo = await post(stage, '/token', often, { grant_type: 'client_credentials' });
    const token = String(issuedTo.body.access_token);
    let refused = 0;
    for (let times = 0; times < 3; times += 1)
      if ((await askCheck(stage.issuer, { api: stage.api, token })).status === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    await expectNoted(
      [`rate-refused ×${refused} access ${often.clientId} ${await apiId(stage.api)}`],
      ['rate-refused'],
    );
  });

  it('what one API says of a token pauses nothing that its person does at another', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, stage.api, {
      firstParty: true,
      resources: [stage.api.identifier, otherApi.identifier],
      scopes: ['notes:read'],
    });
    const access = { apiIdentifier: otherApi.identifier, origin: 'operator' } as const;
    await grantAccess(platform, OPERATOR, { ...access, clientId: app.clientId, scopes: ['notes:read'] });
    const refusedWith = async (...resource: string[]) => {
      const code = await codeFor(stage, app, { resource });
      const { access_token: token } = issued(await redeem(stage, app, code, { resource: resource[0] }));
      expect((await askCheck(stage.issuer, { api: stage.api, token, method: 'DELETE' })).status).toBe(403);
    };
    await refusedWith(`${stage.api.identifier}/`);
    // The session has one grant for the app, which is now for both.
    await refusedWith(stage.api.identifier, otherApi.identifier);
    await expectNoted([`route-refused ×1 grant ${await grantOf(app)}`], ['route-refused']);
  });

  it('work is counted on whoever did it: the client, the API, and the client at the API', async () => {
    const { access_token: token } = await tokensFor(stage, web);
    await post(stage, '/token/introspection', stage.api, { token });
    const id = await apiId(stage.api);
    const access = `access ${web.clientId} ${id}`;
    await expectNoted(
      [
        ofClient('calls', web, 3),
        ofClient('token-calls', web),
        ofClient('tokens-issued', web, 3),
        `calls ×1 api ${id}`,
        `introspections ×1 api ${id}`,
        `calls ×1 ${access}`,
        `people-reached ×1 ${access}`,
      ],
      WORK,
    );
  });

  it('what merely names a victim is noted on nobody but the address', async () => {
    const victim = { ...web, secret: '' };
    await refresh(stage, victim, newHandle('refresh', new Date()));
    await redeem(stage, victim, { code: newHandle('code', new Date()), verifier: 'x'.repeat(43) });
    await post(stage, '/token/introspection', { ...web, secret: 'no' }, { token: 'x' });
    await post(stage, '/token/revocation', { ...web, secret: 'no' }, { token: 'x' });
    await post(stage, '/request', { ...web, secret: 'no' }, {});
    await authorize(stage, web, { redirect_uri: 'https://evil.example/', scope: 'all' });
    const rows = async () => stage.server.platform.db.signalCount.findMany();
    await vi.waitFor(async () => {
      await writeSignals(stage.server.platform);
      expect((await rows()).reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(10);
    }, PATIENCE);
    expect(new Set((await rows()).map(({ subjectKind }) => subjectKind))).toEqual(
      new Set(['address', 'network']),
    );
  });
});
