import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf } from '../../src/tokens/consent-ends.ts';
import { changeConsentEnd, liveConsents, withdrawConsent } from '../../src/tokens/consents.ts';
import { relyingParty } from '../support/relying-party.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, type Notes, newApi, newApp, newPerson, OPERATOR, signIn } from '../support/world.ts';
import { PATIENCE } from '../support/patience.ts';

/** With real time and two processes: who brings an end forward in one of them is heard by both. */
describe('the end of a consent, over two processes', { timeout: 120_000 }, () => {
  let world: TwoServers;
  let api: Notes;
  let app: App;
  let parties: { accountId: string; clientId: string };
  let browser: Visitor;
  beforeAll(async () => {
    world = await startTwoServers();
    api = await newApi(world.platform);
    app = await newApp(world.platform, api);
  });
  afterAll(() => world.stop());

  async function allowed(scope: string) {
    const person = await newPerson(world.platform);
    parties = { accountId: person.id, clientId: app.clientId };
    browser = new Visitor(world.issuer);
    await signIn(browser, person);
    return tokensFor(scope);
  }

  async function tokensFor(scope: string) {
    const party = await relyingParty(world.issuer, app);
    const request = await party.request({ scope });
    const page = await browser.open(request.url);
    const asked = page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Allow'));
    return party.redeem(request, asked ? await browser.submit(page, 'Allow') : page);
  }

  const active = async (turn: number, token: string) =>
    (await world.post(turn, '/token/introspection', { token }, basic(api))).json().active;
  const renewed = async (turn: number, token: unknown) => {
    const fields = { grant_type: 'refresh_token', refresh_token: String(token) };
    return (await world.post(turn, '/token', fields, basic(app))).status;
  };
  const userinfo = async (turn: number, token: string) =>
    (await world.post(turn, '/userinfo', {}, { Authorization: `Bearer ${token}` })).status;

  /** Introspection, userinfo and refresh, at one of the two. */
  const seen = async (turn: number, tokens: { api: string; about: string; refresh: unknown }) =>
    Promise.all([active(turn, tokens.api), userinfo(turn, tokens.about), renewed(turn, tokens.refresh)]);

  it('stops introspection, userinfo and refresh within a second', async () => {
    const first = await allowed('openid email notes:read offline_access');
    const about = await tokensFor('openid email');
    const tokens = { api: first.access_token, about: about.access_token, refresh: first.refresh_token };
    for (const turn of [0, 1]) expect(await seen(turn, tokens)).toEqual([true, 200, 200]);
    const endsIn = async (milliseconds: number) => {
      const end = { until: new Date(Date.now() + milliseconds), unusedSeconds: null };
      expect(await changeConsentEnd(world.platform, OPERATOR, { ...parties, end })).toBe(true);
    };
    await endsIn(3_600_000);
    for (const turn of [0, 1]) expect(await seen(turn, tokens)).toEqual([true, 200, 200]);
    await endsIn(500);
    await sleep(1_500);
    for (const turn of [0, 1]) expect(await seen(turn, tokens)).toEqual([false, 401, 400]);
    expect(await liveConsents(world.platform, parties.accountId, app.clientId)).toEqual([]);
  });

  it('is one end, however many change it, use it and ask under it at once', async () => {
    await allowed('openid notes:read offline_access');
    const choices = ['1-hour', 'unused-90-days', '30-days', 'until-removed'] as const;
    for (let round = 0; round < 5; round += 1) {
      const changes = choices.map((choice) =>
        changeConsentEnd(world.platform, OPERATOR, { ...parties, end: endOf(choice, new Date()) }),
      );
      const requests = Array.from({ length: 6 }, () => tokensFor('openid notes:read'));
      const uses = (await Promise.all(requests)).map(({ access_token }, turn) => active(turn, access_token));
      expect(await Promise.all(uses)).not.toContain(false);
      expect(await Promise.all(changes)).not.toContain(false);
      const consents = await liveConsents(world.platform, parties.accountId, app.clientId);
      expect(
        new Set(consents.map(({ until, unusedSeconds }) => `${until?.getTime()} ${unusedSeconds}`)).size,
      ).toBe(1);
      const [{ until, unusedSeconds } = { until: null, unusedSeconds: null }] = consents;
      const grants = await world.platform.db.grant.findMany({ where: parties });
      expect(grants.every((grant) => grant.unusedSeconds === unusedSeconds)).toBe(true);
      if (until) expect(grants.every(({ expiresAt }) => expiresAt <= until)).toBe(true);
    }
  });

  it('writes when it was used last, whichever process saw it, also when that process stops', async () => {
    const { access_token: token } = await allowed('openid notes:read');
    const { grant } = world.platform.db;
    const lastUse = async () => (await grant.findFirstOrThrow({ where: parties })).lastUsedAt?.getTime() ?? 0;
    for (const turn of [0, 1]) {
      const before = Date.now();
      expect(await active(turn, token)).toBe(true);
      await expect.poll(lastUse, PATIENCE).toBeGreaterThanOrEqual(before);
    }
    const before = Date.now();
    expect(await active(1, token)).toBe(true);
    await world.servers[1].kill('SIGTERM');
    expect(await lastUse()).toBeGreaterThanOrEqual(before);
  });

  it('comes at once by withdrawal', async () => {
    const first = await allowed('openid email notes:read offline_access');
    await withdrawConsent(world.platform, OPERATOR, parties);
    expect([await active(0, first.access_token), await renewed(0, first.refresh_token)]).toEqual([
      false,
      400,
    ]);
  });
});
