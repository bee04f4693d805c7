import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { normalizeAddress } from '../../../src/accounts/addresses.ts';
import { SIGN_UP, SIGN_UP_DOMAINS } from '../../../src/accounts/policy.ts';
import {
  createSignUpPass,
  findSignUpPass,
  inviteToSignUp,
  sweepSignUpPasses,
} from '../../../src/accounts/sign-up/sign-up-passes.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { Setting } from '../../../src/platform/settings.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeFromMailbox, createPerson, PASSWORD } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

const OPERATOR = { kind: 'cli', id: 'test' } as const;
const DAY = 86_400;

let clock: MovableClock;
let server: Awaited<ReturnType<typeof startTestServer>>;
let visitor: Visitor;
let email: string;

beforeAll(async () => {
  server = await startTestServer({ clock: { now: () => clock.now() } });
});
afterAll(() => server.stop());
beforeEach(() => {
  clock = clockAt();
  visitor = new Visitor(server.url);
  email = `${newId()}@example.com`;
});
afterEach(() => set(SIGN_UP, 'open'));

const set = <T>(setting: Setting<T>, value: T) =>
  changeSetting(server.platform, OPERATOR, { setting, value });
const pathOf = ({ url }: Page) => new URL(url).pathname;
const bare = ({ html }: Page) => html.replaceAll(/value="[^"]*"|from=[^"]*|[\w.-]+@[\w.-]+/g, '');

async function invite(to = email): Promise<string> {
  const invited = await inviteToSignUp(server.platform, OPERATOR, { email: to });
  if (!invited.ok) throw new Error(invited.reason);
  return invited.link.secret;
}

async function fillIn(page: Page, entries: Record<string, string> = {}, by = visitor): Promise<Page> {
  return by.submit(page, 'Create account', { Name: 'Anna Berg', Password: PASSWORD, ...entries });
}

