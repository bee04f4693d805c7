import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToDomain, removeFromDomain } from '../../src/accounts/trust-domain-members.ts';
import { inviteToSignUp } from '../../src/accounts/sign-up/sign-up-passes.ts';
import { changeTrustDomain, createTrustDomain, MAIN_DOMAIN } from '../../src/accounts/trust-domains.ts';
import { addTester } from '../../src/developers/clients/testers.ts';
import { moveApi, moveClient } from '../../src/developers/trust-domain-moves.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { ok } from '../support/developers.ts';
import { callbackOf } from '../support/relying-party.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, type Notes, OPERATOR, signIn, signUp } from '../support/world.ts';
import {
  anotherPerson,
  authorize,
  authorizePath,
  codeFor,
  introspected,
  isActive,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';

let stage: Stage;
let staff: string;
/** An app and an API of employees. */
let tool: App;
let payroll: Notes;

beforeAll(async () => {
  stage = await openStage();
  const { platform } = stage.server;
  staff = ok(await createTrustDomain(platform, OPERATOR, { name: 'staff', title: 'Example staff' })).domain
    .id;
  payroll = await newApi(platform, { identifier: 'https://payroll.example' });
  ok(await moveApi(platform, OPERATOR, { identifier: payroll.identifier, domain: 'staff' }));
  tool = await newApp(platform, payroll, { name: 'Tool', trustDomainId: staff });
});
afterAll(() => stage.server.stop());

type Browser = Awaited<ReturnType<typeof anotherPerson>>;

/** Somebody in a browser, signed in after they came to the domain, since joining signs out. */
async function employee(alsoMain = false): Promise<Browser & Pick<Stage, 'issuer'>> {
  const somebody = await anotherPerson(stage);
  await join(somebody);
  const { email } = somebody.person;
  if (!alsoMain) ok(await removeFromDomain(stage.server.platform, OPERATOR, { email, domain: 'main' }));
  await signInAnew(somebody);
  return { ...somebody, issuer: stage.issuer };
}

const join = async ({ person: { email } }: Browser) =>
  ok(await addToDomain(stage.server.platform, OPERATOR, { email, domain: 'staff' }));

const leave = async ({ person: { email } }: Browser) =>
  ok(await removeFromDomain(stage.server.platform, OPERATOR, { email, domain: 'staff' }));

/** One-time codes work once: their memory is wiped instead of waiting half a minute. */
async function signInAnew({ browser, person }: Browser): Promise<void> {
  await stage.server.platform.pool.query('UPDATE totp_devices SET last_step = 0 WHERE account_id = $1', [
    person.id,
  ]);
  await signIn(browser, person);
}

const DENIED = { error: 'access_denied', error_description: expect.stringContaining('trust domain') };

describe('an app of another trust domain', () => {
  it('shows the person why, and answers access_denied when they go back', async () => {
    const page = await stage.browser.open(authorizePath(tool));
    expect(page.text).toContain('Tool is not for this account');
    expect(page.text).toContain('Example staff');
    expect(page.text).toContain(stage.person.email);
    expect(page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text))).not.toContain('Allow');
    const back = await stage.browser.submit(page, 'Back to the app');
    expect(callbackOf(back)).toMatchObject({ ...DENIED, state: 'somewhere' });
  });

  it('answers access_denied to prompt=none', async () => {
    const page = await authorize(stage, tool, { prompt: 'none' });
    expect(callbackOf(page)).toMatchObject({ ...DENIED, state: 'somewhere' });
  });

  it('stays closed after the person becomes somebody else who does not belong there', async () => {
    const other = await anotherPerson(stage);
    const page = await other.browser.open(authorizePath(tool));
    const third = await anotherPerson(stage);
    const switched = await switchTo(other, page, third);
    expect(switched.text).toContain('Tool is not for this account');
    expect(switched.text).toContain(third.person.email);
    expect(callbackOf(await other.browser.submit(switched, 'Back to the app'))).toMatchObject(DENIED);
  });

  it('opens when they become somebody who does', async () => {
    const other = await anotherPerson(stage);
    const page = await other.browser.open(authorizePath(tool));
    const switched = await switchTo(other, page, await employee());
    expect(switched.text).not.toContain('is not for this account');
    const answered = await other.browser.submit(switched, 'Allow');
    expect(callbackOf(answered)).toMatchObject({ code: expect.any(String) });
  });

  it('cannot be allowed by posting the consent form all the same', async () => {
    const page = await stage.browser.open(authorizePath(tool));
    const [, , uid] = new URL(page.url).pathname.split('/');
    const consent = await stage.browser.open(`/interaction/${uid}/consent`);
    expect(consent.text).toContain('Tool is not for this account');
    const posted = await stage.browser.post(`/interaction/${uid}/consent`, {
      decision: 'allow',
      access: 'full',
    });
    expect(posted.text).not.toContain('Allow Tool');
    const consents = await stage.server.platform.db.consent.count({ where: { clientId: tool.clientId } });
    expect(consents).toBe(await consentsOfStaff());
  });

  const consentsOfStaff = () =>
    stage.server.platform.db.consent.count({
      where: { clientId: tool.clientId, accountId: { not: stage.person.id } },
    });

  it('works in one browser while it is closed in the other', async () => {
    const [inside, outside] = [await employee(), await anotherPerson(stage)];
    expect((await tokensFor(inside, tool)).access_token).toBeTruthy();
    expect((await outside.browser.open(authorizePath(tool))).text).toContain('is not for this account');
  });

  it('is open beside those of main to whoever belongs to both', async () => {
    const both = await employee(true);
    const customers = await newApp(stage.server.platform, stage.api);
    expect((await tokensFor(both, tool)).access_token).toBeTruthy();
    expect((await tokensFor(both, customers)).access_token).toBeTruthy();
  });

  it('of main is closed to an employee alone', async () => {
    const customers = await newApp(stage.server.platform, stage.api);
    const page = await authorize(await employee(), customers, { prompt: 'none' });
    expect(callbackOf(page)).toMatchObject(DENIED);
  });
});

