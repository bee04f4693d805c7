import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listSessions } from '../../../src/accounts/sessions/session-list.ts';
import { loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import { completeSignIn } from '../../../src/accounts/sign-in/sign-in.ts';
import { recordEvent } from '../../../src/audit/trail.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type Person, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

const LINUX =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let server: Server;
let anna: Person;

beforeAll(async () => {
  clock = clockAt();
  server = await startTestServer({ clock: { now: () => clock.now() } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(server.platform);
});

/** Signs in with a browser of its own; each sign-in needs a code that was not used before. */
async function signedIn(person: Person = anna): Promise<{ visitor: Visitor; account: Page }> {
  clock.forward(30);
  const visitor = new Visitor(server.url);
  const account = await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
  return { visitor, account };
}

const pathOf = ({ url }: Page) => new URL(url).pathname;
const isOut = async (visitor: Visitor) => pathOf(await visitor.open('/account')) === '/sign-in';

/** A session as it stands in the table, made without pages. */
async function sessionOf(accountId: string, userAgent = LINUX): Promise<string> {
  const origin = { userAgent, address: '203.0.113.77' };
  const { secret } = await startSession(server.platform, ACTOR, { accountId, origin });
  const half = await loadHalfSession(server.platform, secret);
  if (!half) throw new Error('no half session');
  const completion = { half, previous: undefined, factor: 'otp', browser: undefined } as const;
  const owner = { kind: 'account', id: accountId } as const;
  const completed = await inTransaction(server.platform, (tx) => completeSignIn(tx, owner, completion));
  return completed?.session.id ?? '';
}

async function grantFor(accountId: string, sessionId: string | null, name: string | null = null) {
  const { rows } = await server.platform.pool.query(
    `INSERT INTO grants (id, account_id, client_id, browser_session_id, ends_with_session, payload, created_at, expires_at, name)
     VALUES ($1, $2, 'app_x', $3, false, '{}', $4, $5, $6) RETURNING id`,
    [newId(), accountId, sessionId, clock.now(), new Date(clock.now().getTime() + 1e9), name],
  );
  return rows[0].id as string;
}

async function liveGrants(accountId: string): Promise<string[]> {
  const rows = await server.platform.db.grant.findMany({ where: { accountId, revokedAt: null } });
  return rows.map(({ id }) => id);
}

async function waitingReset(accountId: string): Promise<string> {
  const id = newId();
  const dueAt = secondsAfter(clock.now(), 3 * 86_400);
  const times = { createdAt: clock.now(), dueAt, expiresAt: secondsAfter(dueAt, 86_400) };
  await server.platform.db.factorReset.create({ data: { id, accountId, ...times } });
  return id;
}

describe('the list of sessions', () => {
  it('names the device, its network and this browser', async () => {
    await sessionOf(anna.id);
    const { visitor } = await signedIn();
    const page = await visitor.open('/account/sessions');
    expect(page.text).toContain('This device');
    expect(page.text).toContain('Chrome on Linux');
    expect(page.text).toContain('203.0.113.x');
    expect(page.text).not.toContain('203.0.113.77');
  });

  it('ends one of them, together with what it may do', async () => {
    const first = await signedIn();
    const { visitor } = await signedIn();
    const page = await visitor.submit(await visitor.open('/account/sessions'), 'Sign out there');
    expect(page.text).toContain('That device is signed out');
    expect(await isOut(first.visitor)).toBe(true);
    expect(await isOut(visitor)).toBe(false);
  });

  it('ends all others', async () => {
    const others = [await signedIn(), await signedIn()];
    const { visitor } = await signedIn();
    const page = await visitor.submit(await visitor.open('/account/sessions'), 'Sign out everywhere else');
    expect(page.text).toContain('You are signed in nowhere else');
    expect(await Promise.all(others.map((other) => isOut(other.visitor)))).toEqual([true, true]);
    expect(await isOut(visitor)).toBe(false);
  });

  it("answers to another person's session what it answers to one that never was", async () => {
    const eve = await createPerson(server.platform);
    const theirs = await sessionOf(eve.id);
    await sessionOf(anna.id);
    const { visitor } = await signedIn();
    const form = (await visitor.open('/account/sessions')).forms.find(({ action }) =>
      action.endsWith('/ending'),
    );
    const fields = { form_token: form?.fields.get('form_token') ?? '' };
    const answers = [];
    for (const id of [theirs, newId(), 'nonsense'])
      answers.push(await visitor.post(`/account/sessions/${id}/ending`, fields, { follow: false }));
    expect(answers.map(({ status, location }) => [status, location])).toEqual(
      Array(3).fill([303, `${server.url}/account/sessions?ended=one`]),
    );
    expect((await listSessions(server.platform, eve.id)).sessions.map(({ id }) => id)).toEqual([theirs]);
  });

  it('signs out whoever ends the session they sit in', async () => {
    await sessionOf(anna.id);
    const { visitor } = await signedIn();
    const page = await visitor.open('/account/sessions');
    const form = page.forms.find(({ action }) => action.endsWith('/ending'));
    const fields = { form_token: form?.fields.get('form_token') ?? '' };
    const own = await server.platform.db.browserSession.findFirstOrThrow({
      where: { accountId: anna.id },
      orderBy: { id: 'desc' },
    });
    const answer = await visitor.post(`/account/sessions/${own.id}/ending`, fields);
    expect(answer.text).toContain('You are signed out');
    expect(await isOut(visitor)).toBe(true);
  });

  it('refuses a form that another page gave out', async () => {
    const id = await sessionOf(anna.id);
    const { visitor, account } = await signedIn();
    const form_token = account.forms[0]?.fields.get('form_token') ?? '';
    expect(await visitor.post(`/account/sessions/${id}/ending`, { form_token })).toMatchObject({
      status: 403,
    });
    expect(await visitor.post('/account/sessions/endings', { form_token })).toMatchObject({ status: 403 });
  });

  it('is read fifty at a time, each once', async () => {
    const all: string[] = [];
    for (let n = 0; n < 103; n += 1) all.push(await sessionOf(anna.id));
    const pages: string[][] = [];
    for (let before: string | undefined, more = true; more; ) {
      const { sessions, next } = await listSessions(server.platform, anna.id, { before });
      pages.push(sessions.map(({ id }) => id));
      before = next;
      more = next !== undefined;
    }
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 3]);
    expect(pages.flat()).toEqual(all.toReversed());
  });

  it('leaves out what is over', async () => {
    await sessionOf(anna.id);
    clock.forward(86_400);
    expect((await listSessions(server.platform, anna.id)).sessions).toEqual([]);
  });
});

describe('activity', () => {
  it('tells what happened to this account alone, in words', async () => {
    const eve = await createPerson(server.platform);
    await signedIn(eve);
    const { visitor } = await signedIn();
    const page = await visitor.open('/account/events');
    expect(page.text).toContain('Signed in');
    expect(page.text).toContain('this device');
    expect(page.text.match(/Signed in/g)).toHaveLength(1);
  });

  it('knows the device of what was done at the sign-in itself, and asks nobody about their own', async () => {
    const newcomer = await createPerson(server.platform, { totp: false });
    const visitor = new Visitor(server.url);
    const credentials = { Email: newcomer.email, Password: newcomer.password };
    const enrolment = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
    const seed = /secret=([A-Z2-7]+)/.exec(enrolment.html)?.[1] ?? '';
    await visitor.submit(enrolment, 'Continue', { code: codeAt(seed, clock.now()) });
    const { text } = await visitor.open('/account/events');
    expect(text).toMatch(/Authenticator added .{0,80}this device/);
    expect(text).not.toContain("This wasn't me");
  });

  it('keeps kinds without a text to itself', async () => {
    const { visitor } = await signedIn();
    const target = { kind: 'account', id: anna.id };
    await recordEvent(server.platform, ACTOR, 'password.rehashed', target);
    await recordEvent(server.platform, ACTOR, 'sign-in.failed', target);
    const { text } = await visitor.open('/account/events');
    expect(text).toContain('Somebody typed a wrong password');
    expect(text).not.toContain('rehash');
  });

  it('is read page by page', async () => {
    const { visitor } = await signedIn();
    const target = { kind: 'account', id: anna.id };
    for (let n = 0; n < 60; n += 1) await recordEvent(server.platform, ACTOR, 'sign-in.failed', target);
    const first = await visitor.open('/account/events');
    const second = await visitor.open(String(first.links.get('Earlier activity')));
    expect(first.text).toContain('50 times in a row');
    expect(second.text).toContain('10 times in a row');
    expect(second.text).toContain('Signed in');
    expect(second.links.has('Earlier activity')).toBe(false);
  });

  it.each(['?before=nonsense', `?before=${newId()}`, '?before=', '?before[]=1'])(
    'bears %s',
    async (query) => {
      const { visitor } = await signedIn();
      expect(await visitor.open(`/account/events${query}`)).toMatchObject({ status: 200 });
      expect(await visitor.open(`/account/sessions${query}`)).toMatchObject({ status: 200 });
    },
  );
});

describe('"This wasn\'t me"', () => {
  it('ends every other session, all access given elsewhere, and what browsers were known', async () => {
    const other = await signedIn();
    const eve = await createPerson(server.platform);
    const theirs = await grantFor(eve.id, null);
    const elsewhere = await sessionOf(anna.id);
    await Promise.all([grantFor(anna.id, elsewhere), grantFor(anna.id, null, 'backup script')]);
    const { visitor } = await signedIn();
    const own = await server.platform.db.browserSession.findFirstOrThrow({
      where: { accountId: anna.id },
      orderBy: { id: 'desc' },
    });
    const kept = await grantFor(anna.id, own.id);

    const page = await visitor.submit(await visitor.open('/account/events'), "This wasn't me");
    expect(pathOf(page)).toBe('/account/events/report');
    expect(page.text).toContain('2 other devices were signed out');
    expect(page.text).toContain('2 apps and tokens lost their access');
    expect(page.links.get('Choose a new password')).toBe('/account/sign-in-methods/password');
    expect(await isOut(other.visitor)).toBe(true);
    expect(await isOut(visitor)).toBe(false);
    expect(await liveGrants(anna.id)).toEqual([kept]);
    expect(await liveGrants(eve.id)).toEqual([theirs]);
    expect(await server.platform.db.knownBrowser.count({ where: { accountId: anna.id } })).toBe(0);
    expect((await visitor.open('/account/events')).text).toContain('You reported something that was not you');
  });

  it('stops a reset of the second factor that a stranger asked for', async () => {
    await sessionOf(anna.id);
    const { visitor } = await signedIn();
    const reset = await waitingReset(anna.id);
    await visitor.submit(await visitor.open('/account/events'), "This wasn't me");
    const row = await server.platform.db.factorReset.findUniqueOrThrow({ where: { id: reset } });
    expect(row.cancelledAt).not.toBeNull();
  });

  it('leaves one session where two say so of each other at the same time', async () => {
    const both = [await signedIn(), await signedIn()];
    const pages = await Promise.all(both.map(({ visitor }) => visitor.open('/account/events')));
    await Promise.all(both.map(({ visitor }, i) => visitor.submit(pages[i] as Page, "This wasn't me")));
    const out = await Promise.all(both.map(({ visitor }) => isOut(visitor)));
    expect(out.sort()).toEqual([false, true]);
  });

  it('has nothing to show to somebody who never said so', async () => {
    const { visitor } = await signedIn();
    expect(pathOf(await visitor.open('/account/events/report'))).toBe('/account/events');
  });
});

describe('every page of the area', () => {
  it.each(['/account', '/account/sessions', '/account/events', '/account/data', '/account/sign-in-methods'])(
    'at %s says that a reset waits, and stops it',
    async (path) => {
      const { visitor } = await signedIn();
      const id = await waitingReset(anna.id);
      const page = await visitor.open(path);
      expect(page.text).toContain('Somebody said they lost your second factor');
      const after = await visitor.submit(page, 'Stop the reset');
      expect(after.text).not.toContain('Somebody said');
      const row = await server.platform.db.factorReset.findUniqueOrThrow({ where: { id } });
      expect(row.cancelledAt).not.toBeNull();
    },
  );

  it("says nothing about another person's account", async () => {
    const eve = await createPerson(server.platform);
    await waitingReset(eve.id);
    const { visitor } = await signedIn();
    expect((await visitor.open('/account')).text).not.toContain('Somebody said');
  });
});

describe('the overview', () => {
  it('says what is worth a minute, with the way to do it', async () => {
    const { account } = await signedIn();
    expect(account.text).toContain(anna.email);
    expect(account.text).toContain('You have no recovery codes');
    expect(account.links.get('Make new codes')).toBe('/account/sign-in-methods/recovery-codes');
  });

  it('warns of a new browser elsewhere until its session is over, and of whoever knew the password', async () => {
    clock.forward(3600);
    const other = await signedIn();
    const { visitor, account } = await signedIn();
    expect(account.text).toContain('This week your account was signed in on a new device');
    await visitor.submit(await visitor.open('/account/sessions'), 'Sign out everywhere else');
    expect((await visitor.open('/account')).text).not.toContain('on a new device');

    const stranger = new Visitor(server.url);
    const credentials = { Email: anna.email, Password: anna.password };
    const step = await stranger.submit(await stranger.open('/sign-in'), 'Sign in', credentials);
    await stranger.submit(step, 'Continue', { 'One-time code': '000000' });
    expect((await visitor.open('/account')).text).toContain('Somebody knew your password');
    expect(await isOut(other.visitor)).toBe(true);
  });
});

describe('a letter about a sign-in', () => {
  const letters = async () => {
    const { text } = await new Visitor(server.url).open('/mailbox');
    return text.split(anna.email).length - 1;
  };

  it('comes for a browser that is new, and not again for the same one', async () => {
    clock.forward(3600);
    const { visitor } = await signedIn();
    const afterFirst = await letters();
    expect(afterFirst).toBe(1);
    await visitor.submit(await visitor.open('/account'), 'Sign out');
    clock.forward(30);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), anna);
    expect(await letters()).toBe(afterFirst);
    await signedIn();
    expect(await letters()).toBe(afterFirst + 1);
  });

  it('spares whoever has just created the account', async () => {
    await signedIn();
    expect(await letters()).toBe(0);
    await signedIn();
    expect(await letters()).toBe(1);
  });
});

