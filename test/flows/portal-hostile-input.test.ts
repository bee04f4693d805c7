import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, type Peopled } from '../support/two-organizations.ts';
import type { Form } from '../support/html.ts';
import type { Page } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
let pages: Page[];
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
  pages = await everyPage();
}, 60_000);
afterAll(() => server.stop());

const TYPED = [
  '',
  '-1',
  'null',
  '__proto__',
  '{"contains":""}',
  "' OR '1'='1",
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '\r\nBcc: eve@evil.example',
  '\u202e\u2066\u0000',
  '🦊'.repeat(300),
  'x'.repeat(10_000),
  '999999999999999999999999',
  '0001-01-01',
];

/** What no form has: a way to become more than one is, if a rule took whatever it was sent. */
function smuggled(): Record<string, string> {
  return {
    organizationId: rival.organizationId,
    organization_id: rival.organizationId,
    clientId: rival.clientId,
    apiId: rival.apiId,
    id: rival.clientId,
    stage: 'live',
    firstParty: 'true',
    first_party: 'true',
    verifiedAt: '2026-01-01T00:00:00.000Z',
    verifiedHost: 'bank.example',
    approved: 'true',
    suspendedAt: '',
    sponsored: 'true',
    accountId: rival.people.owner.id,
    operator: 'true',
    origin: 'operator',
    usesLeft: '1000000',
  };
}

const LONGEST_WALK = 150;

/** Every page that an owner finds by following links from the overview. */
async function everyPage(): Promise<Page[]> {
  const home = `/developers/organizations/${acme.organizationId}`;
  const found = new Map<string, Page>();
  const waiting = [home, `${home}/apps/${acme.clientId}`, `${home}/apis/${acme.apiId}`];
  while (waiting.length > 0 && found.size < LONGEST_WALK) {
    const address = String(waiting.shift());
    if (found.has(address)) continue;
    const page = await acme.browsers.owner.open(address);
    expect(page.status, address).toBeLessThan(500);
    found.set(address, page);
    const links = [...page.links.values()].map((href) => new URL(href, page.url));
    const ours = links.filter(({ origin, pathname }) => origin === server.url && pathname.startsWith(home));
    waiting.push(...ours.map(({ pathname, search }) => pathname + search));
  }
  return [...found.values()];
}

function formsToPost(): { page: Page; form: Form }[] {
  const seen = new Set<string>();
  return pages.flatMap((page) =>
    page.forms
      .filter(
        ({ method, action }) => method === 'post' && action.startsWith('/developers/') && !seen.has(action),
      )
      .map((form) => {
        seen.add(form.action);
        return { page, form };
      }),
  );
}

async function send(form: Form, changes: Readonly<Record<string, string>>, repeated = false): Promise<Page> {
  const fields = new URLSearchParams([...form.fields]);
  for (const [name, value] of Object.entries(changes)) fields.set(name, value);
  if (repeated) for (const name of namesIn(form)) fields.append(name, 'again');
  return acme.browsers.owner.post(form.action, fields, { follow: false });
}

/** What a person fills in; the form's own token stays. */
function namesIn(form: Form): string[] {
  return [...form.fields.keys(), ...form.labels.values()].filter((name) => name !== 'form_token');
}

/** Answers that explain themselves, without a trace of how the server works. */
function expectCalm(page: Page, what: string): void {
  expect(page.status, what).toBeLessThan(500);
  expect(page.html, what).not.toMatch(/node_modules|prisma|at Object\.|SELECT |onerror=alert\(1\)>/);
}

/** Everything that must be as it was, whoever typed what. */
async function whatStands() {
  const { db } = server.platform;
  const theirs = { where: { organizationId: rival.organizationId } };
  return {
    members: await db.organizationMember.findMany({ orderBy: { accountId: 'asc' } }),
    theirs: await db.organization.findUnique({ where: { id: rival.organizationId } }),
    theirClients: await db.client.findMany(theirs),
    theirApis: await db.api.findMany({ ...theirs, include: { scopes: true } }),
    theirSecrets: await db.clientSecret.findMany({ where: { holderId: rival.clientId } }),
    raised: await db.client.count({
      where: { OR: [{ firstParty: true }, { verifiedAt: { not: null } }, { sponsored: true }] },
    }),
    operators: await db.account.count({ where: { operator: true } }),
    accesses: await db.access.count({ where: { origin: 'operator' } }),
  };
}

