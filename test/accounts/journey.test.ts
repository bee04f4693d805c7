import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signInPath } from '../../src/accounts/sign-in/sign-in-ticket.ts';
import { newId } from '../../src/platform/ids.ts';
import { clockAt, type MovableClock } from '../support/clock.ts';
import {
  codeAt,
  codeFromMailbox,
  createPerson,
  goOnFromCodes,
  PASSWORD,
  type Person,
  recoveryCodesOn,
  signInThroughForms,
} from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let clock: MovableClock;
let server: Server;
let visitor: Visitor;

beforeAll(async () => {
  clock = clockAt();
  server = await startTestServer({ clock: { now: () => clock.now() } });
});
afterAll(() => server.stop());
beforeEach(() => {
  clock = clockAt();
  visitor = new Visitor(server.url);
});

const pathOf = ({ url }: Page) => new URL(url).pathname;

/** As far as the page that asks for the code of the letter. */
async function signUp(email: string, from = '/sign-up'): Promise<Page> {
  const page = await visitor.open(from);
  return visitor.submit(page, 'Create account', { Name: 'Anna Berg', Email: email, Password: PASSWORD });
}

function seedOn({ html }: Page): string {
  return /<code class="key">(?:<bdi dir="ltr">)?([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '';
}

async function signedInVisitor(person: Person): Promise<Visitor> {
  const fresh = new Visitor(server.url);
  await signInThroughForms(fresh, await fresh.open('/sign-in'), person);
  return fresh;
}

describe('somebody new', () => {
  it('signs up, proves the address, sets up an authenticator, signs out and in again', async () => {
    const email = `${newId()}@example.com`;
    const asked = await signUp(email);
    expect(pathOf(asked)).toBe('/sign-up/verification');
    expect(asked.text).toContain(email);

    const code = await codeFromMailbox(visitor, email);
    const enrolment = await visitor.submit(asked, 'Continue', {
      'Verification code': `${code.slice(0, 4)} ${code.slice(4)}`,
    });
    expect(pathOf(enrolment)).toBe('/sign-in/authenticator');
    expect(enrolment.html).toContain('<svg');
    expect([...enrolment.links.values()].some((link) => link.startsWith('otpauth://totp/Gatehouse:'))).toBe(
      true,
    );
    const seed = seedOn(enrolment);
    const first = codeAt(seed, clock.now());
    const codes = await visitor.submit(enrolment, 'Continue', {
      'One-time code': `${first.slice(0, 3)}-${first.slice(3)}`,
    });
    expect(new Set(recoveryCodesOn(codes)).size).toBe(10);
    const account = await goOnFromCodes(visitor, codes);
    expect(pathOf(account)).toBe('/account');
    expect(account.text).toContain('Anna Berg');
    expect(account.text).toContain(email);

    const out = await visitor.submit(account, 'Sign out');
    expect(out.text).toContain('You are signed out');
    expect(pathOf(await visitor.open('/account'))).toBe('/sign-in');

    clock.forward(30);
    const person = { email, password: PASSWORD, code: () => codeAt(seed, clock.now()) } as Person;
    expect(pathOf(await signInThroughForms(visitor, await visitor.open('/account'), person))).toBe(
      '/account',
    );
  });

  it('returns to where the ticket says, and its links carry the ticket', async () => {
    const email = `${newId()}@example.com`;
    const start = await visitor.open(
      signInPath(server.platform, { returnTo: '/account?from=notes', title: 'Notes' }),
    );
    expect(start.text).toContain('Sign in to Notes');
    const asked = await signUp(email, start.links.get('Create an account'));
    const verification = { 'Verification code': await codeFromMailbox(visitor, email) };
    const enrolment = await visitor.submit(asked, 'Continue', verification);
    const code = { 'One-time code': codeAt(seedOn(enrolment), clock.now()) };
    const end = await goOnFromCodes(visitor, await visitor.submit(enrolment, 'Continue', code));
    expect(end.url).toBe(`${server.url}/account?from=notes`);
  });

  it('finds the same page for a known address, and no code that fits', async () => {
    const owner = await createPerson(server.platform);
    const unknown = await signUp(`${newId()}@example.com`);
    const known = await signUp(owner.email);
    const withoutSecrets = ({ html }: Page) => html.replaceAll(/value="[^"]*"|[\w.-]+@example\.com/g, '');
    expect(known.status).toBe(unknown.status);
    expect(withoutSecrets(known)).toBe(withoutSecrets(unknown));
    const refused = await visitor.submit(known, 'Continue', { 'Verification code': '12345678' });
    expect(refused.text).toContain("That code didn't match");
  });

  it('cannot finish in another browser', async () => {
    const email = `${newId()}@example.com`;
    const asked = await signUp(email);
    const code = await codeFromMailbox(visitor, email);
    const other = new Visitor(server.url);
    expect(pathOf(await other.open('/sign-up/verification'))).toBe('/sign-up');
    const form = await other.open('/sign-up');
    const token = form.forms[0]?.fields.get('form_token') ?? '';
    expect((await other.post(asked.url, { code, form_token: token })).status).toBe(403);
  });

  it('asks for another code, and only that one works', async () => {
    const email = `${newId()}@example.com`;
    const asked = await signUp(email);
    const old = await codeFromMailbox(visitor, email);
    clock.forward(1);
    const again = await visitor.submit(asked, 'Send a new code');
    expect(again.text).toContain('We sent another letter');
    const code = await codeFromMailbox(visitor, email);
    if (code !== old) {
      expect((await visitor.submit(again, 'Continue', { code: old })).text).toContain(
        'you have 4 tries left',
      );
    }
    expect(pathOf(await visitor.submit(again, 'Continue', { code }))).toBe('/sign-in/authenticator');
  });
});

describe('somebody with an account', () => {
  it('gets the same page for a wrong password as for an unknown address', async () => {
    const anna = await createPerson(server.platform);
    const page = await visitor.open('/sign-in');
    const wrong = await visitor.submit(page, 'Sign in', { Email: anna.email, Password: 'wrong wrong' });
    const unknown = await visitor.submit(page, 'Sign in', {
      Email: 'nobody@example.com',
      Password: 'wrong wrong',
    });
    expect(wrong.status).toBe(422);
    // The address is carried on in a sealed ticket, which is another one each time.
    const bare = ({ html }: Page) => html.replaceAll(/ticket=[\w.%-]+/g, '');
    expect(bare(unknown).replaceAll('nobody@example.com', anna.email)).toBe(bare(wrong));
    expect(wrong.html).toContain(`value="${anna.email}"`);
    expect(wrong.html).not.toContain('wrong wrong');
  });

  it('is told how long to wait after too many tries', async () => {
    const anna = await createPerson(server.platform);
    const page = await visitor.open('/sign-in');
    const entries = { Email: anna.email, Password: 'wrong wrong' };
    for (let n = 0; n < 13; n += 1) {
      await visitor.submit(page, 'Sign in', entries);
      clock.forward(n < 12 ? 240 : 0);
    }
    const refused = await visitor.submit(page, 'Sign in', entries);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('256');
    expect(refused.text).toContain('Too many tries. You can try again in 5 minutes.');
  });

  it('is told that a code did not match, or was used already', async () => {
    const anna = await createPerson(server.platform);
    const signIn = { Email: anna.email, Password: PASSWORD };
    const second = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', signIn);
    expect((await visitor.submit(second, 'Continue', { code: '000000' })).text).toContain(
      "That code didn't match",
    );
    expect(pathOf(await visitor.submit(second, 'Continue', { code: anna.code() }))).toBe('/account');
    const other = new Visitor(server.url);
    const again = await other.submit(await other.open('/sign-in'), 'Sign in', signIn);
    expect((await other.submit(again, 'Continue', { code: anna.code() })).text).toContain('was used already');
  });

  it('made by an operator proves the address first, then sets up an authenticator', async () => {
    const anna = await createPerson(server.platform, { verified: false, totp: false });
    const credentials = { Email: anna.email, Password: PASSWORD };
    const asked = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
    expect(pathOf(asked)).toBe('/sign-in/verification');
    const wrong = await visitor.submit(asked, 'Continue', { 'Verification code': '0000-0000' });
    expect(wrong.text).toContain('4 tries left');
    const again = await visitor.submit(asked, 'Send a new code');
    const code = await codeFromMailbox(visitor, anna.email);
    const enrolment = await visitor.submit(again, 'Continue', { 'Verification code': code });
    expect(pathOf(enrolment)).toBe('/sign-in/authenticator');
    const firstCode = { code: codeAt(seedOn(enrolment), clock.now()) };
    const end = await goOnFromCodes(visitor, await visitor.submit(enrolment, 'Continue', firstCode));
    expect(pathOf(end)).toBe('/account');
  });

  it('who is signed in goes straight on, unless the ticket demands more', async () => {
    const anna = await createPerson(server.platform);
    const browser = await signedInVisitor(anna);
    const now = clock.now().getTime();
    const open = (ticket: object) =>
      browser.open(signInPath(server.platform, { returnTo: '/account?x=1', ...ticket }), { follow: false });
    expect(await open({})).toMatchObject({ status: 303, location: `${server.url}/account?x=1` });
    expect(await open({ freshAfter: now - 1 })).toMatchObject({ status: 303 });
    expect(await open({ freshAfter: now })).toMatchObject({ status: 200 });
    expect(await open({ switchAccount: true })).toMatchObject({ status: 200 });
    expect(await browser.open('/sign-up', { follow: false })).toMatchObject({
      location: `${server.url}/account`,
    });
  });

  it('who signs in again for a fresh session keeps it under another handle', async () => {
    const anna = await createPerson(server.platform);
    const browser = await signedInVisitor(anna);
    const before = browser.cookies.all().get('gatehouse_session');
    clock.forward(120);
    const freshAfter = clock.now().getTime() - 1;
    const form = await browser.open(signInPath(server.platform, { returnTo: '/account', freshAfter }));
    expect(form.html).toContain(`value="${anna.email}"`);
    expect(pathOf(await signInThroughForms(browser, form, anna))).toBe('/account');
    expect(browser.cookies.all().get('gatehouse_session')).not.toBe(before);
    expect(await server.platform.db.browserSession.count({ where: { accountId: anna.id } })).toBe(1);
  });

  it('who gives way to somebody else on this browser is signed out', async () => {
    const [anna, bo] = [await createPerson(server.platform), await createPerson(server.platform)];
    const browser = await signedInVisitor(anna);
    const annas = browser.cookies.all().get('gatehouse_session') ?? '';
    const form = await browser.open(
      signInPath(server.platform, { returnTo: '/account', switchAccount: true }),
    );
    expect((await signInThroughForms(browser, form, bo)).text).toContain(bo.email);
    const thief = new Visitor(server.url);
    thief.cookies.set(server.url, 'gatehouse_session', annas);
    expect(pathOf(await thief.open('/account'))).toBe('/sign-in');
  });

  it('is signed out after a day of rest and after thirty days at the latest', async () => {
    const anna = await createPerson(server.platform);
    const idle = await signedInVisitor(anna);
    clock.forward(24 * 3600);
    expect(pathOf(await idle.open('/account'))).toBe('/sign-in');

    const busy = await signedInVisitor(anna);
    for (let n = 0; n < 59; n += 1) {
      clock.forward(12 * 3600);
      expect(pathOf(await busy.open('/account'))).toBe('/account');
    }
    clock.forward(12 * 3600);
    expect(pathOf(await busy.open('/account'))).toBe('/sign-in');
  });

  it('who leaves a sign-in for a quarter of an hour begins anew', async () => {
    const anna = await createPerson(server.platform);
    const credentials = { Email: anna.email, Password: PASSWORD };
    const second = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
    clock.forward(15 * 60);
    expect(pathOf(await visitor.submit(second, 'Continue', { code: anna.code() }))).toBe('/sign-in');
  });
});
