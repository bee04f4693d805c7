import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/accounts/account.ts';
import type { RunningServer } from '../../src/main.ts';
import { launchChromium, openWindow, type Window, withPointer } from '../support/browser.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTestServer } from '../support/server.ts';
import { codeOf, newPerson, OPERATOR, type Person } from '../support/world.ts';
import { plugIn, type VirtualAuthenticator, withoutAutofill } from './virtual-authenticator.ts';

const PASSKEYS = '/account/sign-in-methods/passkeys';

describe('passkeys in a real browser', { timeout: 60_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  /** A site of somebody else on our own host: the browser lets it use our relying party id. */
  let neighbour: Server;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer({ jobs: true }), launchChromium()]);
    neighbour = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<p>hello'),
    );
    await new Promise<void>((resolve) => neighbour.listen(0, 'localhost', resolve));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    neighbour?.close();
    await server?.stop();
  });

  const neighbourOrigin = () => `http://localhost:${(neighbour.address() as AddressInfo).port}`;

  interface Owner extends Window {
    readonly person: Person;
    readonly authenticator: VirtualAuthenticator;
  }

  /** Somebody who is signed in and has just made a passkey. */
  async function owner(): Promise<Owner> {
    const person = await newPerson(server.platform);
    const window = await openWindow(browser, [server.url, neighbourOrigin()]);
    const { page } = window;
    const authenticator = await plugIn(page);
    const hands = withPointer(page);
    await page.goto(`${server.url}${PASSKEYS}`);
    await hands.fill('Email', person.email);
    await hands.fill('Password', person.password);
    await hands.press('Sign in');
    await hands.fill('One-time code', await codeOf(person));
    await hands.press('Continue');
    await hands.follow('Add a passkey');
    await hands.press('Create a passkey');
    await hands.follow('I saved them, continue');
    return { ...window, person, authenticator };
  }

  const signOut = (page: Page) => page.context().clearCookies();
  const pathOf = (page: Page) => new URL(page.url()).pathname;

  it('a person adds a passkey, names it, and finds it in the list', async () => {
    const { page, incidents, authenticator, close } = await owner();
    const hands = withPointer(page);
    expect(await page.getByRole('status').textContent()).toContain('Passkey added');
    expect(await authenticator.held()).toBe(1);
    await hands.fill('Name', 'Blue laptop');
    await hands.press('Save name');
    expect(pathOf(page)).toBe(PASSKEYS);
    expect(await page.getByRole('main').textContent()).toContain('Blue laptop');
    expect(incidents).toEqual([]);
    await close();
  });

  it('says so calmly when the same device is added again', async () => {
    const { page, incidents, close } = await owner();
    await page.goto(`${server.url}${PASSKEYS}/new`);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent(), PATIENCE)
      .toContain('is in your account already');
    expect(incidents).toEqual([]);
    await close();
  });

  it('signs in from the autofill of the address field, without a word', async () => {
    const { page, incidents, close } = await owner();
    await signOut(page);
    await page.goto(`${server.url}/account`);
    await page.waitForURL(`${server.url}/account`);
    expect(incidents).toEqual([]);
    await close();
  });

  it('signs in by the button, and goes where the ticket says', async () => {
    const { page, incidents, close } = await owner();
    await signOut(page);
    await withoutAutofill(page);
    await page.goto(`${server.url}${PASSKEYS}`);
    expect(pathOf(page)).toBe('/sign-in');
    await withPointer(page).press('Use a passkey');
    expect(page.url()).toBe(`${server.url}${PASSKEYS}`);
    expect(incidents).toEqual([]);
    await close();
  });

  it('is the second factor after the password', async () => {
    const { page, person, incidents, close } = await owner();
    await signOut(page);
    await withoutAutofill(page);
    await page.goto(`${server.url}/sign-in`);
    const hands = withPointer(page);
    await hands.fill('Email', person.email);
    await hands.fill('Password', person.password);
    await hands.press('Sign in');
    await hands.press('Use a passkey');
    expect(page.url()).toBe(`${server.url}/account`);
    const session = await server.platform.db.browserSession.findFirstOrThrow({
      where: { accountId: person.id, endedAt: null },
      orderBy: { id: 'desc' },
    });
    expect(session.amr).toEqual(['pwd', 'pop', 'user', 'mfa']);
    expect(incidents).toEqual([]);
    await close();
  });

  it('takes the place of an authenticator app when an account is set up', async () => {
    const account = { email: 'set-up@example.org', password: 'a lantern in the harbour' };
    const input = { ...account, name: 'Anna Berg', verified: true, totp: false };
    await createAccount(server.platform, OPERATOR, input);
    const { page, incidents, close } = await openWindow(browser, [server.url]);
    await withoutAutofill(page);
    await plugIn(page);
    const hands = withPointer(page);
    await page.goto(`${server.url}/sign-in`);
    await hands.fill('Email', account.email);
    await hands.fill('Password', account.password);
    await hands.press('Sign in');
    await hands.press('Use a passkey instead');
    expect(await page.getByRole('listitem').count()).toBeGreaterThanOrEqual(10);
    await hands.follow('I saved them, continue');
    expect(pathOf(page)).toBe('/account');
    expect(incidents).toEqual([]);
    await close();
  });

  it('does nothing but say so when the person is not recognized', async () => {
    const { page, authenticator, incidents, close } = await owner();
    await signOut(page);
    await withoutAutofill(page);
    await authenticator.recognize(false);
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent(), PATIENCE)
      .toContain('Nothing has changed');
    expect(pathOf(page)).toBe('/sign-in');
    expect(incidents).toEqual([]);
    await close();
  });

  it('refuses a passkey that was removed, and offers the other ways', async () => {
    const { page, person, close } = await owner();
    await server.platform.db.passkey.deleteMany({ where: { accountId: person.id } });
    await signOut(page);
    await withoutAutofill(page);
    await page.goto(`${server.url}/sign-in`);
    const hands = withPointer(page);
    await hands.press('Use a passkey');
    expect(await page.getByRole('alert').textContent()).toContain('may have been removed');
    await hands.follow('Use another way');
    expect(pathOf(page)).toBe('/sign-in');
    await close();
  });

  it('is of no use to a site under another name', async () => {
    const { page, close } = await owner();
    await page.goto(server.url.replace('localhost', '127.0.0.1'));
    expect(await page.evaluate(askForPasskey, 'AAAA')).toBe('SecurityError');
    await close();
  });

  it('answers a site on another port of our host, and we refuse the answer', async () => {
    const { page, close } = await owner();
    await signOut(page);
    await withoutAutofill(page);
    await page.goto(`${server.url}/sign-in`);
    const challenge = await page.evaluate(challengeOfPage);
    await page.goto(neighbourOrigin());
    const answer = await page.evaluate(askForPasskey, challenge);
    expect(answer).toContain('clientDataJSON');
    await page.goto(`${server.url}/sign-in`);
    await Promise.all([page.waitForEvent('load'), page.evaluate(sendAnswer, answer)]);
    expect(await page.getByRole('alert').textContent()).toContain('We did not accept this passkey');
    await close();
  });

  it('offers nothing where scripts are switched off', async () => {
    const { page, close } = await openWindow(browser, [server.url], { javaScriptEnabled: false });
    await page.goto(`${server.url}/sign-in`);
    expect(await page.getByRole('button').allTextContents()).toEqual(['Sign in']);
    await close();
  });
});