describe('whatever is sent to a form of the portal', () => {
  it('comes from a page that was found', () => {
    expect(pages.length).toBeGreaterThan(30);
    expect(formsToPost().length).toBeGreaterThan(20);
  });

  it('gets a calm answer, field by field and all at once', { timeout: 240_000 }, async () => {
    const before = await whatStands();
    for (const { form } of formsToPost()) {
      for (const typed of TYPED) {
        const everywhere = Object.fromEntries(namesIn(form).map((name) => [name, typed]));
        expectCalm(await send(form, everywhere), `${form.action}: ${typed.slice(0, 40)}`);
      }
      expectCalm(await send(form, {}, true), `${form.action}: every field twice`);
      const nested = Object.fromEntries(namesIn(form).map((name) => [`${name}[contains]`, '']));
      expectCalm(await send(form, nested), `${form.action}: objects for strings`);
    }
    expect(await whatStands()).toEqual(before);
  });

  it('changes nothing by fields that no form has', { timeout: 120_000 }, async () => {
    const before = await whatStands();
    for (const { form } of formsToPost()) expectCalm(await send(form, smuggled()), form.action);
    expect(await whatStands()).toEqual(before);
  });

  it('in an address is harmless too', { timeout: 240_000 }, async () => {
    for (const { url } of pages) {
      for (const typed of TYPED) {
        const address = new URL(url);
        for (const name of ['after', 'since', 'until', 'error', 'endpoint', 'result', 'language', 'page']) {
          address.searchParams.set(name, typed);
        }
        if (address.href.length < 8_000) {
          expectCalm(
            await acme.browsers.owner.open(address.href, { follow: false }),
            address.href.slice(0, 200),
          );
        }
      }
    }
  });
});

describe('whatever is sent to an endpoint that needs no account', () => {
  const SHAPES: unknown[] = [
    null,
    true,
    0,
    -1,
    1e300,
    'x',
    '',
    [],
    {},
    ['x'],
    { toString: 1 },
    { $ne: null },
    'x'.repeat(20_000),
  ];
  const BODIES = [
    ['/access-codes/redemptions', ['code', 'client']],
    ['/leak-reports', ['token', 'secret', 'value']],
  ] as const;

  it.each(BODIES)('%s gets a calm answer', { timeout: 120_000 }, async (path, names) => {
    const before = await whatStands();
    const client = { client_name: 'App', redirect_uris: ['https://a.example/cb'], jwks: { keys: [] } };
    const bodies = SHAPES.flatMap((shape) => [
      JSON.stringify(shape),
      ...names.map((name) => JSON.stringify({ [name]: shape })),
      JSON.stringify({
        ...Object.fromEntries(names.map((name) => [name, 'x'])),
        ...smuggled(),
        client: shape,
      }),
      ...Object.keys(client).map((name) =>
        JSON.stringify({ code: 'x', client: { ...client, [name]: shape } }),
      ),
    ]);
    const broken = ['', '{', '\u0000', '{"__proto__":{"a":1}}', '['.repeat(50_000), 'token=x&token=y'];
    for (const body of [...bodies, ...broken]) {
      for (const type of [
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'multipart/form-data',
      ]) {
        const answer = await fetch(server.url + path, {
          method: 'POST',
          body,
          headers: { 'Content-Type': type },
        });
        const text = await answer.text();
        expect(answer.status, `${type}: ${body.slice(0, 80)}`).toBeLessThan(500);
        expect(text).not.toMatch(/node_modules|prisma|at Object\.|SELECT /);
      }
    }
    expect(await whatStands()).toEqual(before);
  });
});