async function switchTo(here: Browser, page: Awaited<ReturnType<typeof authorize>>, there: Browser) {
  await stage.server.platform.pool.query('UPDATE totp_devices SET last_step = 0 WHERE account_id = $1', [
    there.person.id,
  ]);
  const link = [...page.links].find(([text]) => text === 'Use another account')?.[1];
  return signIn(here.browser, there.person, await here.browser.open(String(link)));
}

describe('whoever leaves a trust domain', () => {
  it('takes every token with them: refresh, userinfo and introspection end at once', async () => {
    const somebody = await employee(true);
    const tokens = await tokensFor(somebody, tool);
    const identity = await tokensFor(somebody, tool, { scope: 'openid email' });
    const unspent = await codeFor(somebody, tool);
    expect(await isActive(stage, tokens.access_token, payroll)).toBe(true);
    await leave(somebody);
    expect(await isActive(stage, tokens.access_token, payroll)).toBe(false);
    expect((await refresh(stage, tool, tokens.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await redeem(stage, tool, unspent)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await userinfo(identity.access_token)).status).toBe(401);
  });

  it('finds what they had allowed still allowed when they come back, with new tokens alone', async () => {
    const somebody = await employee(true);
    const tokens = await tokensFor(somebody, tool);
    await leave(somebody);
    await join(somebody);
    await signInAnew(somebody);
    expect((await refresh(stage, tool, tokens.refresh_token)).status).toBe(400);
    const page = await authorize(somebody, tool, { prompt: 'none' });
    expect(callbackOf(page)).toMatchObject({ code: expect.any(String) });
  });

  it('is asked about at each refresh and each call, even were a grant left over', async () => {
    const somebody = await employee(true);
    const tokens = await tokensFor(somebody, tool);
    const identity = await tokensFor(somebody, tool, { scope: 'openid email' });
    const { db } = stage.server.platform;
    await db.trustDomainMember.deleteMany({ where: { accountId: somebody.person.id, trustDomainId: staff } });
    const answer = await refresh(stage, tool, tokens.refresh_token);
    expect(answer.body).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('trust domain'),
    });
    expect((await userinfo(identity.access_token)).status).toBe(401);
  });
});

