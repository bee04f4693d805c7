import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { clockAt, type MovableClock } from '../support/clock.ts';
import {
  codeFromMailbox,
  createPerson,
  PASSWORD,
  type Person,
  signInThroughForms,
} from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';

const NEW = 'amber lantern over gravel';

let clock: MovableClock;
let server: Awaited<ReturnType<typeof startTestServer>>;
let visitor: Visitor;
let person: Person;

beforeAll(async () => {
  server = await startTestServer({ clock: { now: () => clock.now() } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  clock = clockAt();
  visitor = new Visitor(server.url);
  person = await createPerson(server.platform);
});

const pathOf = ({ url }: Page) => new URL(url).pathname;

async function ask(email = person.email, from = '/password-reset', by = visitor): Promise<Page> {
  return by.submit(await by.open(from), 'Send a code', { Email: email });
}

async function toNewPassword(by = visitor): Promise<Page> {
  const asked = await ask(person.email, '/password-reset', by);
  const code = await codeFromMailbox(by, person.email);
  return by.submit(asked, 'Continue', { 'Verification code': code });
}

describe('a forgotten password', () => {
  it('is replaced by a code from the mailbox, and signing in takes both factors', async () => {
    const signIn = await visitor.open('/sign-in');
    const wrong = await visitor.submit(signIn, 'Sign in', {
      Email: person.email,
      Password: 'no idea at all',
    });
    const link = wrong.links.get('Forgot your password?') ?? '';
    expect(link).not.toContain('@');
    const start = await visitor.open(link);
    expect(start.html).toContain(`value="${person.email}"`);
    const asked = await ask(person.email, link);
    expect(pathOf(asked)).toBe('/password-reset/code');
    const code = await codeFromMailbox(visitor, person.email);
    const choose = await visitor.submit(asked, 'Continue', {
      'Verification code': `${code.slice(0, 4)}-${code.slice(4)}`,
    });
    expect(pathOf(choose)).toBe('/password-reset/password');
    expect(choose.html).toContain('autocomplete="username"');
    const done = await visitor.submit(choose, 'Save the new password', { 'New password': NEW });
    expect(pathOf(done)).toBe('/password-reset/done');
    const form = await visitor.open(done.links.get('Sign in') ?? '');
    expect(form.html).toContain(`value="${person.email}"`);
    const second = await visitor.submit(form, 'Sign in', { Email: person.email, Password: NEW });
    expect(pathOf(second)).toBe('/sign-in/second-factor');
    expect(pathOf(await visitor.submit(second, 'Continue', { code: person.code() }))).toBe('/account');
  });

  it('signs out every browser', async () => {
    const other = new Visitor(server.url);
    await signInThroughForms(other, await other.open('/sign-in'), person);
    expect(pathOf(await other.open('/account'))).toBe('/account');
    await visitor.submit(await toNewPassword(), 'Save the new password', { 'New password': NEW });
    expect(pathOf(await other.open('/account'))).toBe('/sign-in');
  });

  it('gets the same answers whether or not the address has an account', async () => {
    const stranger = `${newId()}@example.com`;
    const other = new Visitor(server.url);
    const bare = ({ html }: Page) =>
      html
        .replaceAll(person.email, 'EMAIL')
        .replaceAll(stranger, 'EMAIL')
        .replaceAll(/value="[^"]*"/g, '');
    const fixed = ({ headers }: Page) =>
      [...headers].filter(
        ([name]) => !/^(set-cookie|x-request-id|date|content-length|ratelimit)$/.test(name),
      );
    const expectAlike = (one: Page, another: Page) => {
      expect(bare(one)).toBe(bare(another));
      expect([one.status, fixed(one)]).toEqual([another.status, fixed(another)]);
    };
    const known = await ask(person.email);
    const unknown = await ask(stranger, '/password-reset', other);
    expectAlike(known, unknown);
    const wrong = { 'Verification code': '00000000' };
    expectAlike(
      await visitor.submit(known, 'Continue', wrong),
      await other.submit(unknown, 'Continue', wrong),
    );
    expectAlike(
      await visitor.submit(known, 'Send a new code'),
      await other.submit(unknown, 'Send a new code'),
    );
  });

  it('shows code and proof in no page, address or header', async () => {
    const seen: string[] = [];
    const note = (page: Page) => seen.push(page.html, page.url, JSON.stringify([...page.headers]));
    const asked = await ask();
    note(asked);
    const code = await codeFromMailbox(visitor, person.email);
    const choose = await visitor.submit(asked, 'Continue', { 'Verification code': code });
    note(choose);
    note(await visitor.submit(choose, 'Save the new password', { 'New password': 'short' }));
    const handle = visitor.cookies.all().get('gatehouse_reset') ?? '';
    expect(handle).toMatch(/^gate_reset_/);
    for (const secret of [code, handle]) expect(seen.join('\n')).not.toContain(secret);
  });
});

describe('the steps of a reset', () => {
  it('cannot be skipped', async () => {
    for (const path of ['/password-reset/code', '/password-reset/password']) {
      expect(pathOf(await visitor.open(path))).toBe('/password-reset');
    }
    await ask();
    expect(pathOf(await visitor.open('/password-reset/password'))).toBe('/password-reset');
  });

  it('cannot be carried over to another browser, whichever cookie comes along', async () => {
    const choose = await toNewPassword();
    const thief = new Visitor(server.url);
    const handle = visitor.cookies.all().get('gatehouse_reset') ?? '';
    thief.cookies.set(server.url, 'gatehouse_reset', handle);
    expect(pathOf(await thief.open('/password-reset/password'))).toBe('/password-reset');
    await ask(`${newId()}@example.com`, '/password-reset', thief);
    expect(pathOf(await thief.open('/password-reset/password'))).toBe('/password-reset');
    const form = thief.open('/password-reset');
    const token = (await form).forms[0]?.fields.get('form_token') ?? '';
    const forged = await thief.post(choose.url, { password: NEW, form_token: token });
    expect(forged.status).toBe(403);
    expect(pathOf(await visitor.open('/password-reset/password'))).toBe('/password-reset/password');
  });

  it('cannot be carried over to another account in the same browser', async () => {
    const other = await createPerson(server.platform);
    const choose = await toNewPassword();
    clock.forward(1);
    await ask(other.email);
    await visitor.submit(choose, 'Save the new password', { 'New password': NEW });
    const login = async (email: string, password: string) => {
      const fresh = new Visitor(server.url);
      return pathOf(
        await fresh.submit(await fresh.open('/sign-in'), 'Sign in', { Email: email, Password: password }),
      );
    };
    expect(await login(other.email, PASSWORD)).toBe('/sign-in/second-factor');
    expect(await login(person.email, NEW)).toBe('/sign-in/second-factor');
  });

  it('work once: going back and sending the form again changes nothing', async () => {
    const choose = await toNewPassword();
    await visitor.submit(choose, 'Save the new password', { 'New password': NEW });
    const again = await visitor.submit(choose, 'Save the new password', { 'New password': `${NEW} twice` });
    expect(pathOf(again)).toBe('/password-reset');
  });

  it('do nothing when a page is only opened, and answer bad input with a sentence', async () => {
    const choose = await toNewPassword();
    for (const page of [
      await visitor.open('/password-reset/password'),
      await visitor.open('/password-reset/done'),
    ])
      expect(page.status).toBe(200);
    const empty = await visitor.submit(choose, 'Save the new password', { 'New password': '' });
    expect(empty.status).toBe(422);
    const own = await visitor.submit(choose, 'Save the new password', { 'New password': person.email });
    expect(own.text).toContain('says little more than who you are');
    expect(own.html).not.toContain(`value="${person.email}" type="password"`);
    expect((await ask('no address')).text).toContain('Enter an email address');
  });
});
