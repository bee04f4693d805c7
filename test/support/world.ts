import { generate } from 'otplib';
import { createAccount } from '../../src/accounts/account.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { createApi } from '../../src/developers/apis/api.ts';
import { createClient, type NewClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { epochSeconds } from '../../src/platform/clock.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { goOnFromCodes } from './people.ts';
import type { Page, Visitor } from './visitor.ts';

/** Who sets a world up: what an operator would do from the command line. */
export const OPERATOR: Actor = { kind: 'cli', id: 'test' };

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** Base32, as an authenticator app keeps it. */
  readonly seed: string;
}

export interface App {
  readonly clientId: string;
  readonly secret: string;
  readonly redirectUri: string;
}

export interface Notes {
  readonly organizationId: string;
  readonly identifier: string;
  readonly clientId: string;
  readonly secret: string;
}

export const REDIRECT_URI = 'http://localhost:4321/callback';
const PASSWORD = 'a quiet river at dawn';
let people = 0;

/** A person with a verified address and an authenticator. */
export async function newPerson(platform: Platform): Promise<Person> {
  people += 1;
  const email = `person${people}@example.org`;
  const input = { email, name: `Person ${people}`, password: PASSWORD, verified: true, totp: true };
  const created = await createAccount(platform, OPERATOR, input);
  if (!created.ok || !created.otpauthUri) throw new Error('the account was refused');
  const seed = new URL(created.otpauthUri).searchParams.get('secret') ?? '';
  return { id: created.account.id, email, password: PASSWORD, seed };
}

export async function newOrganization(platform: Platform, name = 'Acme'): Promise<string> {
  const owner = await newPerson(platform);
  const created = await createOrganization(platform, OPERATOR, { name, ownerEmail: owner.email });
  if (!created.ok) throw new Error(created.sentence);
  return created.organization.id;
}

const SCOPES = [
  { name: 'notes:read', description: 'Read your notes' },
  { name: 'notes:write', description: 'Change your notes' },
];

/** An API with a read and a write scope, owned by an organization of its own unless given. */
export async function newApi(
  platform: Platform,
  {
    organizationId,
    identifier = 'https://notes.example',
    tokenFormat = 'opaque',
  }: {
    organizationId?: string;
    identifier?: string;
    tokenFormat?: 'opaque' | 'jwt';
  } = {},
): Promise<Notes> {
  const owner = organizationId ?? (await newOrganization(platform));
  const input = { organizationId: owner, identifier, name: 'Notes', scopes: SCOPES, tokenFormat };
  const created = await createApi(platform, OPERATOR, input);
  if (!created.ok) throw new Error(created.sentence);
  const { clientId } = created.api;
  return { organizationId: owner, identifier, clientId, secret: created.issued.secret };
}

/** An app of the API's own organization, unless told otherwise. */
export async function newApp(
  platform: Platform,
  api: Notes,
  overrides: Partial<NewClient> = {},
): Promise<App> {
  const type = overrides.type ?? 'web';
  const input: NewClient = {
    organizationId: api.organizationId,
    name: 'Notebook',
    type,
    resources: [api.identifier],
    ...(type === 'machine' ? {} : { redirectUris: [REDIRECT_URI] }),
    ...overrides,
  };
  const created = await createClient(platform, OPERATOR, input);
  if (!created.ok) throw new Error(created.sentence);
  const redirectUri = input.redirectUris?.[0] ?? '';
  return { clientId: created.client.id, secret: created.issued?.secret ?? '', redirectUri };
}

/**
 * The code an authenticator app shows now, or at the moment of a clock that a test moves. A code works once: a person can
 * sign in once every 30 seconds.
 */
export async function codeOf({ seed }: Pick<Person, 'seed'>, moment = new Date()): Promise<string> {
  return generate({ secret: seed, epoch: epochSeconds(moment) });
}

/** Goes through the sign-in pages from wherever the visitor was sent to them; answers the page that follows. */
export async function signIn(
  visitor: Visitor,
  person: Omit<Person, 'id'>,
  at?: Page,
  moment?: Date,
): Promise<Page> {
  const form = at ?? (await visitor.open('/sign-in'));
  const { email, password } = person;
  const second = await visitor.submit(form, 'Sign in', { Email: email, Password: password });
  return visitor.submit(second, 'Continue', { 'One-time code': await codeOf(person, moment) });
}

export interface SignedUp {
  /** Where the sign-up led to. */
  readonly page: Page;
  /** The code that came by mail, as it was typed. */
  readonly code: string;
  readonly person: Omit<Person, 'id'>;
}

/** Through every page a newcomer sees, reading the letter at /mailbox and setting up an authenticator. */
export async function signUp(visitor: Visitor, signInPage: Page, email: string): Promise<SignedUp> {
  const link = [...signInPage.links].find(([text]) => text.toLowerCase().includes('create'))?.[1];
  const password = 'a lantern in the harbour';
  const verification = await visitor.submit(await visitor.open(String(link)), 'Create account', {
    Name: 'New Person',
    Email: email,
    Password: password,
  });
  const letters = await visitor.open('/mailbox');
  const code = /\b(\d{4}[ -]?\d{4})\b/.exec(letters.text.slice(letters.text.indexOf(email)))?.[1] ?? '';
  const enrolment = await visitor.submit(verification, 'Continue', { 'Verification code': code });
  const seed = /secret=([A-Z2-7]+)/.exec(enrolment.html)?.[1] ?? '';
  const person = { email, password, seed };
  const codes = await visitor.submit(enrolment, 'Continue', { 'One-time code': await codeOf(person) });
  const page = await goOnFromCodes(visitor, codes);
  return { page, code: code.replace(/\D/g, ''), person };
}