describe('sign-up by invitation', () => {
  beforeEach(() => set(SIGN_UP, 'invitation'));

  it('is not offered where nobody can take it up', async () => {
    for (const path of ['/', '/sign-in'])
      expect([...(await visitor.open(path)).links.values()].join(' ')).not.toContain('/sign-up');
    await set(SIGN_UP, 'open');
    for (const path of ['/', '/sign-in'])
      expect([...(await visitor.open(path)).links.values()].join(' ')).toContain('/sign-up');
  });

  it('says calmly how to get in, to readers and to forms sent all the same', async () => {
    await set(SIGN_UP, 'open');
    const form = await visitor.open('/sign-up');
    await set(SIGN_UP, 'invitation');
    const closed = await visitor.open('/sign-up');
    expect(closed.text).toContain('Ask the people who run this service to invite you');
    expect(closed.forms).toEqual([]);
    const forced = await fillIn(form, { Email: email });
    expect(forced.text).toContain('By invitation only');
    expect(await server.platform.db.signUp.count({ where: { emailKey: email } })).toBe(0);
  });

  it('closes also for whoever waits for a code meanwhile', async () => {
    await set(SIGN_UP, 'open');
    const asked = await fillIn(await visitor.open('/sign-up'), { Email: email });
    await set(SIGN_UP, 'invitation');
    const code = await codeFromMailbox(visitor, email);
    const refused = await visitor.submit(asked, 'Continue', { 'Verification code': code });
    expect(refused.text).toContain('Accounts here are by invitation');
    expect(await server.platform.db.account.count({ where: { emailKey: email } })).toBe(0);
  });

  it('admits whoever holds a pass, once, and its letter carries the link', async () => {
    const link = await invite();
    const letters = await visitor.open('/mailbox');
    expect(letters.text).toContain(link);
    for (const _ of [1, 2]) expect((await visitor.open(link)).text).toContain(email);
    const asked = await fillIn(await visitor.open(link));
    const code = await codeFromMailbox(visitor, email);
    const next = await visitor.submit(asked, 'Continue', { 'Verification code': code });
    expect(pathOf(next)).toBe('/sign-in/authenticator');
    const again = await new Visitor(server.url).open(link);
    expect(again.text).toContain('This invitation no longer works');
    const events = await server.platform.db.auditEvent.findMany({ where: { targetKind: 'sign-up-pass' } });
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['sign-up-pass.created', 'sign-up-pass.used']),
    );
  });

  it('lets one of two browsers spend a pass', async () => {
    const link = await invite();
    const other = new Visitor(server.url);
    const first = await fillIn(await visitor.open(link));
    const code = await codeFromMailbox(visitor, email);
    clock.forward(1);
    const second = await fillIn(await other.open(link), {}, other);
    const secondCode = await codeFromMailbox(other, email);
    const ends = await Promise.all([
      visitor.submit(first, 'Continue', { 'Verification code': code }),
      other.submit(second, 'Continue', { 'Verification code': secondCode }),
    ]);
    expect(ends.map(pathOf).sort()).toEqual(['/sign-in/authenticator', '/sign-up/verification']);
    expect(await server.platform.db.account.count({ where: { emailKey: email } })).toBe(1);
  });

  it('admits nobody for another address than the pass is for', async () => {
    const page = await visitor.open(await invite());
    const tampered = await fillIn(page, { email: `eve-${email}` });
    expect(tampered.status).toBe(422);
    expect(tampered.text).toContain('This invitation is for another address');
    expect(await server.platform.db.signUp.count({ where: { emailKey: `eve-${email}` } })).toBe(0);
  });

  it('never tells whether the address of a pass has an account', async () => {
    const owner = await createPerson(server.platform);
    const [known, unknown] = [await invite(owner.email), await invite()];
    const pages = [await visitor.open(known), await visitor.open(unknown)] as const;
    expect(bare(pages[0])).toBe(bare(pages[1]));
    const sent = [await fillIn(pages[0]), await fillIn(pages[1])] as const;
    expect(bare(sent[0])).toBe(bare(sent[1]));
  });

  it('forgets a pass after two weeks, and refuses a sign-up that was begun with it', async () => {
    const link = await invite();
    clock.forward(14 * DAY - 60);
    const asked = await fillIn(await visitor.open(link));
    const code = await codeFromMailbox(visitor, email);
    clock.forward(60);
    const late = await visitor.submit(asked, 'Continue', { 'Verification code': code });
    expect(late.text).toContain('Your invitation was used or has expired');
    expect((await visitor.open(link)).text).toContain('This invitation no longer works');
    await sweepSignUpPasses(server.platform);
    expect(await server.platform.db.signUpPass.count({ where: { emailKey: email } })).toBe(0);
  });

  it('takes anything else for a pass as none', async () => {
    for (const pass of ['', 'x', 'gate_pass_aaa', '%00', 'a&pass=b']) {
      const page = await visitor.open(`/sign-up?pass=${pass}`);
      expect([page.status < 500, page.forms.length]).toEqual([true, 0]);
    }
    const address = normalizeAddress(email);
    if (!address) throw new Error('no address');
    const { secret } = await createSignUpPass(server.platform, OPERATOR, address);
    expect(await findSignUpPass(server.platform, secret)).toMatchObject({ emailKey: email });
    expect(await findSignUpPass(server.platform, `${secret}x`)).toBeUndefined();
    expect(await server.platform.db.signUpPass.count({ where: { digest: Buffer.from(secret) } })).toBe(0);
  });
});

describe('sign-up for mail domains', () => {
  beforeEach(async () => {
    await set(SIGN_UP, 'domains');
    await set(SIGN_UP_DOMAINS, ['example.org']);
  });

  it('takes exactly the listed ones, before anything is looked up or sent', async () => {
    const page = await visitor.open('/sign-up');
    expect(page.text).toContain('An address at example.org');
    const owner = await createPerson(server.platform);
    const refusals: string[] = [];
    for (const other of [owner.email, email, 'eve@sub.example.org', 'eve@example.org.evil.test']) {
      const refused = await fillIn(page, { Email: other });
      expect(refused.status).toBe(422);
      refusals.push(bare(refused));
      expect(await server.platform.db.mailCode.count({ where: { email: other } })).toBe(0);
    }
    expect(new Set(refusals).size).toBe(1);
    expect(pathOf(await fillIn(page, { Email: `${newId()}@EXAMPLE.org` }))).toBe('/sign-up/verification');
  });

  it('makes way for a pass', async () => {
    expect(pathOf(await fillIn(await visitor.open(await invite())))).toBe('/sign-up/verification');
  });

  it('reads domains however they are written, and refuses what is none', () => {
    expect(SIGN_UP_DOMAINS.schema.parse([' @Example.COM', 'bücher.example'])).toEqual([
      'example.com',
      'xn--bcher-kva.example',
    ]);
    for (const none of ['', 'localhost', 'a b.example', '*.example.com', 'x@example.com'])
      expect(SIGN_UP_DOMAINS.schema.safeParse([none]).success).toBe(false);
  });
});
