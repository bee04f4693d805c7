import type { Page } from 'playwright-core';
import { createAccount } from '../../src/accounts/account.ts';
import { loadHalfSession, startSession } from '../../src/accounts/sessions.ts';
import { completeSignIn } from '../../src/accounts/sign-in.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { type Hands, withPointer } from '../support/browser.ts';
import { givePasskey } from '../support/passkeys.ts';
import { relyingParty } from '../support/relying-party.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, codeOf, newPerson, OPERATOR, type Person, signIn } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';

/** How a fresh window gets to a page, by the name of the page's picture. */
export const scenes: Readonly<Record<string, (page: Page, world: Exhibition) => Promise<void>>> = {
  async home(page, { url }) {
    await page.goto(url);
  },
  async 'sign-in'(page, world) {
    await open(page, world, world.notebook);
  },
  async 'sign-in-error'(page, world) {
    await open(page, world, world.notebook);
    await enter(withPointer(page), { email: 'anna@example.org', password: 'wrong one' });
  },
  async 'sign-in-too-many-tries'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    for (let tries = 0; tries < 6; tries += 1)
      await enter(withPointer(page), { email: 'guessed@example.org', password: `guess ${tries}` });
  },
  async 'sign-in-again'(page, world) {
    await open(page, world, world.notebook);
    await signInHere(page, await newPerson(world.platform));
    await open(page, world, world.notebook, { prompt: 'login' });
  },
  async 'sign-in-other-account'(page, world) {
    await consentFor(page, world, world.notebook, {});
    await withPointer(page).follow('Use another account');
  },
  async 'sign-up'(page, world) {
    await page.goto(`${world.url}/sign-up`);
  },
  async 'sign-up-error'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'anna@example.org', 'password');
  },
  async 'sign-up-verification'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'a.rather-long-name.for-an-address@mail.department.example.org');
  },
  async 'sign-up-verification-wrong-code'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'wrong-code@example.org');
    await withPointer(page).fill('Verification code', '0000 0000');
    await withPointer(page).press('Continue');
  },
  async 'sign-up-verification-sent-again'(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'again@example.org');
    await withPointer(page).press('Send a new code');
  },
  async 'email-verification'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    const person = { email: 'unproven@example.org', password: 'a lantern in the harbour' };
    await createAccount(world.platform, OPERATOR, {
      ...person,
      name: 'Anna Berg',
      verified: false,
      totp: true,
    });
    await enter(withPointer(page), person);
  },
  async enrolment(page, world) {
    await toEnrolment(page, world, 'enrols@example.org');
  },
  async 'enrolment-wrong-code'(page, world) {
    await toEnrolment(page, world, 'enrols-too@example.org');
    await withPointer(page).fill('One-time code', '000000');
    await withPointer(page).press('Continue');
  },
  async 'enrolment-key'(page, world) {
    await toEnrolment(page, world, 'cannot-scan@example.org');
    await withPointer(page).unfold("Can't scan it?");
  },
  async 'second-factor'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await enter(withPointer(page), await newPerson(world.platform));
  },
  async 'second-factor-wrong-code'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await enter(withPointer(page), await newPerson(world.platform));
    await withPointer(page).fill('One-time code', '000000');
    await withPointer(page).press('Continue');
  },
  async 'consent-read-and-write'(page, world) {
    const scope = 'openid profile email offline_access notes:read notes:write notes:admin';
    await consentFor(page, world, world.notebook, { scope });
  },
  async 'consent-read'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid email notes:read' });
  },
  async 'consent-identity'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid profile email' });
  },
  async 'consent-nothing'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid' });
  },
  async 'consent-long-names'(page, world) {
    await consentFor(page, world, world.longNames, { scope: 'openid email notes:read notes:write' });
  },
  async 'consent-native'(page, world) {
    await consentFor(page, world, world.native, { scope: 'openid notes:read' });
  },
  async 'wrong-account'(page, world) {
    const { platform, notebook } = world;
    const hint = await idTokenOf(world, await newPerson(platform));
    await open(page, world, notebook, { id_token_hint: hint });
    await signInHere(page, await newPerson(platform));
  },
  async account(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
  },
  async 'account-sign-in-methods'(page, world) {
    await toAccountPage(page, world, '/account/sign-in-methods');
  },
  async 'account-sessions'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/sessions', person);
  },
  async 'account-sessions-ended'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/sessions', person);
    await withPointer(page).press('Sign out everywhere else');
  },
  async 'account-activity'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/events', person);
  },
  async 'account-activity-reported'(page, world) {
    const person = await newPerson(world.platform);
    await liveElsewhere(world, person);
    await toAccountPage(page, world, '/account/events', person);
    await page.getByRole('button', { name: "This wasn't me" }).first().click();
    await page.waitForURL('**/report');
  },
  async 'account-data'(page, world) {
    await toAccountPage(page, world, '/account/data');
  },
  async 'account-under-way'(page, world) {
    const person = await newPerson(world.platform);
    await somethingUnderWay(world, person);
    await toAccountPage(page, world, '/account', person);
  },
  async passkeys(page, world) {
    await toPasskeys(page, world, 2);
  },
  async 'passkeys-none'(page, world) {
    await toPasskeys(page, world, 0);
  },
  async 'passkeys-new'(page, world) {
    await toPasskeys(page, world, 0);
    await withPointer(page).follow('Add a passkey');
  },
  async 'passkeys-one'(page, world) {
    await toPasskeys(page, world, 1);
    await withPointer(page).follow('Rename or remove iCloud Keychain');
  },
  async 'passkeys-removal'(page, world) {
    await toPasskeys(page, world, 1);
    await withPointer(page).follow('Rename or remove iCloud Keychain');
    await withPointer(page).follow('Remove passkey');
  },
  async 'passkey-refused'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    const arrived = page.waitForEvent('load');
    await page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-passkey]')?.submit());
    await arrived;
  },
  async 'sign-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/sign-out`);
  },
  async 'signed-out'(page, world) {
    await page.goto(`${world.url}/sign-out`);
  },
  async 'app-sign-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
  },
  async 'app-sign-out-unnamed'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end`);
  },
  async 'app-signed-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
    await withPointer(page).press('Sign out');
  },
  async 'app-sign-out-cancelled'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
    await withPointer(page).press('Cancel');
  },
  async 'error-unregistered-redirect'(page, world) {
    await open(page, world, world.notebook, {
      redirect_uri: 'https://notebook.example/callback/2?from=mail',
    });
  },
  async 'error-unknown-app'(page, world) {
    await open(page, world, { ...world.notebook, clientId: 'nobody' });
  },
  async 'error-redirect-that-hides'(page, { url, notebook }) {
    const address = encodeURIComponent('https://notebook.example/\u202eexe.fdp');
    await page.goto(`${url}/authorize?client_id=${notebook.clientId}&redirect_uri=${address}`);
  },
  async 'error-incomplete-request'(page, world) {
    await page.goto(`${world.url}/authorize`);
  },
  async 'error-sign-out-request'(page, { url, notebook }) {
    await page.goto(
      `${url}/session/end?client_id=${notebook.clientId}&post_logout_redirect_uri=https://elsewhere.example`,
    );
  },
  async 'error-sign-out-stale'(page, { url }) {
    await page.goto(`${url}/sign-out`);
    await page.setContent(
      `<form method="post" action="${url}/session/end/confirm"><button>Go</button></form>`,
    );
    await withPointer(page).press('Go');
  },
  async 'error-interaction-over'(page, { url }) {
    await page.goto(`${url}/interaction/gone`);
  },
  async 'error-not-found'(page, { url }) {
    await page.goto(`${url}/nowhere`);
  },
  async 'error-wrong-host'(page, { url }) {
    await page.goto(url.replace('localhost', '127.0.0.1'));
  },
  async mailbox(page, world) {
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), 'reader@example.org');
    await page.goto(`${world.url}/sign-up`);
    await newcomer(withPointer(page), (await newPerson(world.platform)).email);
    await page.goto(`${world.url}/mailbox`);
  },
};

