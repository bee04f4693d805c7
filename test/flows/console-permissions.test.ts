import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayOperate, OPERATOR_ROLES, type OperatorRole, type Permission } from '../../src/admin/roles.ts';
import { anOperator } from '../support/operators.ts';
import { type Person, signInThroughForms } from '../support/people.ts';
import { asksForRecentProof, permissionIn, ROUTE_LINES, type RouteLine } from '../support/route-lines.ts';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../support/two-organizations.ts';
import { Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
const operators = {} as Record<OperatorRole, Person>;
const browsers = {} as Record<OperatorRole, Visitor>;
/** An administrator who has proven the password alone. */
let half: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  for (const role of OPERATOR_ROLES) {
    operators[role] = await anOperator(server.platform, role);
    browsers[role] = await signedIn(operators[role]);
  }
  half = new Visitor(server.url);
  const { email, password } = operators.administrator;
  await half.submit(await half.open('/sign-in'), 'Sign in', { Email: email, Password: password });
}, 90_000);
afterAll(() => server.stop());

async function signedIn(person: Person): Promise<Visitor> {
  const visitor = new Visitor(server.url);
  await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
  return visitor;
}

/** Every route line of the console. */
const ROUTES = ROUTE_LINES.filter(({ file }) => file.startsWith('admin/'));

const permissionOf = (route: RouteLine) => permissionIn(route) as Permission | undefined;

const named = ROUTES.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

/** What a route names is an id nobody has, unless it is of an app or account that there is. */
function addressOf({ path }: RouteLine): string {
  return path
    .replace(':client', acme.clientId)
    .replace(':account', acme.people.owner.id)
    .replace(':organization', acme.organizationId)
    .replaceAll(/:\w+/g, '01a21f8d-0000-7000-8000-000000000000');
}

async function ask(browser: Visitor, route: RouteLine) {
  const address = addressOf(route);
  if (route.method === 'get') return browser.open(address, { follow: false });
  const fields = {
    form_token: formTokenFor(server.platform, browser, address),
    ...{ name: 'x', reason: 'Because of this test of ours.', sure: 'yes', role: 'administrator' },
  };
  return browser.post(address, fields, { follow: false });
}

describe('a route of the console', () => {
  it('says what its visitor has to be allowed', () => {
    expect(ROUTES.length).toBeGreaterThan(30);
    expect(ROUTES.filter((route) => !permissionOf(route)).map(({ path }) => path)).toEqual([]);
    expect(ROUTES.filter(({ path }) => !/^\/admin(\/|$)/.test(path))).toEqual([]);
  });

  it.each(named)('%s sends whoever is signed out, or half, to sign in', async (_name, route) => {
    const stranger = new Visitor(server.url);
    await stranger.open('/sign-in');
    for (const browser of [stranger, half]) {
      const answer = await ask(browser, route);
      expect(answer.status).toBe(303);
      expect(answer.location).toContain('/sign-in');
    }
  });

  it.each(named)('%s does not exist for people who run nothing', async (_name, route) => {
    for (const role of ['owner', 'security'] as const) {
      const answer = await ask(acme.browsers[role], route);
      const nothing = await acme.browsers[role].open('/admin-that-never-was', { follow: false });
      expect([answer.status, answer.title]).toEqual([404, nothing.title]);
    }
  });

  it.each(named)('%s refuses roles that may not', async (_name, route) => {
    for (const role of OPERATOR_ROLES.filter((one) => !mayOperate(one, permissionOf(route) ?? 'home'))) {
      expect((await ask(browsers[role], route)).status, role).toBe(403);
    }
  });

  it.each(named.filter(([, { method }]) => method === 'post'))(
    '%s changes nothing for another site',
    async (_name, route) => {
      const address = addressOf(route);
      const role = OPERATOR_ROLES.find((one) => mayOperate(one, permissionOf(route) ?? 'home')) ?? 'support';
      const fields = { form_token: formTokenFor(server.platform, browsers[role], address) };
      const answer = await browsers[role].post(address, fields, {
        referrer: 'https://evil.example',
        follow: false,
      });
      expect(answer.status).toBe(403);
    },
  );

  it.each(named.filter(([, { method }]) => method === 'get'))(
    '%s answers roles that may',
    async (_name, route) => {
      for (const role of OPERATOR_ROLES.filter((one) => mayOperate(one, permissionOf(route) ?? 'home'))) {
        const { status, html } = await ask(browsers[role], route);
        expect([200, 303, 404], role).toContain(status);
        expect(html.length).toBeLessThan(30_000);
      }
    },
  );
});

describe('the session of an operator', () => {
  const update = (person: Person, data: object) =>
    server.platform.db.browserSession.updateMany({ where: { accountId: person.id }, data });

  it('is worth nothing without a second factor, whatever a trusted browser spared', async () => {
    const person = await anOperator(server.platform, 'administrator');
    const visitor = await signedIn(person);
    await update(person, { acr: 'aal1', amr: ['pwd'] });
    for (const [name, route] of named) {
      const answer = await ask(visitor, route);
      expect([answer.status, answer.location?.includes('/sign-in')], name).toEqual([303, true]);
    }
  });

  it('reads for a working day, and changes something for ten minutes', async () => {
    const person = await anOperator(server.platform, 'administrator');
    const visitor = await signedIn(person);
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await update(person, { authenticatedAt: ago(11) });
    expect((await visitor.open('/admin', { follow: false })).status).toBe(200);
    for (const [name, route] of named.filter(([, line]) => asksForRecentProof(line))) {
      const answer = await ask(visitor, route);
      expect([answer.status, answer.location?.includes('/sign-in')], name).toEqual([303, true]);
    }
    await update(person, { authenticatedAt: ago(13 * 60) });
    expect((await visitor.open('/admin', { follow: false })).status).toBe(303);
  });

  it('ends with the role, at the next request', async () => {
    const person = await anOperator(server.platform, 'administrator');
    const visitor = await signedIn(person);
    expect((await visitor.open('/admin')).status).toBe(200);
    await server.platform.db.operator.delete({ where: { accountId: person.id } });
    expect((await visitor.open('/admin')).status).toBe(404);
  });

  it('only reads while a factor that was replaced is young', async () => {
    const person = await anOperator(server.platform, 'administrator');
    const visitor = await signedIn(person);
    const frozenUntil = new Date(Date.now() + 86_400_000);
    await server.platform.db.account.update({ where: { id: person.id }, data: { frozenUntil } });
    expect((await visitor.open('/admin/operators')).status).toBe(200);
    for (const [name, route] of named.filter(([, { method }]) => method === 'post'))
      expect((await ask(visitor, route)).status, name).toBe(403);
  });
});
