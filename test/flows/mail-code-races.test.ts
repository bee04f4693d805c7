import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inviteToSignUp } from '../../src/accounts/sign-up/sign-up-passes.ts';
import { newId } from '../../src/platform/ids.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { type Answer, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { newPerson, signIn } from '../support/world.ts';

const TRIES = 50;
const ROUNDS = 3;
const NEW = 'amber lantern over gravel';

describe('fifty uses at once, over two processes', { timeout: 120_000 }, () => {
  let world: TwoServers;
  beforeAll(async () => {
    world = await startTwoServers();
  });
  afterAll(() => world.stop());

  async function newest(email: string, pattern: RegExp): Promise<string> {
    const letters = (await waitingLetters(world.platform)).filter(({ to }) => to === email);
    return letters.map(({ text }) => pattern.exec(text.replaceAll('\n', ' '))?.[1]).find(Boolean) ?? '';
  }
  const codeFor = (email: string) => newest(email, /\b(\d{8})\b/);

  /** Sends the form of this page fifty times, by turns to both processes, and answers who came through. */
  async function race(visitor: Visitor, page: Page, entries: Record<string, string>, to: string) {
    const form = page.forms.find(({ fields }) => fields.has(Object.keys(entries)[0] ?? ''));
    const fields = { ...Object.fromEntries(form?.fields ?? []), ...entries };
    const target = new URL(form?.action ?? page.url, page.url);
    const headers = { Cookie: visitor.cookies.headerFor(target) };
    const answers: Answer[] = await Promise.all(
      Array.from({ length: TRIES }, (_, turn) => world.post(turn, target.pathname, fields, headers)),
    );
    expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
    return answers.filter(({ location }) => location?.includes(to)).length;
  }

  async function toResetCode(visitor: Visitor, email: string): Promise<Page> {
    return visitor.submit(await visitor.open('/password-reset'), 'Send a code', { Email: email });
  }

  it('one code of a reset gives one proof', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const person = await newPerson(world.platform);
      const visitor = new Visitor(world.issuer);
      const page = await toResetCode(visitor, person.email);
      const code = await codeFor(person.email);
      expect(await race(visitor, page, { code }, '/password-reset/password')).toBe(1);
      expect(await world.platform.db.passwordReset.count({ where: { accountId: person.id } })).toBe(1);
    }
  });

  it('one proof sets one password', async () => {
    const person = await newPerson(world.platform);
    const visitor = new Visitor(world.issuer);
    const asked = await toResetCode(visitor, person.email);
    const page = await visitor.submit(asked, 'Continue', { code: await codeFor(person.email) });
    expect(await race(visitor, page, { password: NEW }, '/password-reset/done')).toBe(1);
    const completed = { action: 'password-reset.completed', targetId: person.id };
    expect(await world.platform.db.auditEvent.count({ where: completed })).toBe(1);
  });

  it('one code changes an address once, and one code undoes it once', async () => {
    const person = await newPerson(world.platform);
    const visitor = new Visitor(world.issuer);
    await signIn(visitor, person);
    const email = `${newId()}@example.org`;
    const asked = await visitor.submit(await visitor.open('/account/email'), 'Send a code', {
      'New email': email,
    });
    expect(await race(visitor, asked, { code: await codeFor(email) }, '/account/profile')).toBe(1);
    const confirmed = { action: 'email-change.confirmed', targetId: person.id };
    expect(await world.platform.db.auditEvent.count({ where: confirmed })).toBe(1);

    const owner = new Visitor(world.issuer);
    const link = await newest(person.email, /(\/email-undo\?change=[0-9a-f-]+)/);
    const page = await owner.submit(await owner.open(link), 'Send a code to the old address');
    expect(await race(owner, page, { code: await codeFor(person.email) }, '/email-undo/done')).toBe(1);
    const undone = { action: 'email-change.undone', targetId: person.id };
    expect(await world.platform.db.auditEvent.count({ where: undone })).toBe(1);
  });

  it('one code of a sign-up makes one account, and spends one pass', async () => {
    const email = `${newId()}@example.org`;
    const invited = await inviteToSignUp(world.platform, { kind: 'cli', id: 'test' }, { email });
    if (!invited.ok) throw new Error(invited.reason);
    const visitor = new Visitor(world.issuer);
    const form = await visitor.open(invited.link.secret);
    const asked = await visitor.submit(form, 'Create account', { Name: 'Anna Berg', Password: NEW });
    expect(await race(visitor, asked, { code: await codeFor(email) }, '/sign-in/authenticator')).toBe(1);
    const account = await world.platform.db.account.findUniqueOrThrow({ where: { emailKey: email } });
    const sessions = { accountId: account.id };
    expect(await world.platform.db.browserSession.count({ where: sessions })).toBe(1);
    expect(await world.platform.db.auditEvent.count({ where: { action: 'sign-up-pass.used' } })).toBe(1);
  });
});