const userinfo = (token: string) =>
  fetch(`${stage.issuer}/userinfo`, { headers: { Authorization: `Bearer ${token}` } });

describe('an API of another trust domain', () => {
  const AT_PAYROLL = { resource: 'https://payroll.example' };

  it('is no target of an authorization request, and of no token', async () => {
    const app = await newApp(stage.server.platform, stage.api);
    const page = await authorize(stage, app, AT_PAYROLL);
    expect(callbackOf(page)).toMatchObject({ error: 'invalid_target' });
    const machine = await newApp(stage.server.platform, stage.api, { type: 'machine' });
    const grant = { grant_type: 'client_credentials', scope: 'notes:read' };
    expect((await post(stage, '/token', machine, grant)).status).toBe(200);
    expect((await post(stage, '/token', machine, { ...grant, ...AT_PAYROLL })).body).toMatchObject({
      error: 'invalid_target',
    });
  });

  it('is none at the token endpoint either, nor at refresh', async () => {
    const app = await newApp(stage.server.platform, stage.api);
    const code = await codeFor(stage, app);
    expect((await redeem(stage, app, code, AT_PAYROLL)).status).toBe(400);
    const { refresh_token: token } = await tokensFor(stage, app);
    expect((await refresh(stage, app, token, AT_PAYROLL)).status).toBe(400);
  });

  it('learns nothing about tokens of apps that it left behind', async () => {
    const { platform } = stage.server;
    const api = await newApi(platform, { identifier: 'https://moving.example' });
    const app = await newApp(platform, api, { resources: [api.identifier] });
    const machine = await newApp(platform, api, { type: 'machine', resources: [api.identifier] });
    const tokens = await tokensFor(stage, app);
    const service = await post(stage, '/token', machine, {
      grant_type: 'client_credentials',
      scope: 'notes:read',
    });
    const of = [tokens.access_token, String(service.body.access_token)];
    for (const token of of) expect(await isActive(stage, token, api)).toBe(true);
    ok(await moveApi(platform, OPERATOR, { identifier: api.identifier, domain: 'staff' }));
    await halfASecond();
    for (const token of of) expect(await introspected(stage, api, token)).toBe('{"active":false}');
    expect((await refresh(stage, app, tokens.refresh_token)).status).toBe(400);
  });
});

