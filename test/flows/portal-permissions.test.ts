import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayDo, type Permission, ROLES } from '../../src/developers/organizations/roles.ts';
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

interface PortalRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly permission: Permission | undefined;
}

/** Every route line of an organization, as it is written. */
const src = new URL('../../src/', import.meta.url);
const ROUTES: PortalRoute[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('routes.ts'))
  .map((file) => readFileSync(new URL(file, src), 'utf8'))
  .flatMap((text) => [...text.matchAll(/\b\w+\.(get|post)\(\s*[`'](\/[^`']*)[`']([\s\S]*?)\);\n/g)])
  .filter(([, , path]) => path?.includes(':organization') && !path.startsWith('/admin/'))
  .map(([, method, path, rest]) => ({
    method: method as 'get' | 'post',
    path: String(path),
    permission: /requireMember\(platform, '(\w+)'\)/.exec(String(rest))?.[1] as Permission | undefined,
  }));

const named = ROUTES.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

/** The address of a route; what else it names is an id nobody has. */
function addressOf(
  { path }: PortalRoute,
  { organizationId, clientId, apiId }: Omit<Peopled, 'people' | 'browsers'>,
) {
  return path
    .replace(':organization', organizationId)
    .replace(':client', clientId)
    .replace(':api', apiId)
    .replaceAll(/:\w+/g, '01a21f8d-0000-7000-8000-000000000000')
    .replaceAll(/\{[^}]*\}/g, '');
}

async function ask(browser: Visitor, { method }: PortalRoute, address: string) {
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
    expect(ROUTES.filter(({ permission }) => permission === undefined).map(({ path }) => path)).toEqual([]);
  });

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
    for (const role of ROLES.filter((one) => !mayDo(one, route.permission ?? 'read'))) {
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
      for (const role of ROLES.filter((one) => mayDo(one, route.permission ?? 'read'))) {
        const { status } = await ask(acme.browsers[role], route, addressOf(route, acme));
        // An id that nobody has is not there for them either.
        expect([200, 303, 404], role).toContain(status);
      }
    },
  );
});