describe('the file with everything we hold', () => {
  const download = async (visitor: Visitor) =>
    visitor.submit(await visitor.open('/account/data'), 'Download', {}, { follow: false });

  it('is complete, a download, and holds no secret', async () => {
    const { visitor } = await signedIn();
    const page = await download(visitor);
    expect(page.status).toBe(200);
    expect(page.headers.get('Content-Disposition')).toMatch(
      /^attachment; filename="account-\d{4}-\d\d-\d\d\.json"$/,
    );
    expect(page.headers.get('Cache-Control')).toBe('no-store');
    const data = JSON.parse(page.html);
    expect(data.account).toMatchObject({ id: anna.id, email: anna.email, name: anna.name });
    expect(Object.keys(data)).toEqual(
      expect.arrayContaining([
        'sign_in_methods',
        'sessions',
        'consents',
        'access',
        'events',
        'organizations',
        'apps',
      ]),
    );
    expect(page.html).not.toMatch(/phc|digest|sealed|argon2|publicKey|payload/i);
    expect(page.html).not.toContain(anna.seed);
  });

  it('is given once a minute, of five who ask at the same time to one', async () => {
    const { visitor } = await signedIn();
    const form = (await visitor.open('/account/data')).forms[0];
    const fields = { form_token: form?.fields.get('form_token') ?? '' };
    const ask = () => visitor.post('/account/data/download', fields, { follow: false });
    const answers = await Promise.all(Array.from({ length: 5 }, ask));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429, 429, 429]);
    clock.forward(61);
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('asks whoever signed in a while ago to confirm it is them', async () => {
    const { visitor } = await signedIn();
    clock.forward(601);
    const page = await download(visitor);
    expect(page.status).toBe(303);
    expect(page.location).toContain('/sign-in?ticket=');
  });

  it('has no way to it without a session', async () => {
    const visitor = new Visitor(server.url);
    expect(pathOf(await visitor.open('/account/data'))).toBe('/sign-in');
  });
});
