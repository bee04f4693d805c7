import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { resumeClient, suspendClient } from '../../src/developers/clients/suspension.ts';
import { LIFETIMES } from '../../src/tokens/lifetimes.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApp, newOrganization, OPERATOR } from '../support/world.ts';
import {
  type Answer,
  anotherPerson,
  codeFor,
  isActive,
  issued,
  openStage,
  type Params,
  redeem,
  refresh,
  rowCounts,
  type Stage,
  tokensFor,
} from './stage.ts';

/** Whoever stops an app of their own lets it go on alone. */
const MEMBER = { kind: 'account', id: '01890000-0000-7000-8000-000000000001' } as const;

const OFFLINE = { scope: 'openid notes:read offline_access' };

describe('a refresh token', () => {
  let stage: Stage;
  let web: App;
  let spa: App;
  let other: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    web = await newApp(platform, stage.api, { firstParty: true });
    other = await newApp(platform, stage.api, { firstParty: true });
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  function expectDead(answer: Answer): void {
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'invalid_grant',
      error_description: 'grant request is invalid',
    });
  }

  const renew = async (app: App, token: string, params: Params = {}) =>
    issued(await refresh(stage, app, token, params));

  describe('of an app that keeps no secret', () => {
    it('is replaced at each use', async () => {
      const first = await tokensFor(stage, spa, OFFLINE);
      const second = await renew(spa, first.refresh_token);
      const third = await renew(spa, second.refresh_token);
      expect(new Set([first, second, third].map((one) => one.refresh_token)).size).toBe(3);
      expect(await isActive(stage, third.access_token)).toBe(true);
    });

    it('survives a lost answer: the same successor comes again, as long as that is unused', async () => {
      const { refresh_token: token } = await tokensFor(stage, spa, OFFLINE);
      time = shiftTime();
      const lost = await renew(spa, token);
      time.forward(LIFETIMES.refreshRepeat - 20);
      const again = await renew(spa, token);
      expect(again.refresh_token).toBe(lost.refresh_token);
      expect(again.access_token).not.toBe(lost.access_token);
      await renew(spa, again.refresh_token);
    });

    it('ends its family when it comes back after its successor was used', async () => {
      const first = await tokensFor(stage, spa, OFFLINE);
      const second = await renew(spa, first.refresh_token);
      const third = await renew(spa, second.refresh_token);
      expectDead(await refresh(stage, spa, first.refresh_token));
      for (const tokens of [second, third]) expectDead(await refresh(stage, spa, tokens.refresh_token));
      for (const tokens of [first, second, third]) {
        expect(await isActive(stage, tokens.access_token)).toBe(false);
      }
    });

    it('ends its family when it comes back after a minute', async () => {
      const first = await tokensFor(stage, spa, OFFLINE);
      time = shiftTime();
      const second = await renew(spa, first.refresh_token);
      time.forward(LIFETIMES.refreshRepeat + 1);
      const reuses = await countReuses();
      expectDead(await refresh(stage, spa, first.refresh_token));
      expectDead(await refresh(stage, spa, second.refresh_token));
      expect(await countReuses()).toBe(reuses + 1);
    });

    it('leaves another family of the same person alone', async () => {
      const { browser } = await anotherPerson(stage);
      const mine = await tokensFor(stage, spa, OFFLINE);
      const theirs = await tokensFor({ ...stage, browser }, spa, OFFLINE);
      const next = await renew(spa, mine.refresh_token);
      await renew(spa, next.refresh_token);
      expectDead(await refresh(stage, spa, mine.refresh_token));
      expect((await refresh(stage, spa, theirs.refresh_token)).status).toBe(200);
    });

    const refused: [string, string, Params][] = [
      ['an API that does not exist', 'invalid_target', { resource: 'https://nowhere.example' }],
      ['a scope that was not granted', 'invalid_scope', { scope: 'openid notes:write' }],
      ['a scope that is none', 'invalid_scope', { scope: 'a"b' }],
    ];
    it.each(refused)('is not spent by a request for %s', async (_what, error, params) => {
      const { refresh_token: token } = await tokensFor(stage, spa, OFFLINE);
      const before = await rowCounts(stage);
      expect((await refresh(stage, spa, token, params)).body.error).toBe(error);
      expect(await rowCounts(stage)).toEqual(before);
      time = shiftTime(LIFETIMES.refreshRepeat + 1);
      expect((await refresh(stage, spa, token)).status).toBe(200);
    });
  });

  describe('of an app that keeps a secret', () => {
    it('stays the same, however often it is used', async () => {
      const { refresh_token: token } = await tokensFor(stage, web, OFFLINE);
      for (let turn = 0; turn < 3; turn += 1) {
        expect((await renew(web, token)).refresh_token).toBe(token);
      }
    });

    it('is worth nothing without the secret, or with the secret of another', async () => {
      const { refresh_token: token } = await tokensFor(stage, web, OFFLINE);
      expect((await refresh(stage, { ...web, secret: '' }, token)).body.error).toBe('invalid_client');
      expect((await refresh(stage, { ...web, secret: other.secret }, token)).body.error).toBe(
        'invalid_client',
      );
      expectDead(await refresh(stage, other, token));
      expectDead(await refresh(stage, spa, token));
      expect((await refresh(stage, web, token)).status).toBe(200);
    });
  });

  it('cannot be stretched: scopes only shrink, and only for that one answer', async () => {
    const write = { scope: 'openid email notes:read notes:write offline_access' };
    const { refresh_token: token } = await tokensFor(stage, web, write);
    expect((await renew(web, token)).scope).toBe('notes:read notes:write');
    expect((await renew(web, token, { scope: 'notes:read' })).scope).toBe('notes:read');
    expect((await renew(web, token)).scope).toBe('notes:read notes:write');
    const read = await tokensFor(stage, web, OFFLINE);
    const wider = await refresh(stage, web, read.refresh_token, { scope: 'notes:read email' });
    expect([wider.status, wider.body.error]).toEqual([400, 'invalid_scope']);
  });

  it('of a narrower request holds no more than that, although the person allowed more before', async () => {
    await tokensFor(stage, web, { scope: 'openid notes:read notes:write' });
    const { refresh_token: token } = await tokensFor(stage, web, { scope: 'openid notes:read' });
    expect((await renew(web, token)).scope).toBe('notes:read');
    expect((await refresh(stage, web, token, { scope: 'notes:write' })).body.error).toBe('invalid_scope');
  });

  it.each(['', 'x', '__proto__', 'x'.repeat(5000)])('that is none is refused: %j', async (token) => {
    const answer = await refresh(stage, web, token);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe(token === '' ? 'invalid_request' : 'invalid_grant');
  });

  it('that is not exactly it is none', async () => {
    const { refresh_token: token } = await tokensFor(stage, web, OFFLINE);
    for (const altered of [token.slice(0, -1), `${token}0`, token.toUpperCase(), ` ${token}`, `${token}=`]) {
      expectDead(await refresh(stage, web, altered));
    }
  });

  describe('ends', () => {
    it('with the sign-out of the browser, unless offline access was allowed', async () => {
      const { browser } = await anotherPerson(stage);
      const signedIn = { ...stage, browser };
      const bound = await tokensFor(signedIn, other, { scope: 'openid notes:read' });
      const offline = await tokensFor(signedIn, web, OFFLINE);
      await browser.submit(await browser.open('/sign-out'), 'Sign out');
      expectDead(await refresh(stage, other, bound.refresh_token));
      expect(await isActive(stage, bound.access_token)).toBe(false);
      expect((await refresh(stage, web, offline.refresh_token)).status).toBe(200);
      expect(await isActive(stage, offline.access_token)).toBe(true);
    });

    it('while its app is suspended, and works again afterwards', async () => {
      const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
      const { refresh_token: token, access_token } = await tokensFor(stage, app, OFFLINE);
      await suspendClient(stage.server.platform, MEMBER, app.clientId);
      await sleep(600);
      expect(await isActive(stage, access_token)).toBe(false);
      expect((await refresh(stage, app, token)).body.error).toBe('invalid_client');
      await resumeClient(stage.server.platform, MEMBER, app.clientId);
      await sleep(600);
      expect((await refresh(stage, app, token)).status).toBe(200);
    });

    it('with the access of its app, and narrows with it', async () => {
      const { platform } = stage.server;
      const organizationId = await newOrganization(platform, 'Somebody else');
      const app = await newApp(platform, stage.api, { organizationId });
      time = shiftTime();
      const give = (scopes: string[], seconds: number) =>
        grantAccess(platform, OPERATOR, {
          clientId: app.clientId,
          apiIdentifier: stage.api.identifier,
          scopes,
          until: new Date(Date.now() + seconds * 1000),
          origin: 'operator',
        });
      await give(['notes:read'], 200);
      await give(['notes:write'], 100);
      const wanted = { scope: 'openid notes:read notes:write offline_access' };
      const { refresh_token: token, scope } = await tokensFor(stage, app, wanted);
      expect(scope).toBe('notes:read notes:write');
      time.forward(101);
      expect((await renew(app, token)).scope).toBe('notes:read');
      time.forward(100);
      const answer = await refresh(stage, app, token);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target']);
      expect(answer.body.error_description).toContain('ended at');
    });
  });

  it('is not made for a code that is presented twice', async () => {
    const code = await codeFor(stage, spa, OFFLINE);
    const { refresh_token: token } = issued(await redeem(stage, spa, code));
    await redeem(stage, spa, code);
    expectDead(await refresh(stage, spa, token));
  });

  // The last ones: while the clock stands a year ahead, jobs end every session.
  describe('in time', () => {
    const signedIn = async () => ({ ...stage, ...(await anotherPerson(stage)) });
    const { idleSeconds, absoluteSeconds } = LIFETIMES.refreshToken;

    it.each([['spa'], ['web']])('is over after thirty days without use (%s)', async (type) => {
      const app = type === 'spa' ? spa : web;
      const { refresh_token: token } = await tokensFor(await signedIn(), app, OFFLINE);
      time = shiftTime(idleSeconds - 60);
      const renewed = await renew(app, token);
      time.forward(idleSeconds + 60);
      expectDead(await refresh(stage, app, renewed.refresh_token));
    });

    it.each([['spa'], ['web']])('is over after a year, however much it was used (%s)', async (type) => {
      const app = type === 'spa' ? spa : web;
      let { refresh_token: token } = await tokensFor(await signedIn(), app, OFFLINE);
      time = shiftTime();
      const steps = Math.floor(absoluteSeconds / (idleSeconds - 86_400));
      for (let step = 0; step < steps; step += 1) {
        time.forward(idleSeconds - 86_400);
        ({ refresh_token: token } = await renew(app, token));
      }
      time.forward(absoluteSeconds - steps * (idleSeconds - 86_400) - 60);
      ({ refresh_token: token } = await renew(app, token));
      time.forward(120);
      expectDead(await refresh(stage, app, token));
    });

    it('lives its year out also where the person was signed in for weeks already', async () => {
      const current = await signedIn();
      time = shiftTime();
      await tokensFor(current, web, OFFLINE);
      for (let day = 0; day < 20; day += 1) {
        time.forward(80_000);
        await codeFor(current, web, OFFLINE);
      }
      const { refresh_token: token } = await tokensFor(current, web, OFFLINE);
      for (let month = 0; month < 12; month += 1) {
        time.forward(29 * 86_400);
        await renew(web, token);
      }
      time.forward(16 * 86_400);
      await renew(web, token);
    });
  });

  function countReuses(): Promise<number> {
    return stage.server.platform.db.auditEvent.count({ where: { action: 'grant.reuse-detected' } });
  }
});
