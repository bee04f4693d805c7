import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApp } from '../support/world.ts';
import {
  type Answer,
  codeFor,
  isActive,
  issued,
  newPkce,
  openStage,
  type Params,
  post,
  redeem,
  refresh,
  type Stage,
} from './stage.ts';

describe('an authorization code', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let spa: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    const redirectUris = ['http://localhost:4321/callback', 'http://localhost:4321/second'];
    app = await newApp(platform, stage.api, { firstParty: true, redirectUris });
    other = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  function expectRefused(answer: Answer): void {
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(REFUSAL);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.headers.get('Pragma')).toBe('no-cache');
  }

  async function reuses(): Promise<number> {
    return stage.server.platform.db.auditEvent.count({ where: { action: 'grant.reuse-detected' } });
  }

  it('is good for one set of tokens', async () => {
    const code = await codeFor(stage, app);
    const answer = await redeem(stage, app, code);
    const tokens = issued(answer);
    expect(await isActive(stage, tokens.access_token)).toBe(true);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'notes:read' });
  });

  it('that is presented twice gives nothing more, and ends what it gave', async () => {
    const code = await codeFor(stage, app, { scope: 'openid notes:read offline_access' });
    const tokens = issued(await redeem(stage, app, code));
    expectRefused(await redeem(stage, app, code));
    expect(await isActive(stage, tokens.access_token)).toBe(false);
    expectRefused(await refresh(stage, app, tokens.refresh_token));
    expectRefused(await redeem(stage, app, code));
    expect(await reuses()).toBe(1);
  });

  it('that somebody else presents, after or before its app, harms neither', async () => {
    const code = await codeFor(stage, app);
    expectRefused(await redeem(stage, other, code, { redirect_uri: app.redirectUri }));
    const tokens = issued(await redeem(stage, app, code));
    expectRefused(await redeem(stage, other, code, { redirect_uri: app.redirectUri }));
    expectRefused(await redeem(stage, spa, code, { redirect_uri: app.redirectUri }));
    expect(await isActive(stage, tokens.access_token)).toBe(true);
  });

  const wrong: [string, Params][] = [
    ['another redirect URI that is registered', { redirect_uri: 'http://localhost:4321/second' }],
    ['a redirect URI in other letters', { redirect_uri: 'http://LOCALHOST:4321/callback' }],
    ['a redirect URI with more to it', { redirect_uri: 'http://localhost:4321/callback?' }],
    ['another verifier', { code_verifier: newPkce().verifier }],
    ['no verifier', { code_verifier: undefined }],
    ['an empty verifier', { code_verifier: '' }],
  ];
  it.each(wrong)('is refused with %s, and waits for the right one', async (_what, params) => {
    const code = await codeFor(stage, app);
    expectRefused(await redeem(stage, app, code, params));
    expect((await redeem(stage, app, code)).status).toBe(200);
  });

  it.each<[string, Params]>([
    ['a verifier that is too short', { code_verifier: 'x'.repeat(42) }],
    ['a verifier that is too long', { code_verifier: 'x'.repeat(129) }],
    ['a verifier in other characters', { code_verifier: `${'x'.repeat(42)}+` }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['no code', { code: undefined }],
    ['two codes', { code: ['a', 'b'] }],
    ['two verifiers', { code_verifier: ['a', 'b'] }],
  ])('is refused with %s as a request that is malformed', async (_what, params) => {
    const answer = await redeem(stage, app, await codeFor(stage, app), params);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('is not its own verifier: the challenge does not pass for it', async () => {
    const { code, verifier } = await codeFor(stage, app);
    expectRefused(await redeem(stage, app, { code, verifier: newPkce(verifier).challenge }));
  });

  it('of a public app needs its verifier just the same', async () => {
    const code = await codeFor(stage, spa);
    expectRefused(await redeem(stage, spa, code, { code_verifier: undefined }));
    expectRefused(await redeem(stage, spa, code, { code_verifier: newPkce().verifier }));
    expect((await redeem(stage, spa, code)).status).toBe(200);
  });

  it('of an app that keeps a secret is worth nothing without it', async () => {
    const code = await codeFor(stage, app);
    const answer = await redeem(stage, { ...app, secret: '' }, code);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  it('is over after a minute', async () => {
    const code = await codeFor(stage, app);
    const late = await codeFor(stage, app);
    time = shiftTime(50);
    expect((await redeem(stage, app, code)).status).toBe(200);
    time.forward(11);
    expectRefused(await redeem(stage, app, late));
  });

  it('that is wrong is wrong in one way: nobody learns whether it was unknown, used, over or of another app', async () => {
    const used = await codeFor(stage, app);
    await redeem(stage, app, used);
    const foreign = await codeFor(stage, other);
    const ended = await codeFor(stage, app);
    const fresh = await codeFor(stage, app);
    const { verifier } = fresh;
    const now = new Date();
    const codes = [
      used.code,
      foreign.code,
      newHandle('code', now),
      newHandle('access', now),
      newHandle('refresh', now),
      fresh.code.slice(0, -1),
      `${fresh.code}x`,
      fresh.code.toUpperCase(),
      `${fresh.code} `,
      'x',
      '__proto__',
      'x'.repeat(5000),
    ];
    time = shiftTime(61);
    const answers = [
      ...(await Promise.all(codes.map((code) => redeem(stage, app, { code, verifier })))),
      await redeem(stage, app, ended),
    ];
    for (const answer of answers) expectRefused(answer);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('refused for the API that was asked for is not spent', async () => {
    const code = await codeFor(stage, spa);
    const answer = await redeem(stage, spa, code, { resource: 'https://nowhere.example' });
    expect(answer.body.error).toBe('invalid_target');
    expect((await redeem(stage, spa, code)).status).toBe(200);
  });

  it('ends with the browser session it came from', async () => {
    const code = await codeFor(stage, app);
    await stage.server.platform.db.grant.updateMany({
      where: { clientId: app.clientId },
      data: { revokedAt: new Date() },
    });
    expectRefused(await redeem(stage, app, code));
  });

  it('of a suspended app is not redeemed', async () => {
    const paused = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const code = await codeFor(stage, paused);
    const { db } = stage.server.platform;
    await db.client.update({ where: { id: paused.clientId }, data: { suspendedAt: new Date() } });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await redeem(stage, paused, code)).body.error).toBe('invalid_client');
  });

  it('is looked for in the form alone', async () => {
    const { code, verifier } = await codeFor(stage, app);
    const query = new URLSearchParams({ code, code_verifier: verifier, redirect_uri: app.redirectUri });
    const answer = await post(stage, `/token?${query}`, app, { grant_type: 'authorization_code' });
    expect(answer.body.error).toBe('invalid_request');
  });
});

const REFUSAL = { error: 'invalid_grant', error_description: 'grant request is invalid' };
