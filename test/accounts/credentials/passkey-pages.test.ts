import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signInPath } from '../../../src/accounts/sign-in/sign-in-ticket.ts';
import type { RunningServer } from '../../../src/main.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Asked, Authenticator } from '../../support/authenticator.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { givePasskey } from '../../support/passkeys.ts';
import { createPerson, type Person, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

const PASSKEYS = '/account/sign-in-methods/passkeys';

let clock: MovableClock;
let server: RunningServer;
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

const device = () => new Authenticator(server.url);

/** The hidden form of a page that our script sends. */
function passkeyForm(page: Page): { action: string; fields: Record<string, string> } {
  const form = page.forms.find(({ fields }) => fields.has('credential'));
  if (!form) throw new Error(`no passkey form at ${page.url}`);
  return { action: form.action, fields: Object.fromEntries(form.fields) };
}

/** As the script does: fetches the options of a page's passkey form. */
async function optionsOf(who: Visitor, page: Page): Promise<Asked & { allowCredentials?: { id: string }[] }> {
  const { action, fields } = passkeyForm(page);
  const { pathname, search } = new URL(action, page.url);
  const answer = await who.post(`${pathname}/challenges${search}`, fields);
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  return JSON.parse(answer.html);
}

/** As the script does: sends the answer. */
async function send(who: Visitor, page: Page, credential: string): Promise<Page> {
  const { action, fields } = passkeyForm(page);
  return who.post(new URL(action, page.url).href, { ...fields, credential });
}

async function signInByPasskey(who: Visitor, authenticator: Authenticator, at = '/sign-in'): Promise<Page> {
  const page = await who.open(at);
  return send(who, page, authenticator.get(await optionsOf(who, page)));
}

async function signedIn(person = anna, who = visitor): Promise<Page> {
  return signInThroughForms(who, await who.open('/sign-in'), person);
}

describe('the sign-in page', () => {
  it('lets a passkey in at once, and goes where the ticket says', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    const page = await signInByPasskey(visitor, passkey, PASSKEYS);
    expect(page).toMatchObject({ status: 200, url: server.url + PASSKEYS });
  });

  it('lets a passkey in while others guess the password', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    const guesser = new Visitor(server.url);
    const form = await guesser.open('/sign-in');
    const guess = { Email: anna.email, Password: 'not this one' };
    for (let n = 0; n < 8; n += 1) await guesser.submit(form, 'Sign in', guess);
    expect(await visitor.submit(await visitor.open('/sign-in'), 'Sign in', guess)).toMatchObject({
      status: 429,
    });
    expect(await signInByPasskey(visitor, passkey)).toMatchObject({
      status: 200,
      url: `${server.url}/account`,
    });
  });

  it.each([
    ['nothing', ''],
    ['broken JSON', '{"id": "AAAA"'],
    ['JSON of another shape', '{"id":1,"rawId":{},"type":"public-key","response":null}'],
    ['thousands of brackets', '['.repeat(15_000)],
    ['an answer to nothing we asked', () => device().get({ challenge: 'A'.repeat(43), rpId: 'localhost' })],
  ])('answers %s with a sentence and the other ways', async (_what, given) => {
    const credential = typeof given === 'string' ? given : given();
    const page = await send(visitor, await visitor.open('/sign-in'), credential);
    expect(page.status).toBe(422);
    expect(page.text).toMatch(/Press the button and try again\./);
    expect([...page.links.keys()]).toContain('Use another way');
    expect(page.html).not.toContain('AAAA');
  });

  it('answers more than a form may hold with 413', async () => {
    const page = await send(visitor, await visitor.open('/sign-in'), 'A'.repeat(70_000));
    expect(page.status).toBe(413);
  });

  it('refuses challenges and answers without the token of its form, or from another site', async () => {
    const page = await visitor.open('/sign-in');
    for (const path of ['/sign-in/passkey', '/sign-in/passkey/challenges']) {
      expect(await visitor.post(path, { credential: '{}' }), path).toMatchObject({ status: 403 });
      const { fields } = passkeyForm(page);
      const foreign = { referrer: 'https://elsewhere.example/' };
      expect(await visitor.post(path, fields, foreign), path).toMatchObject({ status: 403 });
    }
  });

  it('takes the answer from the browser that asked alone', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    const page = await visitor.open('/sign-in');
    const credential = passkey.get(await optionsOf(visitor, page));
    const thief = new Visitor(server.url);
    const theirs = await thief.open('/sign-in');
    expect(await send(thief, theirs, credential)).toMatchObject({ status: 422 });
    await optionsOf(thief, theirs);
    expect(await send(thief, theirs, credential)).toMatchObject({ status: 422 });
    expect(await send(visitor, page, credential)).toMatchObject({ status: 200 });
  });

  it('names the passkeys of an account to that account alone', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    await signedIn();
    const ticket = { returnTo: '/account', accountId: anna.id, freshAfter: clock.now().getTime() + 1 };
    const path = signInPath(server.platform, ticket);
    const own = await optionsOf(visitor, await visitor.open(path));
    expect(own.allowCredentials).toMatchObject([{ id: passkey.id }]);
    const stranger = new Visitor(server.url);
    const strange = await optionsOf(stranger, await stranger.open(path));
    expect(strange.allowCredentials).toEqual([]);
  });

  it('when somebody confirms who they are, refuses the passkey of another account', async () => {
    const bert = await createPerson(server.platform);
    const foreign = await givePasskey(server.platform, bert.id);
    await givePasskey(server.platform, anna.id);
    await signedIn();
    const ticket = { returnTo: '/account', accountId: anna.id, freshAfter: clock.now().getTime() + 1 };
    const page = await visitor.open(signInPath(server.platform, ticket));
    const refused = await send(visitor, page, foreign.get(await optionsOf(visitor, page)));
    expect(refused).toMatchObject({ status: 422 });
    expect(refused.text).toContain('belongs to another account');
    expect((await visitor.open('/account')).text).toContain(anna.email);
  });

  it('when somebody confirms who they are, offers no passkey where they have none', async () => {
    await signedIn();
    const ticket = { returnTo: '/account', accountId: anna.id, freshAfter: clock.now().getTime() + 1 };
    expect((await visitor.open(signInPath(server.platform, ticket))).html).not.toContain('data-passkey');
  });

  it('tells whoever keeps it to forget a passkey that was removed, and of no other', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    const refused = async (twist = {}) => {
      const page = await visitor.open('/sign-in');
      return send(visitor, page, passkey.get(await optionsOf(visitor, page), twist));
    };
    expect((await refused({ rpId: 'elsewhere.example' })).html).not.toContain('data-unknown-passkey');
    await server.platform.db.passkey.deleteMany({ where: { accountId: anna.id } });
    const page = await refused();
    expect(page.text).toContain('may have been removed');
    expect(page.html).toContain(`data-unknown-passkey="{&quot;rpId&quot;:&quot;localhost&quot;`);
  });
});