/** Comes from the app with an authorization request. */
async function open(page: Page, world: Exhibition, app: App, params = {}): Promise<void> {
  const party = await world.partyOf(app);
  await page.goto((await party.request(params)).url);
}

async function consentFor(page: Page, world: Exhibition, app: App, params: object): Promise<void> {
  await open(page, world, app, params);
  await signInHere(page, await newPerson(world.platform));
}

async function enter(hands: Hands, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  await hands.fill('Email', email);
  await hands.fill('Password', password);
  await hands.press('Sign in');
}

async function signInHere(page: Page, person: Person): Promise<void> {
  const hands = withPointer(page);
  await enter(hands, person);
  await hands.fill('One-time code', await codeOf(person));
  await hands.press('Continue');
}

async function toPasskeys(page: Page, { url, platform }: Exhibition, count: number): Promise<void> {
  const person = await newPerson(platform);
  const aaguid = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
  for (let n = 0; n < count; n += 1) await givePasskey(platform, person.id, { aaguid });
  await page.goto(`${url}/account/sign-in-methods/passkeys`);
  await signInHere(page, person);
}

async function newcomer(hands: Hands, email: string, password = 'a lantern in the harbour'): Promise<void> {
  await hands.fill('Name', 'Anna Berg');
  await hands.fill('Email', email);
  await hands.fill('Password', password);
  await hands.press('Create account');
}

