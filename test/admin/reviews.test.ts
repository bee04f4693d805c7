import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmAct } from '../../src/admin/two-person-acts.ts';
import { listWaitingActs } from '../../src/admin/waiting-acts.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { registerApi } from '../../src/developers/apis/api.ts';
import { changeAppSettings } from '../../src/developers/clients/app-settings.ts';
import { findClient } from '../../src/developers/clients/client.ts';
import { addRedirectUri } from '../../src/developers/clients/redirect-changes.ts';
import { APPS_APPROVAL } from '../../src/developers/clients/reviews.ts';
import { goLive } from '../../src/developers/clients/stages.ts';
import { askVerification } from '../../src/developers/clients/verification.ts';
import { approveHost } from '../../src/developers/organizations/host-proofs.ts';
import { listWaiting } from '../../src/developers/waiting.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { atConsole } from '../support/console.ts';
import { aClient, anOrganization, ok, operator } from '../support/developers.ts';
import { asOperator } from '../support/operators.ts';
import type { Person } from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import type { Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: string;
let owner: { kind: 'account'; id: string };
let reviewer: Visitor;
let colleague: Visitor;
let auditor: Visitor;
let first: Person;
let second: Person;
beforeAll(async () => {
  server = await startTestServer();
  const { platform } = server;
  acme = await anOrganization(platform, 'Acme');
  const member = await platform.db.organizationMember.findFirstOrThrow({ where: { organizationId: acme } });
  owner = { kind: 'account', id: member.accountId };
  await changeSetting(platform, operator, { setting: APPS_APPROVAL, value: 'operator' });
  ({ browser: reviewer, person: first } = await atConsole(server, 'reviewer'));
  ({ browser: colleague, person: second } = await atConsole(server, 'reviewer'));
  auditor = (await atConsole(server, 'auditor')).browser;
}, 60_000);
afterAll(() => server.stop());

let made = 0;
async function anApp() {
  made += 1;
  const name = `Planner ${made}`;
  const { client } = await aClient(server.platform, acme, { name, stage: 'development' });
  const of = { organizationId: acme, clientId: client.id };
  const addresses = {
    homepageUri: 'https://acme.example',
    privacyUri: 'https://acme.example/p',
    termsUri: '',
  };
  const { scopes, resources } = client;
  ok(await changeAppSettings(server.platform, owner, { ...of, name, scopes, resources, ...addresses }));
  return { ...of, name };
}

/** An app that waits to go live, and the page that decides on it. */
async function aWaitingApp() {
  const app = await anApp();
  ok(await goLive(server.platform, owner, { ...app, acceptsTerms: true }));
  return { ...app, page: await pageOf(app.name) };
}

async function pageOf(name: string): Promise<string> {
  const { waiting } = await listWaiting(server.platform);
  const found = waiting.find((one) => one.name === name);
  return `/admin/reviews/${found?.kind === 'api' ? 'apis/' : ''}${found?.id}`;
}

async function anApiClaiming(identifier: string) {
  made += 1;
  const name = `API ${made}`;
  const input = { organizationId: acme, identifier, name };
  const { api } = ok(await registerApi(server.platform, owner, input));
  return { id: api.id, page: await pageOf(name) };
}

const stageOf = async ({ clientId }: { clientId: string }) =>
  (await findClient(server.platform, clientId))?.stage;

describe('the queue', () => {
  it('is for those who may read it, and leads to everything it takes to decide', async () => {
    const { name, page } = await aWaitingApp();
    const queue = await auditor.open('/admin/reviews');
    expect(queue.links.get(name)).toBe(page);
    const review = await auditor.open(page);
    expect(review.text).toContain(`${name} wants to go live`);
    expect(review.text).toContain('Olive Owner');
    expect(review.text).toContain('https://app.example.com/callback');
    expect(review.text).toContain('Reviewers and administrators decide.');
    expect(review.forms.filter(({ method }) => method === 'post')).toEqual([]);
    const support = (await atConsole(server, 'support')).browser;
    expect((await support.open('/admin/reviews')).status).toBe(403);
    expect((await support.open(page)).status).toBe(403);
    const nothing = await reviewer.open('/admin/reviews/00000000-0000-7000-8000-000000000009');
    expect(nothing.status).toBe(404);
  });
});

describe('an app that wants to go live', () => {
  it('does so once a reviewer says so, and its owners are told', async () => {
    const app = await aWaitingApp();
    const after = await reviewer.submit(await reviewer.open(app.page), 'Let it go live', {
      note: 'Well done.',
    });
    expect(after.text).toContain('Approved. The owners are told.');
    expect(await stageOf(app)).toBe('live');
    const letters = await waitingLetters(server.platform);
    expect(letters.some(({ text }) => text.includes('Well done.'))).toBe(true);
  });

  it('is not refused without a word to its owners', async () => {
    const app = await aWaitingApp();
    const again = await reviewer.submit(await reviewer.open(app.page), 'Refuse');
    expect(again.status).toBe(422);
    expect(again.text).toContain('note');
    await reviewer.submit(again, 'Refuse', { note: 'Say what it does.' });
    expect(await stageOf(app)).toBe('development');
    expect((await reviewer.open(app.page)).text).toContain('Say what it does.');
  });

  it('is decided once, by whoever was first; the other one is told', async () => {
    const app = await aWaitingApp();
    const [one, other] = [await reviewer.open(app.page), await colleague.open(app.page)];
    const pages = await Promise.all([
      reviewer.submit(one, 'Let it go live'),
      colleague.submit(other, 'Refuse', { note: 'Not yet.' }),
    ]);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect(pages.find(({ status }) => status === 422)?.text).toContain('decided or withdrawn already');
    const decisions = await server.platform.db.auditEvent.count({
      where: { action: 'client-review.decided', targetId: app.clientId },
    });
    expect(decisions).toBe(1);
  });

  it('is looked at again where it changed while somebody looked', async () => {
    const app = await aWaitingApp();
    const seen = await reviewer.open(app.page);
    ok(await addRedirectUri(server.platform, owner, { ...app, uri: 'https://evil.example/callback' }));
    const again = await reviewer.submit(seen, 'Let it go live');
    expect(again.status).toBe(422);
    expect(again.text).toContain('changed since you looked');
    expect(again.text).toContain('https://evil.example/callback');
    expect(await stageOf(app)).toBe('development');
  });

  it('is meant by the form as by the address', async () => {
    const [harmless, other] = [await aWaitingApp(), await aWaitingApp()];
    const [id] = other.page.split('/').slice(-1);
    const mixed = await reviewer.submit(await reviewer.open(harmless.page), 'Let it go live', {
      review: String(id),
    });
    expect(mixed.status).toBe(400);
    expect([await stageOf(harmless), await stageOf(other)]).toEqual(['development', 'development']);
  });

  it('is not decided by somebody who only reads', async () => {
    const app = await aWaitingApp();
    const form = (await reviewer.open(app.page)).forms.find(({ method }) => method === 'post');
    const posted = await auditor.post(
      app.page,
      new URLSearchParams([...(form?.fields ?? []), ['decision', 'approve']]),
    );
    expect(posted.status).toBe(403);
    expect(await stageOf(app)).toBe('development');
  });
});

describe('a publisher', () => {
  it('is checked by two people', async () => {
    const app = await anApp();
    const host = 'publisher.example';
    ok(await approveHost(server.platform, operator, { organizationId: acme, host }));
    ok(await askVerification(server.platform, owner, { ...app, host }));
    const page = await pageOf(app.name);
    const unexplained = await reviewer.submit(await reviewer.open(page), 'Ask a second person');
    expect(unexplained.status).toBe(422);
    const asked = await reviewer.submit(unexplained, 'Ask a second person', {
      reason: 'Their host and their imprint agree.',
    });
    expect(asked.text).toContain('Asked.');
    expect(await findClient(server.platform, app.clientId)).toMatchObject({ verifiedHost: null });
    const waits = await colleague.open(page);
    expect(waits.text).toContain('waits for a second person');
    const buttons = waits.forms.flatMap((form) => form.buttons.map(({ text }) => text));
    expect(buttons).toContain('Refuse');
    expect(buttons).not.toContain('Ask a second person');
    const [act] = await listWaitingActs(server.platform);
    const id = String(act?.id);
    expect(await confirmAct(server.platform, asOperator(first), { id })).toMatchObject({ reason: 'own' });
    ok(await confirmAct(server.platform, asOperator(second), { id }));
    expect(await findClient(server.platform, app.clientId)).toMatchObject({ verifiedHost: host });
  });

  it('is none where a colleague refuses while the second person is waited for', async () => {
    const app = await anApp();
    const host = 'refused-publisher.example';
    ok(await approveHost(server.platform, operator, { organizationId: acme, host }));
    ok(await askVerification(server.platform, owner, { ...app, host }));
    const page = await pageOf(app.name);
    const reason = 'Their host and their imprint agree.';
    await reviewer.submit(await reviewer.open(page), 'Ask a second person', { reason });
    await colleague.submit(await colleague.open(page), 'Refuse', { note: 'Your imprint names nobody.' });
    const [act] = await listWaitingActs(server.platform);
    const late = await confirmAct(server.platform, asOperator(second), { id: String(act?.id) });
    expect(late).toMatchObject({ ok: false, reason: 'review' });
    expect(await findClient(server.platform, app.clientId)).toMatchObject({ verifiedHost: null });
  });
});

describe('an app that changes while its publisher waits for a second person', () => {
  it('is not verified: nobody saw what it is by then', async () => {
    const app = await anApp();
    const host = 'changing-publisher.example';
    ok(await approveHost(server.platform, operator, { organizationId: acme, host }));
    ok(await askVerification(server.platform, owner, { ...app, host }));
    const reason = 'Their host and their imprint agree.';
    await reviewer.submit(await reviewer.open(await pageOf(app.name)), 'Ask a second person', { reason });
    const name = 'Your Bank';
    await server.platform.db.client.update({ where: { id: app.clientId }, data: { name } });
    const [act] = await listWaitingActs(server.platform);
    const late = await confirmAct(server.platform, asOperator(second), { id: String(act?.id) });
    expect(late).toMatchObject({ ok: false, reason: 'changed' });
    expect(await findClient(server.platform, app.clientId)).toMatchObject({ verifiedHost: null });
  });
});

describe('the identifier of an API', () => {
  it('is given as it was seen, with what others have on its host', async () => {
    await anApiClaiming('https://shared-host.example/one');
    const { id, page } = await anApiClaiming('https://shared-host.example/two');
    const seen = await reviewer.open(page);
    expect(seen.text).toContain('https://shared-host.example/two');
    const form = { claim: 'https://bank.example' };
    expect((await reviewer.submit(seen, 'Give it the identifier', form)).status).toBe(422);
    await reviewer.submit(seen, 'Give it the identifier');
    const api = await server.platform.db.api.findUniqueOrThrow({ where: { id } });
    expect(api.identifier).toBe('https://shared-host.example/two');
  });

  it('is not taken away by a refusal that comes after the approval', async () => {
    const { id, page } = await anApiClaiming('https://late.example');
    const [one, other] = [await reviewer.open(page), await colleague.open(page)];
    await reviewer.submit(one, 'Give it the identifier');
    const late = await colleague.submit(other, 'Refuse', { note: 'It is not yours.' });
    expect(late.status).toBe(422);
    expect(late.text).toContain('decided already');
    const api = await server.platform.db.api.findUniqueOrThrow({ where: { id } });
    expect(api.identifier).toBe('https://late.example');
  });

  it('is decided once where two decide at the same moment', async () => {
    const { page } = await anApiClaiming('https://race.example');
    const [one, other] = [await reviewer.open(page), await colleague.open(page)];
    const pages = await Promise.all([
      reviewer.submit(one, 'Give it the identifier'),
      colleague.submit(other, 'Refuse', { note: 'It is not yours.' }),
    ]);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
  });
});