/** Runs in the page: a challenge of ours, as the script of the sign-in page gets one. */
async function challengeOfPage(): Promise<string> {
  const form = document.querySelector<HTMLFormElement>('form[data-passkey]');
  const body = new URLSearchParams(new FormData(form as HTMLFormElement) as unknown as URLSearchParams);
  const answer = await fetch(form?.dataset.challenges ?? '', { method: 'POST', body });
  return (await answer.json()).challenge;
}

/** Runs in the page of somebody else: asks for a passkey of ours; the answer, or the name of what prevented it. */
async function askForPasskey(challenge: string): Promise<string> {
  const bytes = Uint8Array.from(atob(challenge.replaceAll('-', '+').replaceAll('_', '/')), (sign) =>
    sign.charCodeAt(0),
  );
  try {
    const publicKey = { challenge: bytes, rpId: 'localhost', userVerification: 'required' } as const;
    return JSON.stringify(await navigator.credentials.get({ publicKey }));
  } catch (error) {
    return (error as Error).name;
  }
}

/** Runs in the page: sends an answer as our script would. */
function sendAnswer(answer: string): void {
  const form = document.querySelector<HTMLFormElement>('form[data-passkey]');
  const field = form?.elements.namedItem('credential') as HTMLInputElement;
  field.value = answer;
  form?.submit();
}