it('the owner reads of sign-ins with a passkey, and of refused ones', async () => {
  const passkey = await givePasskey(server.platform, anna.id);
  const page = await visitor.open('/sign-in');
  await send(visitor, page, passkey.get(await optionsOf(visitor, page), { counter: 0 }));
  await signInByPasskey(visitor, passkey);
  const { text } = await visitor.open('/account/events');
  expect(text).toContain('A passkey was refused: somebody may have a copy of it');
  expect(text).toContain('Signed in');
});

describe('the second step', () => {
  const afterPassword = async (who: Visitor, person: Person) =>
    who.submit(await who.open('/sign-in'), 'Sign in', { Email: person.email, Password: person.password });

  it('takes a passkey of the account that gave its password', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    await afterPassword(visitor, anna);
    const page = await visitor.open('/sign-in/second-factor/passkey');
    const options = await optionsOf(visitor, page);
    expect(options.allowCredentials).toMatchObject([{ id: passkey.id }]);
    expect(await send(visitor, page, passkey.get(options))).toMatchObject({ url: `${server.url}/account` });
  });

  it('takes no answer of another half session, browser or account', async () => {
    const passkey = await givePasskey(server.platform, anna.id);
    const bert = await createPerson(server.platform);
    const foreign = await givePasskey(server.platform, bert.id);
    await afterPassword(visitor, anna);
    const page = await visitor.open('/sign-in/second-factor/passkey');
    const options = await optionsOf(visitor, page);
    expect(await send(visitor, page, foreign.get(options))).toMatchObject({ status: 422 });

    const thief = new Visitor(server.url);
    await afterPassword(thief, anna);
    const theirs = await thief.open('/sign-in/second-factor/passkey');
    const answer = passkey.get(await optionsOf(visitor, page));
    expect(await send(thief, theirs, answer)).toMatchObject({ status: 422 });
    expect(await thief.open('/account', { follow: false })).toMatchObject({ status: 303 });
  });

  it('is closed to whoever has not given a password', async () => {
    const answer = await visitor.open('/sign-in/second-factor/passkey', { follow: false });
    expect(answer).toMatchObject({ status: 303, location: `${server.url}/sign-in` });
    for (const path of ['/sign-in/second-factor/passkey', '/sign-in/second-factor/passkey/challenges'])
      expect(await visitor.post(path, {}, { follow: false }), path).toMatchObject({ status: 303 });
  });
});

