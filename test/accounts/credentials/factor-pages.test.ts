import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { issueRecoveryCodes } from '../../../src/accounts/credentials/renew-recovery-codes.ts';
import { TRUSTED_BROWSERS } from '../../../src/accounts/policy.ts';
import { signInPath } from '../../../src/accounts/sign-in/sign-in-ticket.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import {
  codeAt,
  codeFromMailbox,
  createPerson,
  goOnFromCodes,
  type Person,
  type PersonInput,
  recoveryCodesOn,
  signInThroughForms,
} from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

const OPERATOR = { kind: 'cli', id: 'test' } as const;
const METHODS = '/account/sign-in-methods';
const APPS = `${METHODS}/authenticators`;
const CODES = `${METHODS}/recovery-codes`;
const LOST = '/sign-in/lost-factor';

let clock: MovableClock;
let server: Server;
let anna: Person;
let visitor: Visitor;

beforeAll(async () => {
  server = await startTestServer({ clock: { now: () => clock.now() } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(server.platform);
  visitor = new Visitor(server.url);
});

const pathOf = (page: Page) => new URL(page.url).pathname;

async function withPassword(person = anna, browser = visitor): Promise<Page> {
  const credentials = { Email: person.email, Password: person.password };
  return browser.submit(await browser.open('/sign-in'), 'Sign in', credentials);
}

async function signedIn(input: PersonInput = {}): Promise<{ person: Person; browser: Visitor }> {
  const person = await createPerson(server.platform, input);
  const browser = new Visitor(server.url);
  await signInThroughForms(browser, await browser.open('/sign-in'), person);
  return { person, browser };
}

async function codesOf(person = anna): Promise<readonly string[]> {
  const issued = await issueRecoveryCodes(server.platform, OPERATOR, person.id);
  return issued.recoveryCodes;
}

function seedOn({ html }: Page): string {
  return /<code class="key">(?:<bdi dir="ltr">)?([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '';
}

const tokenOn = (page: Page) => page.forms.map(({ fields }) => fields.get('form_token')).find(Boolean) ?? '';

describe('the page of the second factor', () => {
  it('leads to a recovery code where there are some, and to the lost factor always', async () => {
    const without = await withPassword();
    expect([...without.links.keys()]).not.toContain('Use a recovery code');
    expect([...without.links.keys()]).toContain('I lost access to all of these');
    await codesOf();
    const page = await visitor.open('/sign-in/second-factor');
    expect([...page.links.keys()]).toContain('Use a recovery code');
  });

  it('says how many tries are left before a pause, and when the pause is over', async () => {
    let page = await withPassword();
    expect(page.text).not.toContain('before a pause');
    for (const left of ['4', '3 more tries before a pause', '2 more tries', '1 more try before']) {
      page = await visitor.submit(page, 'Continue', { code: '000000' });
      if (left.length > 1) expect(page.text).toContain(left);
    }
    page = await visitor.submit(page, 'Continue', { code: '000000' });
    page = await visitor.submit(page, 'Continue', { code: '000000' });
    expect(page).toMatchObject({ status: 429 });
    expect(page.text).toContain('You can try again in 1 second');
  });

  it('counts all factors together: codes of the app, recovery codes', async () => {
    const codes = await codesOf();
    let page = await withPassword();
    for (let n = 0; n < 3; n += 1) page = await visitor.submit(page, 'Continue', { code: '000000' });
    let other = await visitor.open('/sign-in/recovery-code');
    for (let n = 0; n < 2; n += 1) other = await visitor.submit(other, 'Continue', { code: '0'.repeat(24) });
    expect(other.text).toContain('That is not one of your recovery codes');
    expect(await visitor.submit(other, 'Continue', { code: codes[0] ?? '' })).toMatchObject({ status: 429 });
    expect(await visitor.submit(page, 'Continue', { code: anna.code() })).toMatchObject({ status: 429 });
  });

  it('writes the owner one letter an hour when somebody knows the password', async () => {
    const page = await withPassword();
    const letters = async () =>
      (await visitor.open('/mailbox')).text.split('Somebody knows the password').length - 1;
    const before = await letters();
    for (let n = 0; n < 3; n += 1) await visitor.submit(page, 'Continue', { code: '000000' });
    expect(await letters()).toBe(before + 1);
    clock.forward(3600);
    const later = await withPassword();
    await visitor.submit(later, 'Continue', { code: '000000' });
    await visitor.submit(later, 'Continue', { code: '000000' });
    // The first letter has left the mailbox after its hour, or is still there.
    const told = await server.platform.db.auditEvent.findMany({
      where: { action: 'second-factor.failed', targetId: anna.id },
    });
    expect(told.filter(({ details }) => (details as { letter?: boolean }).letter)).toHaveLength(2);
  });

  it('writes no letter when it was on the owner’s own browser', async () => {
    await signInThroughForms(visitor, await visitor.open('/sign-in'), anna);
    const ticket = { returnTo: '/account', switchAccount: true };
    const form = await visitor.open(signInPath(server.platform, ticket));
    const second = await visitor.submit(form, 'Sign in', { Email: anna.email, Password: anna.password });
    await visitor.submit(second, 'Continue', { code: '000000' });
    const [failed] = await server.platform.db.auditEvent.findMany({
      where: { action: 'second-factor.failed', targetId: anna.id },
    });
    expect(failed?.details).toMatchObject({ knownBrowser: true, letter: false });
  });
});

describe('a recovery code', () => {
  it('signs in once, however it is typed, says how many are left, and leads on', async () => {
    const codes = await codesOf();
    await visitor.open(signInPath(server.platform, { returnTo: '/account?x=1' }));
    await withPassword();
    const page = await visitor.open('/sign-in/recovery-code');
    const typed = (codes[0] ?? '').toLowerCase().replaceAll('-', ' ');
    const used = await visitor.submit(page, 'Continue', { 'Recovery code': typed });
    expect(used.text).toContain('You have 9 recovery codes left');
    expect(used.text).not.toContain('Make new codes now');
    expect(pathOf(await visitor.open(used.links.get('Continue') ?? ''))).toBe('/account');

    const other = new Visitor(server.url);
    await withPassword(anna, other);
    const again = await other.submit(await other.open('/sign-in/recovery-code'), 'Continue', { code: typed });
    expect(again.text).toContain('was used already');
    expect((await other.open('/mailbox')).text).toContain('A recovery code was used to sign in');
  });

  it('warns when two or fewer are left', async () => {
    const codes = await codesOf();
    await server.platform.pool.query(
      'UPDATE recovery_codes SET used_at = now() WHERE id IN (SELECT id FROM recovery_codes WHERE account_id = $1 LIMIT 7)',
      [anna.id],
    );
    await withPassword();
    const form = await visitor.open('/sign-in/recovery-code');
    for (const code of codes) {
      const page = await visitor.submit(form, 'Continue', { code });
      if (page.status !== 200) continue;
      expect(page.text).toContain('You have 2 recovery codes left');
      expect(page.text).toContain('Make new codes now');
      return;
    }
    throw new Error('no code was left');
  });

  it('is judged with a sentence when it cannot be one, and never filled in again', async () => {
    await codesOf();
    await withPassword();
    const form = await visitor.open('/sign-in/recovery-code');
    for (const code of ['', 'x', '<script>', '0'.repeat(65)]) {
      const page = await visitor.submit(form, 'Continue', { code });
      expect(page.status, code).toBe(422);
      expect(page.text, code).toContain('Enter a recovery code: 24 letters and digits');
      expect(page.html).not.toContain('&lt;script&gt;');
    }
  });
});

describe('recovery codes in the account area', () => {
  it('are made anew, shown once, and void the old ones', async () => {
    const { person, browser } = await signedIn();
    const old = await codesOf(person);
    const page = await browser.open(CODES);
    expect(page.text).toContain('You have 10 recovery codes left');
    for (const code of old) expect(page.html).not.toContain(code);
    const made = await browser.submit(page, 'Make new codes');
    const codes = recoveryCodesOn(made);
    expect(new Set(codes).size).toBe(10);
    expect(made.headers.get('Cache-Control')).toBe('no-store');
    const file = made.links.get('Download') ?? '';
    expect(decodeURIComponent(file)).toContain(`${codes.join('\r\n')}\r\n`);
    expect(pathOf(await goOnFromCodes(browser, made))).toBe(METHODS);
    expect(recoveryCodesOn(await browser.open(CODES))).toEqual([]);

    const other = new Visitor(server.url);
    clock.forward(30);
    await withPassword(person, other);
    const form = await other.open('/sign-in/recovery-code');
    expect((await other.submit(form, 'Continue', { code: old[0] ?? '' })).status).toBe(422);
    expect((await other.submit(form, 'Continue', { code: codes[0] ?? '' })).status).toBe(200);
  });

  it('ask who proved themselves more than ten minutes ago to do so again, then show nothing by themselves', async () => {
    const { person, browser } = await signedIn();
    const page = await browser.open(CODES);
    clock.forward(601);
    const asked = await browser.submit(page, 'Make new codes');
    expect(pathOf(asked)).toBe('/sign-in');
    expect(recoveryCodesOn(asked)).toEqual([]);
    const confirmation = asked.forms.find(({ labels }) => labels.has('Password'));
    const button = confirmation?.buttons[0]?.text ?? '';
    const second = await browser.submit(asked, button, { Password: person.password });
    const back = await browser.submit(second, 'Continue', { 'One-time code': person.code() });
    expect(pathOf(back)).toBe(CODES);
    expect(await server.platform.db.recoveryCode.count({ where: { accountId: person.id } })).toBe(0);
  });
});

describe('authenticators in the account area', () => {
  it('are added with a name and a code, and sign in from then on', async () => {
    const { person, browser } = await signedIn();
    const page = await browser.open(`${APPS}/new`);
    const seed = seedOn(page);
    const wrong = await browser.submit(page, 'Add an authenticator app', { Name: 'Tablet', code: '000000' });
    expect(wrong.status).toBe(422);
    expect(wrong.forms.some(({ fields }) => fields.get('name') === 'Tablet')).toBe(true);
    const code = codeAt(seed, clock.now());
    const codes = await browser.submit(wrong, 'Add an authenticator app', { Name: 'Tablet', code });
    expect(recoveryCodesOn(codes)).toHaveLength(10);
    const list = await goOnFromCodes(browser, codes);
    expect(list.text).toContain('Authenticator app added');
    expect(list.text).toContain('Tablet');
    expect(list.html).not.toContain(seed);
    expect(seedOn(await browser.open(`${APPS}/new`))).not.toBe(seed);

    clock.forward(30);
    const other = new Visitor(server.url);
    const second = await withPassword(person, other);
    expect(pathOf(await other.submit(second, 'Continue', { code: codeAt(seed, clock.now()) }))).toBe(
      '/account',
    );
  });

  it('are renamed and removed; the last one stays where the account needs it', async () => {
    const { person, browser } = await signedIn();
    const [only] = await server.platform.db.totpDevice.findMany({ where: { accountId: person.id } });
    const page = await browser.open(`${APPS}/${only?.id}`);
    const renamed = await browser.submit(page, 'Save name', { Name: 'Old <b>phone</b>' });
    expect(renamed.text).toContain('Old <b>phone</b>');
    const refused = await browser.submit(page, 'Remove authenticator app');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('your account needs one');

    const form = await browser.open(`${APPS}/new`);
    await browser.submit(form, 'Add an authenticator app', { code: codeAt(seedOn(form), clock.now()) });
    const removed = await browser.submit(page, 'Remove authenticator app');
    expect(removed.text).toContain('Authenticator app removed');
    expect(removed.text).not.toContain('Old <b>phone</b>');
  });

  it('of somebody else are not there, whatever is done to them', async () => {
    const { person: eve } = await signedIn();
    const { browser } = await signedIn();
    const [eves] = await server.platform.db.totpDevice.findMany({ where: { accountId: eve.id } });
    const mine = await browser.open(CODES);
    for (const id of [eves?.id, 'nonsense', '00000000-0000-7000-8000-000000000000']) {
      expect((await browser.open(`${APPS}/${id}`)).status).toBe(404);
      for (const what of ['name', 'removal']) {
        const fields = { name: 'Mine', form_token: tokenOn(mine) };
        const answer = await browser.post(`${APPS}/${id}/${what}`, fields, { follow: false });
        expect(answer.status, what).toBeGreaterThanOrEqual(403);
      }
    }
    const after = await server.platform.db.totpDevice.findMany({ where: { accountId: eve.id } });
    expect(after).toEqual([eves]);
  });

  it('take names and codes of any kind without a fault', async () => {
    const { browser } = await signedIn();
    const page = await browser.open(`${APPS}/new`);
    const odd: Record<string, string>[] = [
      { Name: '' },
      { Name: 'x'.repeat(101) },
      { Name: '\u202e' },
      { code: '١٢٣٤٥٦' },
    ];
    for (const entries of odd) {
      const answer = await browser.submit(page, 'Add an authenticator app', { code: '000000', ...entries });
      expect(answer.status).toBe(422);
    }
  });
});

describe('half a session', () => {
  it('reaches no page of the account area, and changes nothing there', async () => {
    const page = await withPassword();
    const [device] = await server.platform.db.totpDevice.findMany({ where: { accountId: anna.id } });
    const paths = [APPS, `${APPS}/new`, `${APPS}/${device?.id}`, CODES, `${METHODS}/trusted-browsers`];
    for (const path of paths) {
      expect(await visitor.open(path, { follow: false }), path).toMatchObject({ status: 303 });
    }
    const form_token = tokenOn(page);
    for (const path of [
      `${APPS}/new`,
      `${APPS}/${device?.id}/removal`,
      CODES,
      '/account/factor-reset/cancellation',
    ]) {
      const answer = await visitor.post(path, { form_token, code: anna.code() }, { follow: false });
      expect(answer.location, path).toContain('/sign-in?ticket=');
    }
    expect(await server.platform.db.totpDevice.count({ where: { accountId: anna.id } })).toBe(1);
    expect(await server.platform.db.recoveryCode.count({ where: { accountId: anna.id } })).toBe(0);
  });
});

describe('a lost factor', () => {
  async function startWaiting(): Promise<Page> {
    await withPassword();
    const sent = await visitor.submit(await visitor.open(LOST), 'Send me a code');
    const code = await codeFromMailbox(visitor, anna.email);
    return visitor.submit(sent, 'Continue', { 'Verification code': code });
  }

  it('waits three days, then is replaced, and everything else of the account has ended', async () => {
    const { browser: elsewhere, person } = await signedIn();
    anna = person;
    const waiting = await startWaiting();
    expect(pathOf(waiting)).toBe(LOST);
    expect(waiting.text).toContain('Your request is waiting');
    expect((await visitor.open(`${LOST}/authenticator`)).url).toBe(server.url + LOST);

    clock.forward(72 * 3600);
    const second = await withPassword();
    expect(second.text).toContain('The wait is over');
    const due = await visitor.open(second.links.get('Set up a new authenticator app') ?? '');
    const sent = await visitor.submit(due, 'Set up a new authenticator app');
    const code = await codeFromMailbox(visitor, anna.email);
    const enrolment = await visitor.submit(sent, 'Continue', { 'Verification code': code });
    expect(pathOf(enrolment)).toBe(`${LOST}/authenticator`);
    const wrong = await visitor.submit(enrolment, 'Replace my second factor', { code: '000000' });
    expect(wrong.status).toBe(422);
    const seed = seedOn(wrong);
    const done = await visitor.submit(wrong, 'Replace my second factor', { code: codeAt(seed, clock.now()) });
    expect(recoveryCodesOn(done)).toHaveLength(10);
    const account = await goOnFromCodes(visitor, done);
    expect(pathOf(account)).toBe('/account');
    expect(await elsewhere.open('/account', { follow: false })).toMatchObject({ status: 303 });

    const other = new Visitor(server.url);
    clock.forward(30);
    const again = await withPassword(anna, other);
    expect((await other.submit(again, 'Continue', { code: anna.code() })).status).toBe(422);
    expect(pathOf(await other.submit(again, 'Continue', { code: codeAt(seed, clock.now()) }))).toBe(
      '/account',
    );
  });

  it('is stopped from any signed-in browser by the button of the banner', async () => {
    const { browser: elsewhere, person } = await signedIn();
    anna = person;
    await startWaiting();
    const account = await elsewhere.open('/account');
    const banner = account.forms.find(({ action }) => action === '/account/factor-reset/cancellation');
    await elsewhere.submit(account, banner?.buttons[0]?.text ?? '');
    expect((await visitor.open(LOST)).text).toContain('Send me a code');
    expect((await elsewhere.open('/mailbox')).text).toContain('stays as it is');
  });

  it('is stopped by no GET, and by no other account', async () => {
    await startWaiting();
    const { browser: eve } = await signedIn();
    const cancellation = '/account/factor-reset/cancellation';
    expect((await eve.open(cancellation)).status).toBeGreaterThanOrEqual(404);
    const page = await eve.open(CODES);
    expect((await eve.post(cancellation, { form_token: tokenOn(page) })).status).toBe(403);
    expect((await visitor.open(LOST)).text).toContain('Your request is waiting');
  });

  it('is refused to operators, with a sentence', async () => {
    const operator = await createPerson(server.platform, { operator: true });
    await withPassword(operator);
    const page = await visitor.open(LOST);
    expect(page.text).toContain('cannot replace its second factor by waiting');
    const other = new Visitor(server.url);
    await withPassword(anna, other);
    const token = tokenOn(await visitor.open('/sign-in/second-factor'));
    for (const path of [`${LOST}/codes`, `${LOST}/code`]) {
      const answer = await visitor.post(path, { form_token: token, code: '12345678' }, { follow: false });
      expect(answer.status, path).toBeGreaterThanOrEqual(303);
    }
    expect(await server.platform.db.factorReset.count({ where: { accountId: operator.id } })).toBe(0);
  });

  it('sends five letters an hour and no more', async () => {
    await withPassword();
    const page = await visitor.open(LOST);
    for (let n = 0; n < 5; n += 1) await visitor.submit(page, 'Send me a code');
    expect(await visitor.submit(page, 'Send me a code')).toMatchObject({ status: 429 });
  });
});

describe('a browser that is trusted', () => {
  const allow = (value: boolean) =>
    changeSetting(server.platform, OPERATOR, { setting: TRUSTED_BROWSERS, value });

  it('is nothing anybody is offered, unless operators allow it', async () => {
    const page = await withPassword();
    expect(page.html).not.toContain('name="trust"');
    await visitor.submit(page, 'Continue', { code: anna.code(), trust: 'yes' });
    expect(visitor.cookies.all().get('gatehouse_trusted')).toBeUndefined();
  });

  it('is asked for the password alone, never for a fresh proof, and can be taken back', async () => {
    await allow(true);
    const page = await withPassword();
    await visitor.submit(page, 'Continue', { code: anna.code(), trust: 'yes' });
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    const value = visitor.cookies.all().get('gatehouse_trusted');
    expect(pathOf(await withPassword())).toBe('/account');
    expect(visitor.cookies.all().get('gatehouse_trusted')).not.toBe(value);
    expect(pathOf(await visitor.open(CODES))).toBe('/sign-in');

    const list = await visitor.open(`${METHODS}/trusted-browsers`);
    const removed = await visitor.submit(list, 'Ask again');
    expect(removed.text).toContain('We ask for the second factor on that browser again');
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    expect(pathOf(await withPassword())).toBe('/sign-in/second-factor');
    await allow(false);
  });
});