async function toEnrolment(page: Page, { url, platform }: Exhibition, email: string): Promise<void> {
  const person = { email, password: 'a lantern in the harbour' };
  await createAccount(platform, OPERATOR, { ...person, name: 'Anna Berg', verified: true, totp: false });
  await page.goto(`${url}/sign-in`);
  await enter(withPointer(page), person);
}

/** Signs the person in at the app, in a browser elsewhere. */
async function idTokenOf({ url, notebook }: Exhibition, person: Person): Promise<string> {
  const party = await relyingParty(url, notebook);
  const request = await party.request();
  const visitor = new Visitor(url);
  const consent = await signIn(visitor, person, await visitor.open(request.url));
  const tokens = await party.redeem(request, await visitor.submit(consent, 'Allow'));
  return String(tokens.id_token);
}

async function toAccountPage(page: Page, world: Exhibition, path: string, person?: Person): Promise<void> {
  await page.goto(`${world.url}${path}`);
  await signInHere(page, person ?? (await newPerson(world.platform)));
}

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

/** Signed in on a phone and in a program that does not say what it is. */
async function liveElsewhere({ platform }: Exhibition, { id: accountId }: Person): Promise<void> {
  for (const [userAgent, address] of [
    [PHONE, '2001:db8:12:34::1'],
    ['', '203.0.113.77'],
  ] as const) {
    const actor = { kind: 'account', id: accountId } as const;
    const { secret } = await startSession(platform, actor, { accountId, origin: { userAgent, address } });
    const half = await loadHalfSession(platform, secret);
    if (!half) throw new Error('no half session');
    const completion = { half, previous: undefined, factor: 'otp', browser: undefined } as const;
    await inTransaction(platform, (tx) => completeSignIn(tx, actor, completion));
  }
}

/** Everything that a banner tells of, at the same time. */
async function somethingUnderWay({ platform }: Exhibition, { id }: Person): Promise<void> {
  const now = platform.clock.now();
  const soon = secondsAfter(now, 3 * 86_400);
  await platform.db.account.update({ where: { id }, data: { closesAt: soon, frozenUntil: soon } });
  const times = { createdAt: now, dueAt: soon, expiresAt: secondsAfter(soon, 86_400) };
  await platform.db.factorReset.create({ data: { id: newId(), accountId: id, ...times } });
}
