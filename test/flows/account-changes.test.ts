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
const HOUR = 3600;

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
  person = await createPerson(server.platform);
  visitor = await signedIn(person);
});

const pathOf = ({ url }: Page) => new URL(url).pathname;

async function signedIn(who: Person): Promise<Visitor> {
  const browser = new Visitor(server.url);
  await signInThroughForms(browser, await browser.open('/sign-in'), who);
  return browser;
}

async function letterTo(email: string): Promise<string> {
  const { html } = await visitor.open('/mailbox');
  return html.split(email)[1] ?? '';
}

describe('changing the password', () => {
  const page = () => visitor.open('/.well-known/change-password');

  it('takes the present one, and signs out the others unless told not to', async () => {
    const other = await signedInLater();
    const form = await page();
    expect(pathOf(form)).toBe('/account/sign-in-methods/password');
    const wrong = await visitor.submit(form, 'Save the new password', {
      'Current password': 'not this one',
      'New password': NEW,
    });
    expect([wrong.status, wrong.html.includes(NEW)]).toEqual([422, false]);
    expect(wrong.text).toContain('That is not your current password');
    const done = await visitor.submit(form, 'Save the new password', {
      'Current password': PASSWORD,
      'New password': NEW,
    });
    expect(done.text).toContain('Your password is changed');
    expect(pathOf(await visitor.open('/account'))).toBe('/account');
    expect(pathOf(await other.open('/account'))).toBe('/sign-in');
    expect(await letterTo(person.email)).toContain('was changed');
  });

  it('counts wrong tries with those of the sign-in page', async () => {
    const form = await page();
    const entries = { 'Current password': 'not this one', 'New password': NEW };
    for (let n = 0; n < 12; n += 1) await visitor.submit(form, 'Save the new password', entries);
    const refused = await visitor.submit(form, 'Save the new password', entries);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  it('is asked to confirm who it is after ten minutes', async () => {
    const form = await page();
    clock.forward(601);
    const late = await visitor.submit(form, 'Save the new password', {
      'Current password': PASSWORD,
      'New password': NEW,
    });
    expect(pathOf(late)).toBe('/sign-in');
    expect(late.text).toContain(person.email);
  });
});

async function signedInLater(): Promise<Visitor> {
  clock.forward(30);
  return signedIn(person);
}

describe('changing the address', () => {
  async function toCode(email: string): Promise<Page> {
    return visitor.submit(await visitor.open('/account/email'), 'Send a code', { 'New email': email });
  }

  it('is confirmed from the new mailbox and undone from the old one', async () => {
    const email = `${newId()}@example.org`;
    const asked = await toCode(email);
    expect(pathOf(asked)).toBe('/account/email/code');
    const code = await codeFromMailbox(visitor, email);
    const done = await visitor.submit(asked, 'Change my email', { 'Verification code': code });
    expect(done.text).toContain('Your email is changed');
    expect(done.text).toContain(email);

    const link = /\/email-undo\?change=[0-9a-f-]+/.exec(await letterTo(person.email))?.[0] ?? '';
    const owner = new Visitor(server.url);
    for (const _ of [1, 2, 3]) expect((await owner.open(link)).status).toBe(200);
    expect(pathOf(await visitor.open('/account'))).toBe('/account');
    const opened = await owner.open(link);
    expect(opened.html).not.toContain('@');
    const typed = await owner.submit(opened, 'Send a code to the old address');
    const undoCode = await codeFromMailbox(owner, person.email);
    const back = await owner.submit(typed, 'Take my account back', { 'Verification code': undoCode });
    expect(back.text).toContain('Your account is back');
    expect(pathOf(await visitor.open('/account'))).toBe('/sign-in');
    expect((await owner.open(link)).status).toBe(410);

    clock.forward(30);
    const second = await owner.submit(await owner.open('/sign-in'), 'Sign in', {
      Email: person.email,
      Password: PASSWORD,
    });
    expect(pathOf(second)).toBe('/sign-in/second-factor');
  });

  it('answers the same whoever has the new address', async () => {
    const other = await createPerson(server.platform);
    const stranger = `${newId()}@example.com`;
    const bare = ({ html }: Page, email: string) =>
      html.replaceAll(email, 'EMAIL').replaceAll(/value="[^"]*"/g, '');
    expect(bare(await toCode(other.email), other.email)).toBe(bare(await toCode(stranger), stranger));
    const asked = await toCode(other.email);
    const code = await codeFromMailbox(visitor, other.email);
    const taken = await visitor.submit(asked, 'Change my email', { 'Verification code': code });
    expect(taken.text).toContain('Another account uses this address');
  });

  it('cannot be confirmed from another session or account of the same browser', async () => {
    const email = `${newId()}@example.org`;
    const asked = await toCode(email);
    const code = await codeFromMailbox(visitor, email);
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    const other = await createPerson(server.platform);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), other);
    const tried = await visitor.submit(asked, 'Change my email', { 'Verification code': code });
    expect(pathOf(tried)).toBe('/account/email');
    for (const { id, email: own } of [person, other]) {
      const { email: now } = await server.platform.db.account.findUniqueOrThrow({ where: { id } });
      expect(now).toBe(own);
    }
  });

  it('says that an undo link is over, whatever it names', async () => {
    for (const change of ['', newId(), 'x', '%27'])
      expect((await visitor.open(`/email-undo?change=${change}`)).status).toBe(410);
    expect((await visitor.open('/email-undo?change=a&change=b')).status).toBe(410);
    expect((await new Visitor(server.url).open('/email-undo/code')).status).toBe(410);
  });
});

