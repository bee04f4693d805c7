import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayDo, type Permission, ROLES } from '../../src/developers/organizations/roles.ts';
import { developerRoutes } from '../../src/developers/routes.ts';
import { portalPageRoutes } from '../../src/oidc/routes.ts';
import { permissionIn, ROUTE_LINES, type RouteLine } from '../support/route-lines.ts';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../support/two-organizations.ts';
import { Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
}, 60_000);
afterAll(() => server.stop());

/** Every route line of an organization. */
const ROUTES = ROUTE_LINES.filter(({ path }) => path.startsWith('/developers/organizations/:organization'));

const permissionOf = (route: RouteLine) => permissionIn(route) as Permission | undefined;

const named = ROUTES.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

/** The address of a route; what else it names is an id nobody has. */
function addressOf(
  { path }: RouteLine,
  { organizationId, clientId, apiId }: Omit<Peopled, 'people' | 'browsers'>,
) {
  return path
    .replace(':organization', organizationId)
    .replace(':client', clientId)
    .replace(':api', apiId)
    .replaceAll(/:\w+/g, '01a21f8d-0000-7000-8000-000000000000')
    .replaceAll(/\{[^}]*\}/g, '');
}

async function ask(browser: Visitor, { method }: RouteLine, address: string) {
  if (method === 'get') return browser.open(address, { follow: false });
  const fields = {
    form_token: formTokenFor(server.platform, browser, address),
    name: 'Taken over',
    role: 'owner',
  };
  return browser.post(address, fields, { follow: false });
}

/** Nothing was shown and nothing was done: no page of the portal, and no redirect but to sign in. */
const refusedWith = (status: number) =>
  expect.toSatisfy((answer: { status: number }) => answer.status === status);

describe('a route of an organization', () => {
  it('says what its visitor has to be allowed', () => {
    expect(ROUTES.length).toBeGreaterThan(40);
    expect(ROUTES.filter((route) => !permissionOf(route)).map(({ path }) => path)).toEqual([]);
  });

  it('is read from the source as the server has it', () => {
    const routers = [developerRoutes(server.platform), portalPageRoutes(server.platform)];
    const served = routers
      .flatMap(({ stack }) => stack)
      .filter(({ methods, path }) => methods.length > 0 && String(path).includes(':organization'))
      .map(({ methods, path }) => `${methods.at(-1)} ${path}`);
    expect(named.map(([name]) => name).sort()).toEqual(served.sort());
  });

  it.each(named.filter(([, { method }]) => method === 'post'))(
    '%s changes nothing for another site',
    async (_name, route) => {
      const address = addressOf(route, acme);
      const fields = { form_token: formTokenFor(server.platform, acme.browsers.owner, address) };
      const answer = await acme.browsers.owner.post(address, fields, {
        referrer: 'https://evil.example',
        follow: false,
      });
      expect(answer).toEqual(refusedWith(403));
    },
  );

  it.each(named)('%s sends whoever is signed out to sign in', async (_name, route) => {
    const stranger = new Visitor(server.url);
    await stranger.open('/sign-in');
    const answer = await ask(stranger, route, addressOf(route, acme));
    expect(answer.status).toBe(303);
    expect(answer.location).toContain('/sign-in');
  });

  it.each(named)('%s does not exist for people of another organization', async (_name, route) => {
    for (const role of ROLES) {
      const answer = await ask(rival.browsers[role], route, addressOf(route, acme));
      expect(answer, role).toEqual(refusedWith(404));
    }
  });

  it.each(named)('%s refuses roles that may not', async (_name, route) => {
    for (const role of ROLES.filter((one) => !mayDo(one, permissionOf(route) ?? 'read'))) {
      const answer = await ask(acme.browsers[role], route, addressOf(route, acme));
      expect(answer, role).toEqual(refusedWith(403));
    }
  });

  it.each(named.filter(([, { path }]) => /:client|:api/.test(path)))(
    '%s knows no app and no API of another organization',
    async (_name, route) => {
      const { organizationId } = acme;
      const answer = await ask(acme.browsers.owner, route, addressOf(route, { ...rival, organizationId }));
      expect(answer).toEqual(refusedWith(404));
    },
  );

  // A live tail never ends by itself; its own test reads one.
  it.each(named.filter(([, { method, path }]) => method === 'get' && !path.endsWith('/tail')))(
    '%s answers roles that may',
    async (_name, route) => {
      for (const role of ROLES.filter((one) => mayDo(one, permissionOf(route) ?? 'read'))) {
        const { status } = await ask(acme.browsers[role], route, addressOf(route, acme));
        // An id that nobody has is not there for them either.
        expect([200, 303, 404], role).toContain(status);
      }
    },
  );
});
