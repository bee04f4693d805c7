import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { raiseAlert } from '../../src/defense/alerts.ts';
import { makeAppeal } from '../../src/defense/suspensions/appeals.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { registerApi } from '../../src/developers/apis/api.ts';
import { APPS_APPROVAL } from '../../src/developers/clients/reviews.ts';
import { askVerification } from '../../src/developers/clients/verification.ts';
import { approveHost } from '../../src/developers/organizations/host-proofs.ts';
import { atConsole } from '../support/console.ts';
import { ok, operator } from '../support/developers.ts';
import type { Form } from '../support/html.ts';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, type Peopled } from '../support/two-organizations.ts';
import type { Page, Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
let boss: Visitor;
let pages: Page[];
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
  boss = (await atConsole(server, 'administrator')).browser;
  await withThingsToDecide();
  pages = await everyPage();
}, 90_000);
afterAll(() => server.stop());

/** Something in every room, so that every form is there. */
async function withThingsToDecide(): Promise<void> {
  const { platform } = server;
  const { organizationId, clientId, apiId } = acme;
  const owner = { kind: 'account', id: acme.people.owner.id } as const;
  await changeSetting(platform, operator, { setting: APPS_APPROVAL, value: 'operator' });
  ok(await approveHost(platform, operator, { organizationId, host: 'acme.example' }));
  ok(await askVerification(platform, owner, { organizationId, clientId, host: 'acme.example' }));
  ok(
    await registerApi(platform, owner, {
      organizationId,
      identifier: 'https://waits.example',
      name: 'Waits',
    }),
  );
  const wish = { kind: 'access', ids: { clientId, apiId } } as const;
  const { suspension } = ok(await startSuspension(platform, operator, { ...wish, note: 'Misuse.' }));
  const text = 'We fixed what was wrong, see the release of today.';
  const appeal = { suspensionId: suspension.id, accountId: owner.id, text };
  ok(await makeAppeal(platform, owner, appeal));
  await raiseAlert(platform, {
    kind: 'client-burst',
    about: clientId,
    severity: 'notice',
    evidence: { calls: 9 },
  });
}

const TYPED = [
  '',
  '-1',
  '__proto__',
  '{"contains":""}',
  "' OR '1'='1",
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '\r\nBcc: eve@evil.example',
  '\u202e\u2066\u0000',
  'x'.repeat(10_000),
  '999999999999999999999999',
];

/** What no form has: a way to more than was asked for, if a rule took whatever it was sent. */
function smuggled(): Record<string, string> {
  return {
    ...{ organizationId: rival.organizationId, clientId: rival.clientId, apiId: rival.apiId },
    ...{ id: rival.clientId, accountId: rival.people.owner.id, actor: 'cli:root', askedBy: 'cli:root' },
    ...{ confirmed: 'true', confirmedBy: 'cli:root', dueAt: '2020-01-01', approve: 'true', grant: 'true' },
    ...{
      verifiedHost: 'bank.example',
      firstParty: 'true',
      outcome: 'done',
      dryRun: 'true',
      operator: 'true',
    },
  };
}

const LONGEST_WALK = 120;

/** Every page that an administrator finds by following links from the console's home. */
async function everyPage(): Promise<Page[]> {
  const found = new Map<string, Page>();
  const waiting = [
    '/admin',
    '/admin/organizations',
    '/admin/reviews',
    '/admin/suspensions',
    '/admin/appeals',
  ];
  while (waiting.length > 0 && found.size < LONGEST_WALK) {
    const address = String(waiting.shift());
    if (found.has(address)) continue;
    const page = await boss.open(address);
    expect(page.status, address).toBeLessThan(500);
    found.set(address, page);
    const links = [...page.links.values()].map((href) => new URL(href, page.url));
    const ours = links.filter(
      ({ origin, pathname }) => origin === server.url && pathname.startsWith('/admin'),
    );
    waiting.push(...ours.map(({ pathname, search }) => pathname + search));
  }
  return [...found.values()];
}