describe('enrolment', () => {
  const underWay = async (who = visitor) => {
    const person = await createPerson(server.platform, { totp: false });
    const credentials = { Email: person.email, Password: person.password };
    return { person, page: await who.submit(await who.open('/sign-in'), 'Sign in', credentials) };
  };

  it('takes a passkey instead of an authenticator app, gives recovery codes and goes on', async () => {
    const { person, page } = await underWay();
    const passkey = device();
    const codes = await send(visitor, page, passkey.create(await optionsOf(visitor, page)));
    expect(codes).toMatchObject({ status: 200 });
    expect(await server.platform.db.recoveryCode.count({ where: { accountId: person.id } })).toBe(10);
    expect(await visitor.open('/account')).toMatchObject({ url: `${server.url}/account` });
    const session = await server.platform.db.browserSession.findFirstOrThrow({
      where: { accountId: person.id },
    });
    expect(session).toMatchObject({ acr: 'phr', amr: ['pwd', 'pop', 'user', 'mfa'] });
    expect(await signInByPasskey(new Visitor(server.url), passkey)).toMatchObject({ status: 200 });
  });

  it('says what is wrong with the answer and goes on offering both', async () => {
    const { page } = await underWay();
    const refused = await send(
      visitor,
      page,
      device().create(await optionsOf(visitor, page), { flags: { uv: false } }),
    );
    expect(refused).toMatchObject({ status: 422 });
    expect(refused.text).toContain('Your browser made a passkey that we cannot accept.');
    const taken = await givePasskey(server.platform, anna.id);
    const conflict = await send(visitor, refused, taken.create(await optionsOf(visitor, refused)));
    expect(conflict).toMatchObject({ status: 409 });
    expect(await visitor.open('/account', { follow: false })).toMatchObject({ status: 303 });
    const made = await send(visitor, refused, device().create(await optionsOf(visitor, refused)));
    expect(made).toMatchObject({ status: 200 });
  });

  it('adds no passkey past a factor that the account has meanwhile, nor for another half session', async () => {
    const { person, page } = await underWay();
    const credential = device().create(await optionsOf(visitor, page));
    const thief = new Visitor(server.url);
    const theirs = await thief.submit(await thief.open('/sign-in'), 'Sign in', {
      Email: person.email,
      Password: person.password,
    });
    expect(await send(thief, theirs, credential)).toMatchObject({ status: 422 });
    const waiting = device().create(await optionsOf(thief, theirs));
    await send(visitor, page, device().create(await optionsOf(visitor, page)));
    const late = await send(thief, theirs, waiting);
    expect(late.url).toContain('/sign-in/second-factor');
    expect(await server.platform.db.passkey.count({ where: { accountId: person.id } })).toBe(1);
  });
});