describe('a personal access token', () => {
  const make = async (
    browser: Visitor,
    api: Notes,
  ): Promise<{ status: number; token: string; text: string }> => {
    const form = await browser.open(`/account/tokens/new?api=${api.clientId}`);
    if (!form.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Make the token')))
      return { status: form.status, token: '', text: form.text };
    const fields = { Name: 'Backup', 'Days until it ends': '30', 'scope notes:read': 'on' };
    const page = await browser.submit(form, 'Make the token', fields);
    return { status: page.status, token: /gate_access_[\w-]+/.exec(page.text)?.[0] ?? '', text: page.text };
  };

  const joinOwners = ({ person }: Browser, { organizationId }: Notes) =>
    stage.server.platform.db.organizationMember.create({
      data: { organizationId, accountId: person.id, role: 'developer', createdAt: new Date() },
    });

  it('is made for APIs of the person’s own trust domains alone, member of the organization or not', async () => {
    const [inside, outside] = [await employee(), await anotherPerson(stage)];
    for (const somebody of [inside, outside]) await joinOwners(somebody, payroll);
    expect((await make(outside.browser, payroll)).token).toBe('');
    const { token } = await make(inside.browser, payroll);
    expect(token).not.toBe('');
    expect(await isActive(stage, token, payroll)).toBe(true);
  });

  it('is worth nothing once its API has moved away', async () => {
    const api = await newApi(stage.server.platform, { identifier: 'https://wandering.example' });
    const somebody = await anotherPerson(stage);
    await joinOwners(somebody, api);
    const { token } = await make(somebody.browser, api);
    expect(await isActive(stage, token, api)).toBe(true);
    ok(await moveApi(stage.server.platform, OPERATOR, { identifier: api.identifier, domain: 'staff' }));
    await halfASecond();
    expect(await isActive(stage, token, api)).toBe(false);
  });

  it('goes with the membership', async () => {
    const somebody = await employee(true);
    await joinOwners(somebody, payroll);
    const { token } = await make(somebody.browser, payroll);
    await leave(somebody);
    expect(await isActive(stage, token, payroll)).toBe(false);
  });
});

describe('whoever signs up', () => {
  it('with an address of the staff reaches their apps and no others', async () => {
    const { platform } = stage.server;
    ok(await changeTrustDomain(platform, OPERATOR, { name: 'staff', mailDomains: ['acme.example'] }));
    const browser = new Visitor(stage.issuer);
    const signInPage = await browser.open(authorizePath(tool));
    const { page } = await signUp(browser, signInPage, 'new.hire@acme.example');
    expect(callbackOf(await browser.submit(page, 'Allow'))).toMatchObject({ code: expect.any(String) });
    const customers = await newApp(platform, stage.api);
    expect((await browser.open(authorizePath(customers))).text).toContain('is not for this account');
  });

  it('with any other address reaches those of main alone', async () => {
    const browser = new Visitor(stage.issuer);
    const signInPage = await browser.open(authorizePath(tool));
    const { page } = await signUp(browser, signInPage, 'customer@mail.acme.example');
    expect(page.text).toContain('Tool is not for this account');
  });

  it('by an invitation belongs where it says', async () => {
    const { platform } = stage.server;
    const email = 'contractor@elsewhere.example';
    const { link } = ok(await inviteToSignUp(platform, OPERATOR, { email, domain: 'staff' }));
    const browser = new Visitor(stage.issuer);
    await browser.open(authorizePath(tool));
    const form = await browser.open(link.secret);
    const { page } = await signUp(browser, { ...form, links: new Map([['create', form.url]]) }, email);
    expect(page.status).toBe(200);
    const row = await platform.db.account.findUniqueOrThrow({
      where: { emailKey: email },
      select: { trustDomains: { select: { trustDomainId: true, origin: true } } },
    });
    expect(row.trustDomains).toEqual([{ trustDomainId: staff, origin: 'invitation' }]);
  });
});

describe('whoever changes their address', () => {
  it('to one of the staff signs in anew and reaches their apps from then on', async () => {
    const { platform } = stage.server;
    ok(await changeTrustDomain(platform, OPERATOR, { name: 'staff', mailDomains: ['acme.example'] }));
    const somebody = await anotherPerson(stage);
    const email = 'moved@acme.example';
    const form = await somebody.browser.open('/account/email');
    const codePage = await somebody.browser.submit(form, 'Send a code', { 'New email': email });
    const letter = (await waitingLetters(platform)).find(({ to }) => to === email);
    const code = /\b\d{4}[ -]?\d{4}\b/.exec(String(letter?.text))?.[0] ?? '';
    const done = await somebody.browser.submit(codePage, 'Change my email', { 'Verification code': code });
    expect(new URL(done.url).pathname).toBe('/sign-in');
    const person = { ...somebody.person, email };
    await signInAnew({ ...somebody, person });
    const here = { ...somebody, issuer: stage.issuer };
    expect((await tokensFor(here, tool)).access_token).toBeTruthy();
    const customers = await newApp(platform, stage.api);
    expect((await tokensFor(here, customers)).access_token).toBeTruthy();
  });
});

describe('an app that is moved', () => {
  it('loses every grant at once, and people who are not there', async () => {
    const { platform } = stage.server;
    const api = await newApi(platform, { identifier: 'https://left.example' });
    const app = await newApp(platform, api, { resources: [api.identifier] });
    const tokens = await tokensFor(stage, app);
    const moved = ok(await moveClient(platform, OPERATOR, { clientId: app.clientId, domain: 'staff' }));
    expect(moved).toMatchObject({ changed: true, grantsRevoked: 1 });
    expect(await isActive(stage, tokens.access_token, api)).toBe(false);
    expect((await refresh(stage, app, tokens.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    await halfASecond();
    const page = await authorize(stage, app, { prompt: 'none', scope: 'openid' });
    expect(callbackOf(page)).toMatchObject(DENIED);
    const again = ok(await moveClient(platform, OPERATOR, { clientId: app.clientId, domain: 'staff' }));
    expect(again).toMatchObject({ changed: false, grantsRevoked: 0 });
  });
});

describe('an app in development', () => {
  const inDevelopment = () =>
    newApp(stage.server.platform, stage.api, { name: 'Draft', stage: 'development' });
  const CLOSED = { error: 'access_denied', error_description: expect.stringContaining('in development') };

  it('shows a stranger that it is being tested, and answers access_denied', async () => {
    const page = await stage.browser.open(authorizePath(await inDevelopment()));
    expect(page.text).toContain('Draft is still being tested');
    expect(callbackOf(await stage.browser.submit(page, 'Back to the app'))).toMatchObject(CLOSED);
  });

  it('answers access_denied to prompt=none', async () => {
    const page = await authorize(stage, await inDevelopment(), { prompt: 'none' });
    expect(callbackOf(page)).toMatchObject(CLOSED);
  });

  it('works for a tester until they are removed, and for nothing after', async () => {
    const { platform } = stage.server;
    const app = await inDevelopment();
    const of = { clientId: app.clientId, accountId: stage.person.id };
    await inTransaction(platform, (tx) => addTester(tx, OPERATOR, of));
    const tokens = await tokensFor(stage, app);
    const identity = await tokensFor(stage, app, { scope: 'openid email' });
    const own = () => isActive(stage, tokens.access_token, app);
    expect([await isActive(stage, tokens.access_token), await own()]).toEqual([true, true]);
    expect((await userinfo(identity.access_token)).status).toBe(200);
    await platform.db.clientTester.deleteMany({ where: of });
    expect([await isActive(stage, tokens.access_token), await own()]).toEqual([false, false]);
    const answer = await refresh(stage, app, tokens.refresh_token);
    expect(answer.body).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('in development'),
    });
    expect((await userinfo(identity.access_token)).status).toBe(401);
  });

  it('works for a member of its organization', async () => {
    const { platform } = stage.server;
    const app = await inDevelopment();
    const member = await anotherPerson(stage);
    const row = { organizationId: stage.api.organizationId, accountId: member.person.id, role: 'viewer' };
    await platform.db.organizationMember.create({ data: { ...row, createdAt: platform.clock.now() } });
    expect((await tokensFor({ ...member, issuer: stage.issuer }, app)).access_token).toBeTruthy();
  });

  it('opens to a person who waits on the page as soon as they are a tester', async () => {
    const app = await inDevelopment();
    const page = await stage.browser.open(authorizePath(app));
    await inTransaction(stage.server.platform, (tx) =>
      addTester(tx, OPERATOR, { clientId: app.clientId, accountId: stage.person.id }),
    );
    const again = await stage.browser.open(page.url);
    expect(again.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text))).toContain('Allow');
  });

  it('in the trust domain of employees is open to no customer, tester or not', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, payroll, { stage: 'development', trustDomainId: staff });
    await inTransaction(platform, (tx) =>
      addTester(tx, OPERATOR, { clientId: app.clientId, accountId: stage.person.id }),
    );
    expect(callbackOf(await authorize(stage, app, { prompt: 'none' }))).toMatchObject(DENIED);
  });
});

/** What is read at most every half second has been read anew by then. */
const halfASecond = () => new Promise((resolve) => setTimeout(resolve, 600));

describe('main', () => {
  it('is where everything is that was put nowhere else', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, stage.api);
    const row = await platform.db.client.findUniqueOrThrow({ where: { id: app.clientId } });
    expect(row.trustDomainId).toBe(MAIN_DOMAIN);
    expect((await tokensFor(stage, app)).access_token).toBeTruthy();
  });
});
