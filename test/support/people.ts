import { randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { createAccount } from '../../src/accounts/account.ts';
import { epochSeconds } from '../../src/platform/clock.ts';
import type { Platform } from '../../src/platform/platform.ts';
import type { Page, Visitor } from './visitor.ts';

export const PASSWORD = 'violet kettle under moss';

/** Somebody with an account, the password and the phone that belong to it. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly seed: string;
  /** The code that their authenticator app shows, now or some seconds away. */
  code(secondsAway?: number): string;
}

export interface PersonInput {
  readonly email?: string;
  readonly name?: string;
  readonly verified?: boolean;
  readonly totp?: boolean;
  readonly operator?: boolean;
}

export async function createPerson(platform: Platform, input: PersonInput = {}): Promise<Person> {
  const { email = `p${randomBytes(6).toString('hex')}@example.com`, name = 'Anna Berg' } = input;
  const { verified = true, totp = true, operator = false } = input;
  const account = { email, name, password: PASSWORD, verified, totp, operator };
  const created = await createAccount(platform, { kind: 'cli', id: 'test' }, account);
  if (!created.ok) throw new Error(created.reason);
  const seed = created.otpauthUri ? seedOf(created.otpauthUri) : '';
  return {
    id: created.account.id,
    email,
    name,
    password: PASSWORD,
    seed,
    code: (secondsAway = 0) => codeAt(seed, platform.clock.now(), secondsAway),
  };
}

export function seedOf(otpauthUri: string): string {
  return new URL(otpauthUri).searchParams.get('secret') ?? '';
}

export function codeAt(seed: string, now: Date, secondsAway = 0): string {
  return generateSync({ secret: seed, epoch: epochSeconds(now) + secondsAway });
}

/** Signs in through the forms, from wherever the browser was sent, and answers the page after the last step. */
export async function signInThroughForms(visitor: Visitor, page: Page, person: Person): Promise<Page> {
  const credentials = { Email: person.email, Password: person.password };
  const second = await visitor.submit(page, 'Sign in', credentials);
  return visitor.submit(second, 'Continue', { 'One-time code': person.code() });
}

/** The link under recovery codes that were just made. */
export const CODES_SAVED = 'I saved them, continue';

/** From the page that shows new recovery codes on to where it leads. */
export async function goOnFromCodes(visitor: Visitor, page: Page): Promise<Page> {
  const next = page.links.get(CODES_SAVED);
  if (!next) throw new Error(`no recovery codes at ${page.url}: ${page.text.slice(0, 500)}`);
  return visitor.open(next);
}

/** The recovery codes on a page that shows them. */
export function recoveryCodesOn({ html }: Page): string[] {
  return [...html.matchAll(/<code><bdi dir="ltr">([0-9A-Z-]{27})<\/bdi><\/code>/g)].map(([, code]) =>
    String(code),
  );
}

/** The eight digits of the newest letter to this address, read at /mailbox as a developer would. */
export async function codeFromMailbox(visitor: Visitor, email: string): Promise<string> {
  const { text } = await visitor.open('/mailbox');
  const [, letter] = text.split(email, 2);
  const code = /\b\d{8}\b/.exec(letter ?? '')?.[0];
  if (!code) throw new Error(`no letter with a code for ${email} in: ${text.slice(0, 500)}`);
  return code;
}
