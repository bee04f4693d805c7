import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmAct } from '../../src/admin/two-person-acts.ts';
import { listWaitingActs } from '../../src/admin/waiting-acts.ts';
import { makeAppeal } from '../../src/defense/suspensions/appeals.ts';
import { startByHand } from '../../src/admin/suspensions/start-by-hand.ts';
import { endSuspension } from '../../src/defense/suspensions/end.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { findSuspension } from '../../src/defense/suspensions/suspension.ts';
import { newId } from '../../src/platform/ids.ts';
import { atConsole } from '../support/console.ts';
import { aClient, anApi, anOrganization, ok } from '../support/developers.ts';
import { asOperator } from '../support/operators.ts';
import type { Person } from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import type { Page, Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: string;
let guard: Visitor;
let colleague: Visitor;
let auditor: Visitor;
let first: Person;
let second: Person;
beforeAll(async () => {
  server = await startTestServer();
  acme = await anOrganization(server.platform, 'Acme');
  ({ browser: guard, person: first } = await atConsole(server, 'security'));
  ({ browser: colleague, person: second } = await atConsole(server, 'security'));
  auditor = (await atConsole(server, 'auditor')).browser;
}, 60_000);
afterAll(() => server.stop());

const BY_RULE = { kind: 'job', id: 'run-rules' } as const;

async function anApp(name = 'Paper Planner') {
  return (await aClient(server.platform, acme, { name })).client.id;
}

/** What a rule began about an app at an API. */
async function byRule(clientId: string, apiId: string) {
  const wish = {
    kind: 'access',
    ids: { clientId, apiId },
    rule: 'rate-ignored',
    evidence: { calls: 4711 },
  } as const;
  return ok(await startSuspension(server.platform, BY_RULE, wish)).suspension;
}

const openForm = (kind: string, fields: Record<string, string>) =>
  guard.open(`/admin/suspensions/new?${new URLSearchParams({ kind, ...fields })}`);

async function suspended(clientId: string, lasting = 'open'): Promise<string> {
  const page = await guard.submit(await openForm('client', { client: clientId }), 'Suspend the app', {
    ...{ note: 'It sends unwanted mail.', lasting },
  });
  return String(/\/admin\/suspensions\/([0-9a-f-]{36})/.exec(page.url)?.[1]);
}

const inForce = async (id: string) => (await findSuspension(server.platform, id))?.endedAt === null;
const buttonsOf = ({ forms }: Page) => forms.flatMap(({ buttons }) => buttons.map(({ text }) => text));

describe('a suspension by hand', () => {
  it('spares operators, whom only administrators suspend, and whoever starts it', async () => {
    const { person: head } = await atConsole(server, 'administrator');
    for (const { id } of [head, first, second]) {
      const wish = { kind: 'account', account: id, note: 'A reason.', lasting: 'open' } as const;
      const outcome = await startByHand(server.platform, asOperator(first), wish);
      expect(outcome).toMatchObject({ ok: false, reason: 'account' });
    }
    const wish = { kind: 'account', account: second.id, note: 'A reason.', lasting: 'hour' } as const;
    const { suspension } = ok(await startByHand(server.platform, asOperator(head), wish));
    ok(await endSuspension(server.platform, asOperator(head), { id: suspension.id }));
  });

  it('says what it stops before the click, and stops it then', async () => {
    const client = await anApp('Mail Machine');
    const page = await guard.open('/admin/suspensions/new');
    expect(page.links.get('An app')).toBe('/admin/suspensions/new?kind=client');
    const confirm = await openForm('client', { client });
    expect(confirm.text).toContain('Mail Machine');
    expect(confirm.text).toContain('nobody can sign in to it');
    expect(confirm.text).toContain('1 live app');
    expect((await guard.submit(confirm, 'Suspend the app')).status).toBe(422);
    const id = await suspended(client);
    expect(await inForce(id)).toBe(true);
    const shown = await auditor.open(`/admin/suspensions/${id}`);
    expect(shown.text).toContain('It sends unwanted mail.');
    expect(shown.text).toContain('security person');
    expect(buttonsOf(shown)).not.toContain('Ask a second person');
    expect((await auditor.open(`/admin/clients/${client}`)).text).toContain('It sends unwanted mail.');
    expect((await auditor.open('/admin/suspensions')).text).toContain('Mail Machine');
  });

  it('keeps the address of a person out of the address bar', async () => {
    const rival = await anOrganization(server.platform, 'Another');
    const member = await server.platform.db.organizationMember.findFirstOrThrow({
      where: { organizationId: rival },
    });
    const { email } = await server.platform.db.account.findUniqueOrThrow({ where: { id: member.accountId } });
    const form = await guard.open('/admin/suspensions/new?kind=account');
    expect((await guard.submit(form, 'Continue')).status).toBe(422);
    const confirm = await guard.submit(form, 'Continue', { account: email });
    expect(confirm.url).toContain(`account=${member.accountId}`);
    expect(confirm.text).toContain('Olive Owner');
    expect(buttonsOf(confirm)).toContain('Suspend the account');
  });

  it('needs somebody who is there', async () => {
    const { api } = await anApi(server.platform, acme);
    const wrong: [string, Record<string, string>][] = [
      ['client', { client: 'app_22222222222222222222' }],
      ['access', { client: await anApp(), api: 'https://nobody.example' }],
      ['access', { client: '', api: api.id }],
      ['api', { api: newId() }],
      ['organization', { organization: newId() }],
      ['organization', { organization: 'x' }],
      ['account', { account: 'nobody@example.com' }],
      ['network', { network: '0.0.0.0/0' }],
      ['network', { network: 'everybody' }],
    ];
    for (const [kind, fields] of wrong) {
      const page = await openForm(kind, fields);
      expect(page.status, JSON.stringify(fields)).toBe(422);
      expect(buttonsOf(page)).toContain('Continue');
    }
    expect((await openForm('access', { client: await anApp(), api: api.identifier })).text).toContain(
      'Notes',
    );
  });

  it('of an organization, an API, an account or a network holds for what was named', async () => {
    const { api } = await anApi(server.platform, acme, { name: 'Weather' });
    const rival = await anOrganization(server.platform, 'Rival');
    const victim = await server.platform.db.organizationMember.findFirstOrThrow({
      where: { organizationId: rival },
    });
    const all: [string, Record<string, string>, string][] = [
      ['organization', { organization: rival }, 'Suspend the organization'],
      ['api', { api: api.identifier }, 'Suspend the API'],
      ['account', { account: victim.accountId }, 'Suspend the account'],
      ['network', { network: '192.0.2.0/24' }, 'Block the network'],
    ];
    for (const [kind, fields, button] of all) {
      const form = await openForm(kind, fields);
      const page = await guard.submit(form, button, { note: 'Misuse of everything.', lasting: 'hour' });
      expect(page.text, kind).toContain('Suspended.');
    }
    expect((await auditor.open(`/admin/organizations/${rival}`)).text).toContain('Misuse of everything.');
    const other = await auditor.open(`/admin/organizations/${acme}`);
    expect(other.text).not.toContain('Misuse of everything.');
  });

  it('of a network does not lock out whoever asks for it', async () => {
    const wish = { note: 'Misuse of everything.', lasting: 'hour' };
    const answers: Page[] = [];
    // Whichever of the two "localhost" means here.
    for (const network of ['127.0.0.0/8', '::1/128']) {
      const form = await openForm('network', { network });
      answers.push(await guard.submit(form, 'Block the network', wish));
      await server.platform.db.suspension.deleteMany({ where: { network } });
    }
    expect(answers.filter(({ text }) => text.includes('lock yourself out'))).toHaveLength(1);
  });

  it('is nothing for those who only read', async () => {
    expect((await auditor.open('/admin/suspensions/new')).status).toBe(403);
    const reviewer = (await atConsole(server, 'reviewer')).browser;
    expect((await reviewer.open('/admin/suspensions')).status).toBe(403);
  });
});

describe('the end of a suspension', () => {
  it('that lifts by itself needs one operator; of two at once one is told that it is over', async () => {
    const id = await suspended(await anApp(), 'day');
    const path = `/admin/suspensions/${id}`;
    const [one, other] = [await guard.open(path), await colleague.open(path)];
    const pages = await Promise.all([
      guard.submit(one, 'End this suspension'),
      colleague.submit(other, 'End this suspension'),
    ]);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect(await inForce(id)).toBe(false);
    const ends = await server.platform.db.auditEvent.count({
      where: { action: 'suspension.ended', targetId: id },
    });
    expect(ends).toBe(1);
  });

  it('that waits for people needs two', async () => {
    const id = await suspended(await anApp());
    const page = await guard.open(`/admin/suspensions/${id}`);
    expect((await guard.submit(page, 'Ask a second person')).status).toBe(422);
    const asked = await guard.submit(page, 'Ask a second person', { reason: 'They put it right.' });
    expect(asked.text).toContain('Asked.');
    expect(await inForce(id)).toBe(true);
    const waiting = (await listWaitingActs(server.platform)).find(({ act }) => act === 'end-suspension');
    const act = { id: String(waiting?.id) };
    expect(await confirmAct(server.platform, asOperator(first), act)).toMatchObject({ reason: 'own' });
    ok(await confirmAct(server.platform, asOperator(second), act));
    expect(await inForce(id)).toBe(false);
  });

  it('is meant by the form as by the address', async () => {
    const [one, other] = [await suspended(await anApp(), 'day'), await suspended(await anApp(), 'day')];
    const page = await guard.open(`/admin/suspensions/${one}`);
    expect((await guard.submit(page, 'End this suspension', { suspension: other })).status).toBe(400);
    expect([await inForce(one), await inForce(other)]).toEqual([true, true]);
  });
});

describe('a suspension by a rule', () => {
  it('shows its cause, evidence and rung, and can be made a wider one', async () => {
    const client = await anApp('Busy Bee');
    const { api } = await anApi(server.platform, acme, { name: 'Flowers' });
    const { id } = await byRule(client, api.id);
    const page = await guard.open(`/admin/suspensions/${id}`);
    for (const fact of ['Busy Bee', 'Flowers', 'kept calling this API', '4711', 'Waits for a human']) {
      expect(page.text).toContain(fact);
    }
    const wider = await guard.open(String(page.links.get('The whole app, at every API')));
    expect(buttonsOf(wider)).toContain('Suspend the app');
    expect((await auditor.open('/admin/suspensions?kind=network')).text).not.toContain('Busy Bee');
    expect((await auditor.open('/admin/suspensions?view=ended')).text).not.toContain('Busy Bee');
  });
});

describe('an appeal', () => {
  const TEXT = 'We fixed the loop.\n<script>alert(1)</script> \u202eand sorry';

  async function anAppeal(lasting: string): Promise<{ suspension: string; path: string }> {
    const suspension = await suspended(await anApp(), lasting);
    const member = await server.platform.db.organizationMember.findFirstOrThrow({
      where: { organizationId: acme },
    });
    const actor = { kind: 'account', id: member.accountId } as const;
    const wish = { suspensionId: suspension, accountId: member.accountId, text: TEXT };
    const { appeal } = ok(await makeAppeal(server.platform, actor, wish));
    return { suspension, path: `/admin/appeals/${appeal.id}` };
  }

  it('is shown as the characters that were written, with what it is about', async () => {
    const { path } = await anAppeal('day');
    const list = await auditor.open('/admin/appeals');
    expect(list.links.get('Paper Planner')).toMatch(/^\/admin\/appeals\//);
    const page = await auditor.open(path);
    expect(page.text).toContain('<script>alert(1)</script>');
    expect(page.html).not.toContain('<script>alert');
    expect(page.html).not.toContain('\u202e');
    expect(page.text).toContain('It sends unwanted mail.');
    expect(page.text).toContain('Security and administrators decide.');
  });

  it('that is granted ends the suspension; decided at once by two, one is told', async () => {
    const { suspension, path } = await anAppeal('day');
    const [one, other] = [await guard.open(path), await colleague.open(path)];
    const pages = await Promise.all([
      guard.submit(one, 'Grant it'),
      colleague.submit(other, 'Grant it', { note: 'Thank you.' }),
    ]);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect(await inForce(suspension)).toBe(false);
    expect((await auditor.open('/admin/appeals?view=decided')).text).toContain('granted');
  });

  it('is refused with a word to the owners, and the suspension goes on', async () => {
    const { suspension, path } = await anAppeal('day');
    const page = await guard.open(path);
    expect((await guard.submit(page, 'Refuse it')).status).toBe(422);
    const done = await guard.submit(page, 'Refuse it', { note: 'The mail goes on.' });
    expect(done.text).toContain('Refused. The owners are told why.');
    expect(await inForce(suspension)).toBe(true);
    expect((await auditor.open(path)).text).toContain('The mail goes on.');
    expect((await auditor.open(`/admin/suspensions/${suspension}`)).text).toContain('was refused');
  });

  it('against what waits for a human is granted by two', async () => {
    const { suspension, path } = await anAppeal('open');
    const page = await guard.open(path);
    expect((await guard.submit(page, 'Ask a second person')).status).toBe(422);
    await guard.submit(page, 'Ask a second person', { reason: 'The loop is really gone.', note: 'Thanks.' });
    expect(await inForce(suspension)).toBe(true);
    const waiting = (await listWaitingActs(server.platform)).find(({ act }) => act === 'grant-appeal');
    ok(await confirmAct(server.platform, asOperator(second), { id: String(waiting?.id) }));
    expect(await inForce(suspension)).toBe(false);
  });
});
