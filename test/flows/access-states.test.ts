import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCode } from '../../src/developers/access/access-codes.ts';
import { approveRequest } from '../../src/developers/access/access-decisions.ts';
import { changeAccess } from '../../src/developers/access/access-changes.ts';
import { endAccess } from '../../src/developers/access/access-ends.ts';
import { askForAccess } from '../../src/developers/access/access-requests.ts';
import { makeOpening } from '../../src/developers/access/openings.ts';
import { redeemForApp } from '../../src/developers/access/redemption.ts';
import { takeAccess } from '../../src/developers/access/take-access.ts';
import { ok } from '../support/developers.ts';
import { relyingParty } from '../support/relying-party.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { Visitor } from '../support/visitor.ts';
import {
  type App,
  newApi,
  newApp,
  newOrganization,
  newPerson,
  type Notes,
  OPERATOR,
  type Person,
  signIn,
} from '../support/world.ts';

const WITHIN_A_SECOND = 1_000;
const OTHER_DOMAIN = '00000000-0000-7000-8000-00000000beef';
const scopes = ['notes:read'];
const given = { scopes, days: 90, peoplePerDay: null, requestsPerMinute: null };

/** With real time and two processes: what happens to an access through one is heard by both. */
describe('the access of an app, over two processes', { timeout: 120_000 }, () => {
  let world: TwoServers;
  let api: Notes;
  let apiId: string;
  let organizationId: string;
  let person: Person;
  let browser: Visitor;
  beforeAll(async () => {
    world = await startTwoServers();
    api = await newApi(world.platform);
    const row = { where: { identifier: api.identifier } };
    apiId = (await world.platform.db.api.findUniqueOrThrow(row)).id;
    organizationId = await newOrganization(world.platform, 'Elsewhere');
    ({ person, browser } = await somebody());
  }, 60_000);
  afterAll(() => world.stop());

  async function somebody() {
    const one = await newPerson(world.platform);
    const visitor = new Visitor(world.issuer);
    await signIn(visitor, one);
    return { person: one, browser: visitor };
  }

  const anApp = () => newApp(world.platform, api, { organizationId, firstParty: true });
  const opened = async (kind: 'all' | 'request', peoplePerDay: number | null = null) => {
    const of = { apiId, organizationId: api.organizationId, kind };
    return ok(await makeOpening(world.platform, OPERATOR, { ...of, ...given, peoplePerDay })).id;
  };
  const takenBy = async ({ clientId }: App, peoplePerDay: number | null = null) => {
    const openingId = await opened('all', peoplePerDay);
    const taking = { openingId, clientId, organizationId, accountId: person.id };
    return ok(await takeAccess(world.platform, OPERATOR, taking)).id;
  };

  /** What an authorization request is answered with: a code, or the error. */
  async function callback(app: App, visitor = browser) {
    const party = await relyingParty(world.issuer, app);
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    const page = await visitor.open(request.url);
    const answer = new URL(page.location ?? 'about:blank').searchParams;
    return { party, request, page, error: answer.get('error') };
  }

  async function tokensOf(app: App, visitor = browser) {
    const { party, request, page } = await callback(app, visitor);
    const tokens = await party.redeem(request, page);
    return { access: tokens.access_token, refresh: String(tokens.refresh_token) };
  }
  type Tokens = Awaited<ReturnType<typeof tokensOf>>;

  const active = async (turn: number, token: string) =>
    (await world.post(turn, '/token/introspection', { token }, basic(api))).json().active;
  const renewed = async (turn: number, app: App, refresh_token: string) =>
    (await world.post(turn, '/token', { grant_type: 'refresh_token', refresh_token }, basic(app))).status;
  /** Introspection and refresh at both processes. */
  const seen = async (app: App, { access, refresh }: Tokens) =>
    Promise.all([0, 1].flatMap((turn) => [active(turn, access), renewed(turn, app, refresh)]));
  const WORKS = [true, 200, true, 200];
  const STOPPED = [false, 400, false, 400];

  it('pending: is nothing yet, and approved: works', async () => {
    const app = await anApp();
    const openingId = await opened('request');
    const asking = { openingId, clientId: app.clientId, organizationId, accountId: person.id, scopes };
    const purpose = 'Shows people their notes beside their mail.';
    const { id } = ok(await askForAccess(world.platform, OPERATOR, { ...asking, purpose }));
    expect((await callback(app)).error).toBe('invalid_target');
    ok(await approveRequest(world.platform, OPERATOR, { id, apiId, accountId: null, ...given }));
    await sleep(WITHIN_A_SECOND);
    expect(await seen(app, await tokensOf(app))).toEqual(WORKS);
  });

  it('by code: works from the moment it is redeemed', async () => {
    const app = await anApp();
    expect((await callback(app)).error).toBe('invalid_target');
    const of = { apiId, organizationId: api.organizationId, accountId: null, label: 'Fair', uses: 1 };
    const untilAt = new Date(Date.now() + 86_400_000);
    const { issued } = ok(await makeCode(world.platform, OPERATOR, { ...of, ...given, untilAt }));
    const redemption = { code: issued.secret, clientId: app.clientId, organizationId, accountId: person.id };
    ok(await redeemForApp(world.platform, OPERATOR, redemption));
    await sleep(WITHIN_A_SECOND);
    expect(await seen(app, await tokensOf(app))).toEqual(WORKS);
  });

  it('expired: stops', async () => {
    const app = await anApp();
    const id = await takenBy(app);
    const tokens = await tokensOf(app);
    const endsIn = async (milliseconds: number) =>
      ok(await changeAccess(world.platform, OPERATOR, { id, until: new Date(Date.now() + milliseconds) }));
    await endsIn(3_600_000);
    expect(await seen(app, tokens)).toEqual(WORKS);
    await endsIn(500);
    await sleep(500 + WITHIN_A_SECOND);
    expect(await seen(app, tokens)).toEqual(STOPPED);
  });

  it('revoked: stops', async () => {
    const app = await anApp();
    const id = await takenBy(app);
    const tokens = await tokensOf(app);
    expect(await seen(app, tokens)).toEqual(WORKS);
    ok(await endAccess(world.platform, OPERATOR, { id, apiId, note: 'Enough' }));
    await sleep(WITHIN_A_SECOND);
    expect(await seen(app, tokens)).toEqual(STOPPED);
  });

  it('over its cap: goes on for whoever was counted, and for nobody else', async () => {
    const app = await anApp();
    const id = await takenBy(app);
    const guest = await somebody();
    const theirs = await tokensOf(app, guest.browser);
    ok(await changeAccess(world.platform, OPERATOR, { id, peoplePerDay: 1 }));
    await sleep(WITHIN_A_SECOND);
    const mine = await tokensOf(app);
    expect(await seen(app, mine)).toEqual(WORKS);
    expect(await seen(app, theirs)).toEqual(STOPPED);
    ok(await changeAccess(world.platform, OPERATOR, { id, peoplePerDay: 2 }));
    await sleep(WITHIN_A_SECOND);
    expect(await seen(app, theirs)).toEqual(WORKS);
  });

  it('across trust domains: stops', async () => {
    const app = await anApp();
    await takenBy(app);
    const tokens = await tokensOf(app);
    expect(await seen(app, tokens)).toEqual(WORKS);
    const domain = { id: OTHER_DOMAIN, name: 'staff', title: 'Staff', createdAt: new Date() };
    await world.platform.db.trustDomain.create({ data: domain });
    await world.platform.db.api.update({ where: { id: apiId }, data: { trustDomainId: OTHER_DOMAIN } });
    await sleep(WITHIN_A_SECOND);
    try {
      expect(await seen(app, tokens)).toEqual(STOPPED);
    } finally {
      const main = '00000000-0000-7000-8000-000000000001';
      await world.platform.db.api.update({ where: { id: apiId }, data: { trustDomainId: main } });
    }
  });

  it('counts exactly five people where twelve come at once to both', async () => {
    const app = await anApp();
    await takenBy(app, 5);
    const people = await Promise.all([...Array(12)].map(somebody));
    const codes = await Promise.all(people.map(async (one) => callback(app, one.browser)));
    const answers = await Promise.all(
      codes.map(({ request, page }, turn) => {
        const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
        const fields = { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri };
        return world.post(turn, '/token', { ...fields, code_verifier: request.verifier }, basic(app));
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status !== 200).map((one) => one.json().error);
    expect(refused).toEqual(Array(7).fill('access_denied'));
    const day = await world.platform.db.accessDay.findFirstOrThrow({ where: { clientId: app.clientId } });
    expect(day.people).toBe(5);
  });

  it('is given to exactly three of fifty who redeem one code with three uses at once, without an account', async () => {
    const of = { apiId, organizationId: api.organizationId, accountId: null, label: 'Fair', uses: 3 };
    const untilAt = new Date(Date.now() + 86_400_000);
    const { id, issued } = ok(await makeCode(world.platform, OPERATOR, { ...of, ...given, untilAt }));
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
    const answers = await Promise.all(
      [...Array(50)].map((_, turn) => {
        const client = { client_name: `Night train ${turn}`, application_type: 'machine', jwks };
        return world.postJson(turn, '/access-codes/redemptions', { code: issued.secret, client });
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(47);
    expect(await world.platform.db.access.count({ where: { originId: id } })).toBe(3);
    expect(await world.platform.db.client.count({ where: { sponsored: true } })).toBe(3);
  });
});