function formsToPost(): Form[] {
  const seen = new Map<string, Form>();
  for (const { forms } of pages) {
    for (const form of forms) {
      if (form.method === 'post' && form.action.startsWith('/admin/')) seen.set(form.action, form);
    }
  }
  return [...seen.values()];
}

async function send(form: Form, changes: Readonly<Record<string, string>>, repeated = false): Promise<Page> {
  const fields = new URLSearchParams([...form.fields]);
  for (const [name, value] of Object.entries(changes)) fields.set(name, value);
  if (repeated) for (const name of namesIn(form)) fields.append(name, 'again');
  return boss.post(form.action, fields, { follow: false });
}

/** What somebody fills in or presses; the form's own token stays. */
function namesIn({ fields, labels, buttons }: Form): string[] {
  const pressed = buttons.flatMap(({ name }) => (name ? [name] : []));
  return [...fields.keys(), ...labels.values(), ...pressed].filter((name) => name !== 'form_token');
}

/** Answers that explain themselves, without a trace of how the server works. */
function expectCalm(page: Page, what: string): void {
  expect(page.status, what).toBeLessThan(500);
  expect(page.html, what).not.toMatch(/node_modules|prisma|at Object\.|SELECT /);
  // Events are also given out as lines of JSON, which are no page.
  const isPage = page.headers.get('Content-Type')?.startsWith('text/html');
  if (isPage) expect(page.html, what).not.toContain('onerror=alert(1)>');
}

/** Everything that must be as it was, whoever typed what. */
async function whatStands() {
  const { db } = server.platform;
  return {
    operators: await db.operator.findMany({ orderBy: { accountId: 'asc' } }),
    marked: await db.account.count({ where: { operator: true } }),
    raised: await db.client.count({ where: { OR: [{ firstParty: true }, { verifiedAt: { not: null } }] } }),
    theirs: await db.client.findMany({ where: { organizationId: rival.organizationId } }),
    suspended: await db.suspension.count({
      where: {
        OR: [
          { clientId: rival.clientId },
          { organizationId: rival.organizationId },
          { accountId: rival.people.owner.id },
        ],
      },
    }),
    done: await db.twoPersonAct.count({ where: { outcome: 'done' } }),
  };
}

describe('whatever is sent to a form of the console', () => {
  it('comes from a page that was found', () => {
    expect(pages.length).toBeGreaterThan(25);
    expect(formsToPost().map(({ action }) => action.split('/')[2])).toEqual(
      expect.arrayContaining(['reviews', 'suspensions', 'appeals']),
    );
  });

  it('is nothing that somebody else could send: to them there is no console', {
    timeout: 120_000,
  }, async () => {
    for (const form of formsToPost()) {
      const fields = new URLSearchParams([...form.fields]);
      const answer = await acme.browsers.owner.post(form.action, fields, { follow: false });
      expect(answer.status, form.action).toBe(404);
    }
    for (const { url } of pages) expect((await acme.browsers.owner.open(url)).status, url).toBe(404);
  });

  it('gets a calm answer, field by field and all at once', { timeout: 240_000 }, async () => {
    const before = await whatStands();
    for (const form of formsToPost()) {
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
    for (const form of formsToPost()) expectCalm(await send(form, smuggled()), form.action);
    expect(await whatStands()).toEqual(before);
  });

  it('in an address is harmless too', { timeout: 240_000 }, async () => {
    const names = [
      'q',
      'after',
      'before',
      'kind',
      'view',
      'done',
      'member',
      'app',
      'client',
      'api',
      'account',
    ];
    for (const url of new Set(pages.map((page) => page.url.split('?')[0] ?? ''))) {
      for (const typed of TYPED) {
        const address = new URL(url);
        for (const name of names) address.searchParams.set(name, typed.slice(0, 700));
        expectCalm(await boss.open(address.href, { follow: false }), address.href.slice(0, 200));
      }
    }
  });
});
