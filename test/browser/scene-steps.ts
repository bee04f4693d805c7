import type { Page } from 'playwright-core';
import { createAccount } from '../../src/accounts/account.ts';
import { loadHalfSession, type Origin, startSession } from '../../src/accounts/sessions/sessions.ts';
import { completeSignIn, type SignedIn } from '../../src/accounts/sign-in/sign-in.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { type Hands, withPointer } from '../support/browser.ts';
import { type App, codeOf, newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';

/** How a fresh window gets to a page, by the name of the page's picture. */
export type Scenes = Readonly<Record<string, (page: Page, world: Exhibition) => Promise<void>>>;

/** Comes from the app with an authorization request. */
export async function open(page: Page, world: Exhibition, app: App, params = {}): Promise<void> {
  const party = await world.partyOf(app);
  await page.goto((await party.request(params)).url);
}

export async function consentFor(page: Page, world: Exhibition, app: App, params: object): Promise<void> {
  await open(page, world, app, params);
  await signInHere(page, await newPerson(world.platform));
}

export async function enter(
  hands: Hands,
  { email, password }: Pick<Person, 'email' | 'password'>,
): Promise<void> {
  await hands.fill('Email', email);
  await hands.fill('Password', password);
  await hands.press('Sign in');
}

export async function signInHere(page: Page, person: Person): Promise<void> {
  const hands = withPointer(page);
  await enter(hands, person);
  await hands.fill('One-time code', await codeOf(person));
  await hands.press('Continue');
}

export async function newcomer(
  hands: Hands,
  email: string,
  password = 'a lantern in the harbour',
): Promise<void> {
  await hands.fill('Name', 'Anna Berg');
  await hands.fill('Email', email);
  await hands.fill('Password', password);
  await hands.press('Create account');
}

export async function toEnrolment(page: Page, { url, platform }: Exhibition, email: string): Promise<void> {
  const person = { email, password: 'a lantern in the harbour' };
  await createAccount(platform, OPERATOR, { ...person, name: 'Anna Berg', verified: true, totp: false });
  await page.goto(`${url}/sign-in`);
  await enter(withPointer(page), person);
}

/** Opens a page of somebody who is signed in; the ways in have scenes of their own. */
export async function toAccountPage(
  page: Page,
  world: Exhibition,
  path: string,
  person?: Person,
): Promise<void> {
  const { id } = person ?? (await newPerson(world.platform));
  const origin = { userAgent: await page.evaluate(() => navigator.userAgent), address: '127.0.0.1' };
  const { handle } = await signInWithoutPages(world, id, origin);
  await page.context().addCookies([{ name: 'gatehouse_session', value: handle.secret, url: world.url }]);
  await page.goto(`${world.url}${path}`);
}

export async function signInWithoutPages(
  { platform }: Pick<Exhibition, 'platform'>,
  accountId: string,
  origin: Origin,
): Promise<SignedIn> {
  const actor = { kind: 'account', id: accountId } as const;
  const { secret } = await startSession(platform, actor, { accountId, origin });
  const half = await loadHalfSession(platform, secret);
  if (!half) throw new Error('no half session');
  const completion = { half, previous: undefined, factor: 'otp', browser: undefined } as const;
  const signedIn = await inTransaction(platform, (tx) => completeSignIn(tx, actor, completion));
  if (!signedIn) throw new Error('the session was not completed');
  return signedIn;
}