describe('the pages of owners', () => {
  it('add, name and remove a passkey', async () => {
    await signedIn();
    const form = await visitor.open(`${PASSKEYS}/new`);
    expect(form.links.get('Back to your passkeys')).toBe(PASSKEYS);
    const codes = await send(visitor, form, device().create(await optionsOf(visitor, form)));
    expect(codes.text).toContain('Passkey added');
    expect(codes.text.match(/\b[a-z0-9]{4,}(-[a-z0-9]{4,})+\b/gi)?.length).toBeGreaterThanOrEqual(10);
    const page = await visitor.open(String(codes.links.get('I saved them, continue')));
    const list = await visitor.submit(page, 'Save name', { Name: 'Blue laptop' });
    expect(list).toMatchObject({ url: server.url + PASSKEYS });
    const one = await visitor.open(String(list.links.get('Rename or remove Blue laptop')));
    const removal = await visitor.open(String(one.links.get('Remove passkey')));
    const gone = await visitor.submit(removal, 'Remove passkey');
    expect(gone.text).toContain('You have no passkey yet.');
    const { text: letters } = await visitor.open('/mailbox');
    expect(letters).toContain('The passkey “Passkey” was added to your account.');
    expect(letters).toContain('The passkey “Blue laptop” was removed from your account.');
    const { text: activity } = await visitor.open('/account/events');
    for (const what of ['added', 'renamed', 'removed']) expect(activity).toContain(`Passkey ${what}`);
  });

  it('say what is wrong with a name, and keep what was typed', async () => {
    await givePasskey(server.platform, anna.id);
    await signedIn();
    const list = await visitor.open(PASSKEYS);
    const one = await visitor.open(String(list.links.get('Rename or remove Passkey')));
    for (const name of ['', '   ', 'x'.repeat(101), 'a\u202eb']) {
      const page = await visitor.submit(one, 'Save name', { Name: name });
      expect(page).toMatchObject({ status: 422 });
      expect(page.text).toContain('Enter a name, in at most 100 characters.');
    }
  });

  it('keep the last second factor of an account that needs one', async () => {
    const bert = await createPerson(server.platform, { totp: false });
    const passkey = await givePasskey(server.platform, bert.id);
    await signInByPasskey(visitor, passkey);
    const list = await visitor.open(PASSKEYS);
    const removal = await visitor.open(`${list.links.get('Rename or remove Passkey')}/removal`);
    const page = await visitor.submit(removal, 'Remove passkey');
    expect(page).toMatchObject({ status: 422 });
    expect(page.text).toContain('This is your only second factor');
  });

  it('know the passkeys of others as little as those that never were', async () => {
    const bert = await createPerson(server.platform);
    await givePasskey(server.platform, bert.id);
    const { id } = await server.platform.db.passkey.findFirstOrThrow({ where: { accountId: bert.id } });
    await givePasskey(server.platform, anna.id);
    await signedIn();
    const own = await visitor.open(
      String((await visitor.open(PASSKEYS)).links.get('Rename or remove Passkey')),
    );
    const token = own.forms.find(({ fields }) => fields.has('name'))?.fields.get('form_token') ?? '';
    const answers = [];
    for (const other of [id, newId(), 'x']) {
      const pages = [
        await visitor.open(`${PASSKEYS}/${other}`),
        await visitor.open(`${PASSKEYS}/${other}/removal`),
        await visitor.post(`${PASSKEYS}/${other}/name`, { name: 'Mine', form_token: token }),
        await visitor.post(`${PASSKEYS}/${other}/removal`, { form_token: token }),
      ];
      answers.push(pages.map(({ status, text }) => [status, text.replace(/[0-9a-f-]{36}/g, '')]));
    }
    for (const one of answers) expect(one).toEqual(answers[0]);
    expect(answers[0]?.map(([status]) => status)).toEqual([404, 404, 404, 404]);
    expect(await server.platform.db.passkey.count({ where: { id, name: 'Passkey' } })).toBe(1);
  });

  it('want to know again who is there before they add or remove, ten minutes later', async () => {
    await givePasskey(server.platform, anna.id);
    await signedIn();
    const form = await visitor.open(`${PASSKEYS}/new`);
    const credential = device().create(await optionsOf(visitor, form));
    const list = await visitor.open(PASSKEYS);
    const removal = await visitor.open(`${list.links.get('Rename or remove Passkey')}/removal`);
    clock.forward(601);
    expect((await visitor.open(`${PASSKEYS}/new`)).url).toContain('/sign-in?ticket=');
    expect((await visitor.post(`${PASSKEYS}/challenges`, passkeyForm(form).fields)).url).toContain(
      '/sign-in?ticket=',
    );
    expect((await send(visitor, form, credential)).url).toContain('/sign-in?ticket=');
    expect((await visitor.submit(removal, 'Remove passkey')).url).toContain('/sign-in?ticket=');
    expect(await server.platform.db.passkey.count({ where: { accountId: anna.id } })).toBe(1);
  });

  it('refuse a passkey that was made in another session', async () => {
    await signedIn();
    const form = await visitor.open(`${PASSKEYS}/new`);
    const credential = device().create(await optionsOf(visitor, form));
    const thief = new Visitor(server.url);
    clock.forward(30);
    await signedIn(anna, thief);
    const page = await send(thief, await thief.open(`${PASSKEYS}/new`), credential);
    expect(page).toMatchObject({ status: 422 });
    expect(await server.platform.db.passkey.count({ where: { accountId: anna.id } })).toBe(0);
  });
});

it('password managers find the pages at the address that the W3C gave them', async () => {
  const answer = await visitor.open('/.well-known/passkey-endpoints');
  expect(answer.headers.get('Content-Type')).toContain('application/json');
  expect(JSON.parse(answer.html)).toEqual({
    enroll: `${server.url}${PASSKEYS}/new`,
    manage: `${server.url}${PASSKEYS}`,
  });
});
