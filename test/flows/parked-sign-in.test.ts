import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endSession, GRANT_HAS_LIVE_SESSION } from '../../src/accounts/sessions/sessions.ts';
import type { RunningServer } from '../../src/main.ts';
import { flushWriteSet } from '../../src/tokens/flush.ts';
import { newWriteSet } from '../../src/tokens/write-set.ts';
import { callbackOf, relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { Visitor } from '../support/visitor.ts';
import {
  type App,
  codeOf,
  type Notes,
  newApi,
  newApp,
  newPerson,
  OPERATOR,
  type Person,
  signIn,
} from '../support/world.ts';

describe('a sign-in that waits in an interaction', () => {
  let server: RunningServer;
  let api: Notes;
  let trusted: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    trusted = await newApp(server.platform, api, { firstParty: true });
  });
  afterAll(() => server.stop());
  afterEach(() => time?.restore());

  /** Signs in for a waiting request and stops right before the engine would go on. */
  async function park(visitor: Visitor, app: App, person: Person, params = {}) {
    const party = await relyingParty(server.url, app);
    const request = await party.request(params);
    const form = await visitor.open(request.url);
    const { email: Email, password: Password } = person;
    const second = await visitor.submit(form, 'Sign in', { Email, Password });
    const code = { 'One-time code': await codeOf(person) };
    const back = await visitor.submit(second, 'Continue', code, { follow: false });
    const answered = await visitor.open(String(back.location), { follow: false });
    return { party, request, next: String(answered.location) };
  }

  it('gives no code once every session of that person has ended', async () => {
    const visitor = new Visitor(server.url);
    const person = await newPerson(server.platform);
    const { next } = await park(visitor, trusted, person);
    expect(next).toContain('/authorize/');
    const sessions = await server.platform.db.browserSession.findMany({ where: { accountId: person.id } });
    for (const { id } of sessions) await endSession(server.platform, OPERATOR, id);
    expect((await visitor.open(next)).url).toContain('/sign-in');
    expect(await server.platform.db.grant.count({ where: { accountId: person.id } })).toBe(0);
  });

  it('answers for whoever is signed in when it goes on, and ends nobody’s session', async () => {
    const visitor = new Visitor(server.url);
    const { party, request, next } = await park(visitor, trusted, await newPerson(server.platform), {
      scope: 'openid email',
    });
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    const other = await newPerson(server.platform);
    await signIn(visitor, other);
    const page = await visitor.open(next);
    expect((await party.redeem(request, page)).claims()?.email).toBe(other.email);
    expect((await visitor.open('/account')).text).toContain(other.email);
  });

  it('lets another person take over at the consent page, for that person alone', async () => {
    const app = await newApp(server.platform, api);
    const party = await relyingParty(server.url, app);
    const [first, second] = [await newPerson(server.platform), await newPerson(server.platform)];
    const elsewhere = new Visitor(server.url);
    await signIn(elsewhere, first);
    const before = await party.request({ scope: 'openid email notes:read' });
    await elsewhere.submit(await elsewhere.open(before.url), 'Allow');

    time = shiftTime(60);
    const visitor = new Visitor(server.url);
    const request = await party.request({ scope: 'openid email notes:read', prompt: 'consent' });
    const consent = await signIn(visitor, first, await visitor.open(request.url));
    expect(consent.text).toContain(first.email);
    const switching = await visitor.open(String(consent.links.get('Use another account')));
    const theirs = await signIn(visitor, second, switching);
    expect(theirs.text).toContain(second.email);
    const tokens = await party.redeem(request, await visitor.submit(theirs, 'Allow'));
    expect(tokens.claims()?.email).toBe(second.email);
    expect((await visitor.open('/account')).text).toContain(second.email);
  });

  it('asks again for a sign-in that got too old while the consent page stood open', async () => {
    const app = await newApp(server.platform, api);
    const party = await relyingParty(server.url, app);
    const visitor = new Visitor(server.url);
    const request = await party.request({ max_age: '120' });
    const consent = await signIn(visitor, await newPerson(server.platform), await visitor.open(request.url));
    time = shiftTime(600);
    const page = await visitor.submit(consent, 'Allow');
    expect(page.url).toContain('/sign-in');
  });

  it('prompt=none is not moved by what waits', async () => {
    const visitor = new Visitor(server.url);
    await park(visitor, trusted, await newPerson(server.platform));
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    const party = await relyingParty(server.url, trusted);
    const { url } = await party.request({ prompt: 'none' });
    expect(callbackOf(await visitor.open(url)).error).toBe('login_required');
  });

  it('a grant is not written behind the end of its session', async () => {
    const { platform } = server;
    const person = await newPerson(platform);
    await signIn(new Visitor(server.url), person);
    const session = await platform.db.browserSession.findFirstOrThrow({ where: { accountId: person.id } });
    const grantFor = (accountId: string) => {
      const set = newWriteSet();
      const id = randomUUID();
      const now = platform.clock.now();
      const times = { createdAt: now, expiresAt: new Date(now.getTime() + 60_000) };
      const row = { id, accountId, clientId: trusted.clientId, browserSessionId: session.id, ...times };
      const terms = { userAgent: null, needsConsent: false };
      set.grants.set(id, { ...row, ...terms, endsWithSession: true, payload: {} });
      set.grantsOnlyWhile = GRANT_HAS_LIVE_SESSION;
      return set;
    };
    const grants = () => platform.db.grant.count({ where: { browserSessionId: session.id } });
    await flushWriteSet(platform, grantFor(person.id));
    expect(await grants()).toBe(1);
    await flushWriteSet(platform, grantFor(randomUUID()));
    expect(await grants()).toBe(1);
    await endSession(platform, OPERATOR, session.id);
    await flushWriteSet(platform, grantFor(person.id));
    expect(await grants()).toBe(1);
  });
});