describe('closing the account', () => {
  const close = async (typed: string) =>
    visitor.submit(await visitor.open('/account/closing'), 'Close my account', {
      'To confirm, type the email of your account': typed,
    });

  it('takes the address typed, waits a week, and is stopped by one button', async () => {
    expect((await close('somebody@example.com')).text).toContain('That is not the email of your account');
    const waiting = await close(` ${person.email.toUpperCase()} `);
    expect(waiting.text).toContain('Your account will be erased on');
    expect(await letterTo(person.email)).toContain('sign in before then');
    clock.forward(24 * HOUR + 1);
    const later = await signedIn(person);
    const overview = await later.open('/account');
    expect(overview.text).toContain('You asked to close this account');
    const kept = await later.submit(overview, 'Keep my account');
    expect(kept.text).not.toContain('You asked to close this account');
    expect(kept.text).toContain('Your account stays.');
    const account = await server.platform.db.account.findUniqueOrThrow({ where: { id: person.id } });
    expect(account.closesAt).toBeNull();
  });

  it('does nothing when its page is only opened', async () => {
    await visitor.open('/account/closing');
    await visitor.open('/account/closing/cancellation');
    const account = await server.platform.db.account.findUniqueOrThrow({ where: { id: person.id } });
    expect(account.closesAt).toBeNull();
  });
});

describe('the profile', () => {
  it('names the language that the page speaks, whatever the account says', async () => {
    await visitor.submit(await visitor.open('/language?from=/account/profile'), 'Deutsch');
    await server.platform.db.account.update({ where: { id: person.id }, data: { locale: 'ar' } });
    expect((await visitor.open('/account/profile')).html).toContain('lang="de" selected>');
    await visitor.submit(await visitor.open('/language?from=/account/profile'), 'English');
  });

  it('changes the name and the language, and keeps what was typed wrongly', async () => {
    const form = await visitor.open('/account/profile');
    const saved = await visitor.submit(form, 'Save', { Name: 'Anna  Bergström', language: 'en' });
    expect(saved.text).toContain('Your profile is saved');
    const account = await server.platform.db.account.findUniqueOrThrow({ where: { id: person.id } });
    expect([account.name, account.locale]).toEqual(['Anna Bergström', 'en']);
    const wrong = await visitor.submit(form, 'Save', { Name: '\u202e', language: 'en' });
    expect(wrong.status).toBe(422);
    const events = await server.platform.db.auditEvent.findMany({ where: { targetId: person.id } });
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account.renamed', 'account.language-chosen']),
    );
    expect((await visitor.submit(form, 'Save', { Name: 'Anna', language: 'xx' })).status).toBe(422);
  });
});
