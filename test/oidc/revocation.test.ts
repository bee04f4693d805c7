import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { type App, newApp } from '../support/world.ts';
import {
  type Caller,
  isActive,
  issued,
  openStage,
  type Params,
  post,
  refresh,
  rowCounts,
  type Stage,
  tokensFor,
} from './stage.ts';

const OFFLINE = { scope: 'openid notes:read offline_access' };

describe('giving a token back', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let spa: App;
  let machine: App;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    app = await newApp(platform, stage.api, { firstParty: true });
    other = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
    machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
  });
  afterAll(() => stage.server.stop());

  const giveBack = (caller: Caller | undefined, params: Params) =>
    post(stage, '/token/revocation', caller, params);

  /** RFC 7009 §2.2: 200 and nothing to read, whatever the token was. */
  async function expectDone(caller: Caller, params: Params): Promise<void> {
    const { status, headers, text } = await giveBack(caller, params);
    expect([status, headers.get('Content-Type'), text]).toEqual([
      200,
      'application/json; charset=utf-8',
      '{}',
    ]);
  }

  it.each([
    ['an access token', 'access_token'],
    ['a refresh token', 'refresh_token'],
  ] as const)('%s ends everything that came with it', async (_what, kind) => {
    const tokens = await tokensFor(stage, app, OFFLINE);
    const renewed = issued(await refresh(stage, app, tokens.refresh_token));
    await expectDone(app, { token: tokens[kind] });
    for (const { access_token } of [tokens, renewed]) expect(await isActive(stage, access_token)).toBe(false);
    expect((await refresh(stage, app, tokens.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('works for an app without a secret, and for each member of a rotated family', async () => {
    const first = await tokensFor(stage, spa, OFFLINE);
    const second = issued(await refresh(stage, spa, first.refresh_token));
    await expectDone(spa, { token: first.refresh_token });
    expect(await isActive(stage, second.access_token)).toBe(false);
    expect((await refresh(stage, spa, second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('ends one token of a machine and leaves the next', async () => {
    const ask = async () =>
      issued(await post(stage, '/token', machine, { grant_type: 'client_credentials' })).access_token;
    const [one, two] = [await ask(), await ask()];
    await expectDone(machine, { token: one });
    expect(await isActive(stage, one)).toBe(false);
    expect(await isActive(stage, two)).toBe(true);
  });

  it('leaves what another app got from the same person alone', async () => {
    const mine = await tokensFor(stage, app, OFFLINE);
    const theirs = await tokensFor(stage, other, OFFLINE);
    await expectDone(app, { token: mine.refresh_token });
    expect(await isActive(stage, theirs.access_token)).toBe(true);
    expect((await refresh(stage, other, theirs.refresh_token)).status).toBe(200);
  });

  it('says done to somebody else, who learns nothing, and does nothing', async () => {
    const tokens = await tokensFor(stage, app, OFFLINE);
    for (const caller of [other, spa, machine, stage.api]) {
      await expectDone(caller, { token: tokens.access_token });
      await expectDone(caller, { token: tokens.refresh_token });
    }
    expect(await isActive(stage, tokens.access_token)).toBe(true);
    expect((await refresh(stage, app, tokens.refresh_token)).status).toBe(200);
  });

  it.each([
    ['that never was', () => newHandle('access', new Date())],
    ['that is no token', () => 'x'],
    ['that is a property', () => '__proto__'],
    ['of fifty kilobytes', () => 'x'.repeat(50_000)],
  ])('of a token %s is done, and stores nothing', async (_what, token) => {
    const before = await rowCounts(stage);
    await expectDone(app, { token: token() });
    expect(await rowCounts(stage)).toEqual(before);
  });

  it('is done again and again', async () => {
    const { access_token: token } = await tokensFor(stage, app);
    for (let turn = 0; turn < 3; turn += 1) await expectDone(app, { token });
  });

  it.each(['access_token', 'refresh_token', 'x', '__proto__'])(
    'needs no hint, and %s as one changes nothing',
    async (hint) => {
      const { refresh_token: token } = await tokensFor(stage, app, OFFLINE);
      await expectDone(app, { token, token_type_hint: hint });
      expect((await refresh(stage, app, token)).body.error).toBe('invalid_grant');
    },
  );

  it('cannot stop a JWT, and says so (RFC 7009 §2.2.1)', async () => {
    const { id_token: token } = await tokensFor(stage, app);
    const answer = await giveBack(app, { token });
    expect([answer.status, answer.body.error]).toEqual([400, 'unsupported_token_type']);
  });

  it.each<[string, () => Caller | undefined, Params, number, string]>([
    ['nobody', () => undefined, { token: 'x' }, 401, 'invalid_client'],
    ['an app with a wrong secret', () => ({ ...app, secret: 'x' }), { token: 'x' }, 401, 'invalid_client'],
    ['an app without its secret', () => ({ ...app, secret: '' }), { token: 'x' }, 401, 'invalid_client'],
    ['an app with nothing to give', () => app, {}, 400, 'invalid_request'],
    ['an app with two tokens', () => app, { token: ['a', 'b'] }, 400, 'invalid_request'],
  ])('is refused to %s', async (_who, caller, params, status, error) => {
    const answer = await giveBack(caller(), params);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it('is on record', async () => {
    const { access_token: token } = await tokensFor(stage, app);
    const { db } = stage.server.platform;
    const before = await db.auditEvent.count({ where: { action: 'grant.revoked' } });
    await expectDone(app, { token });
    expect(await db.auditEvent.count({ where: { action: 'grant.revoked' } })).toBe(before + 1);
  });
});
