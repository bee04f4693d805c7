import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountRoutes } from '../../../src/accounts/routes.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { createPerson, PASSWORD, type PersonInput, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function halfSignedIn(input: PersonInput) {
  const person = await createPerson(server.platform, input);
  const visitor = new Visitor(server.url);
  const credentials = { Email: person.email, Password: PASSWORD };
  const page = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
  return { person, visitor, page };
}

const SECOND = '/sign-in/second-factor';

/** Other ways to prove the second factor; the last two only send on to the first of their own until they are due. */
const ALSO_SECOND = new Set([
  '/sign-in/recovery-code',
  '/sign-in/lost-factor',
  '/sign-in/lost-factor/code',
  '/sign-in/lost-factor/authenticator',
]);

describe('a half session', () => {
  it.each([
    ['unverified', { verified: false, totp: false }, '/sign-in/verification'],
    ['without an authenticator', { verified: true, totp: false }, '/sign-in/authenticator'],
    ['with an authenticator', { verified: true, totp: true }, '/sign-in/second-factor'],
  ])('of an account %s reaches its own step and nothing else', async (_, input, own) => {
    const { visitor } = await halfSignedIn(input);
    const stranger = new Visitor(server.url);
    const routes = accountRoutes(server.platform).stack.filter(({ methods }) => methods.includes('GET'));
    expect(routes.length).toBeGreaterThan(6);
    for (const path of routes.map((route) => String(route.path))) {
      const half = await visitor.open(path, { follow: false });
      const nobody = await stranger.open(path, { follow: false });
      if (path === own || (own === SECOND && ALSO_SECOND.has(path))) {
        const landed = half.status === 303 ? half.location : server.url + path;
        expect(landed?.startsWith(`${server.url}/sign-in/`) && nobody.status === 303, path).toBe(true);
      } else if (nobody.status === 303 && path.startsWith('/sign-in/'))
        expect(half.location, path).toBe(server.url + own);
      else expect(half.status, path).toBe(nobody.status);
    }
    expect(await visitor.open('/account', { follow: false })).toMatchObject({ status: 303 });
  });

  it('cannot enrol a new authenticator past the one that exists, or skip the address', async () => {
    for (const [input, own] of [
      [{ totp: true }, '/sign-in/second-factor'],
      [{ totp: true, verified: false }, '/sign-in/verification'],
    ] as const) {
      const { visitor, page, person } = await halfSignedIn(input);
      const form_token = page.forms[0]?.fields.get('form_token') ?? '';
      for (const path of ['/sign-in/authenticator', '/sign-in/second-factor', '/sign-in/verification']) {
        if (path === own) continue;
        const answer = await visitor.post(path, { code: person.code(), form_token }, { follow: false });
        expect(answer, path).toMatchObject({ status: 303, location: server.url + own });
      }
      expect(await server.platform.db.totpDevice.count({ where: { accountId: person.id } })).toBe(1);
    }
  });

  it('is no session, whatever the cookie it is put into', async () => {
    const { visitor } = await halfSignedIn({});
    const half = visitor.cookies.all().get('gatehouse_sign_in') ?? '';
    const thief = new Visitor(server.url);
    thief.cookies.set(server.url, 'gatehouse_session', half);
    expect(await thief.open('/account', { follow: false })).toMatchObject({ status: 303 });
  });

  it('ends when its visitor signs out', async () => {
    const { visitor } = await halfSignedIn({});
    const half = visitor.cookies.all().get('gatehouse_sign_in') ?? '';
    const form = await visitor.open('/sign-in');
    const { config } = server.platform;
    expect(form.status).toBe(200);
    const person = await createPerson(server.platform);
    const other = new Visitor(server.url);
    const account = await signInThroughForms(other, await other.open('/sign-in'), person);
    other.cookies.set(config.issuer, 'gatehouse_sign_in', half);
    await other.submit(account, 'Sign out');
    expect(await visitor.open('/sign-in/second-factor', { follow: false })).toMatchObject({
      location: `${server.url}/sign-in`,
    });
  });
});

describe('a cookie that was planted', () => {
  it('never becomes a session, a half session or a known browser', async () => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    const now = server.platform.clock.now();
    const planted = new Map([
      ['gatehouse_session', newHandle('session', now)],
      ['gatehouse_sign_in', newHandle('session', now)],
      ['gatehouse_browser', newHandle('browser', now)],
    ]);
    for (const [name, value] of planted) visitor.cookies.set(server.url, name, value);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
    for (const [name, value] of planted) {
      expect(visitor.cookies.all().get(name), name).not.toBe(value);
      const attacker = new Visitor(server.url);
      attacker.cookies.set(server.url, name, value);
      expect(await attacker.open('/account', { follow: false }), name).toMatchObject({ status: 303 });
      expect(await attacker.open('/sign-in/second-factor', { follow: false }), name).toMatchObject({
        status: 303,
      });
    }
  });

  it('of a half session is dead once that sign-in was completed', async () => {
    const { visitor, page, person } = await halfSignedIn({});
    const half = visitor.cookies.all().get('gatehouse_sign_in') ?? '';
    await visitor.submit(page, 'Continue', { code: person.code() });
    expect(visitor.cookies.all().get('gatehouse_sign_in')).toBeUndefined();
    const attacker = new Visitor(server.url);
    for (const name of ['gatehouse_session', 'gatehouse_sign_in'])
      attacker.cookies.set(server.url, name, half);
    expect(await attacker.open('/account', { follow: false })).toMatchObject({ status: 303 });
    expect(await attacker.open('/sign-in/second-factor', { follow: false })).toMatchObject({ status: 303 });
  });
});
