import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../src/accounts/credentials/password.ts';
import { noteKnownBrowser } from '../../src/defense/known-browsers.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import type { Asked, Authenticator } from '../../test/support/authenticator.ts';
import { givePasskey } from '../../test/support/passkeys.ts';
import { codeOf } from '../../test/support/world.ts';
import { type Browser, filledIn, formTo, newBrowser } from './browser.ts';
import { insertPerson } from './crowd.ts';
import { type Answer, type Connections, jsonOf, openConnections, type Place } from './http.ts';
import { type Installation, newInstallation } from './installation.ts';
import type { Person } from './people.ts';

/** Two server processes behind one proxy, with people who want to sign in and accounts that somebody is after. */
export interface Besieged {
  readonly platform: OpenPlatform;
  readonly places: readonly Place[];
  readonly connections: Connections;
  /** Accounts whose password is known to the attacker. */
  readonly victims: readonly Person[];
  readonly people: readonly RealPerson[];
  close(): Promise<void>;
}

export type Way = 'known browser' | 'passkey' | 'new device';

/** Somebody who signs in once while the others attack. */
export interface RealPerson {
  readonly way: Way;
  readonly person: Person;
  /** The address of their home. */
  readonly home: string;
  /** Signs in as a person does: reads the page, and comes back as told. */
  signIn(): Promise<SignedIn>;
}

export interface SignedIn {
  readonly ok: boolean;
  readonly seconds: number;
  /** Told to wait because of the attack, and turned away because the server was busy. */
  readonly waits: number;
  readonly busy: number;
}

/** Of five: three sign in on a browser they used before, one with a passkey, one with the password on a new device. */
const WAYS: readonly Way[] = ['known browser', 'known browser', 'known browser', 'passkey', 'new device'];
const PATIENCE_SECONDS = 180;

/** Of the victims, `sharing` have the same password: a few, because each hash takes a moment. */
export async function besiege(options: {
  people: number;
  victims: number;
  sharing?: number;
}): Promise<Besieged> {
  const installation = await newInstallation({ TRUST_PROXY: '1' });
  const places = [(await installation.startProcess()).place, (await installation.startProcess()).place];
  const home = places[0] as Place;
  const connections = openConnections(home, 96);
  const platform = await installation.openPlatform();
  const victims = await createVictims(platform, options.victims, options.sharing ?? 5);
  const people = await createPeople(platform, options.people, { connections, places });
  return {
    ...{ platform, places, connections, victims, people },
    close: () => leave(installation, platform, connections),
  };
}

async function leave(
  installation: Installation,
  platform: OpenPlatform,
  connections: Connections,
): Promise<void> {
  connections.close();
  await platform.close();
  await installation.close();
}

async function createVictims(platform: OpenPlatform, count: number, sharing: number): Promise<Person[]> {
  const victims: Person[] = [];
  let [password, phc] = ['', ''];
  for (let number = 0; number < count; number += 1) {
    if (number % sharing === 0) {
      password = `leaked harbor lantern ${number}`;
      phc = await hashPassword(platform, password);
    }
    victims.push(await insertPerson(platform, `victim-${number}`, phc, password));
  }
  return victims;
}

async function createPeople(
  platform: OpenPlatform,
  count: number,
  { connections, places }: { connections: Connections; places: readonly Place[] },
): Promise<RealPerson[]> {
  const shared = 'violet kettle under moss';
  const phc = await hashPassword(platform, shared);
  const people: RealPerson[] = [];
  for (let number = 0; number < count; number += 1) {
    const way = WAYS[number % WAYS.length] as Way;
    // A stranger's password must be their own: one that many strangers type looks like spraying.
    const own = way === 'new device' ? `kettle number ${number} under moss` : undefined;
    const hash = own === undefined ? phc : await hashPassword(platform, own);
    const person = await insertPerson(platform, `person-${number}`, hash, own ?? shared);
    people.push(await settle(platform, { person, way, home: homeOf(number) }, { connections, places }));
  }
  return people;
}

/** Gives somebody a browser at home, known where their way asks for it, or a passkey. */
export async function settle(
  platform: OpenPlatform,
  { person, way, home }: { person: Person; way: Way; home: string },
  { connections, places }: { connections: Connections; places: readonly Place[] },
): Promise<RealPerson> {
  const browser = newBrowser(connections, places, home);
  if (way === 'known browser') {
    const known = await noteKnownBrowser(platform, { accountId: person.id, browser: undefined });
    browser.cookies.set('gatehouse_browser', known?.secret ?? '');
  }
  const key = way === 'passkey' ? await givePasskey(platform, person.id) : undefined;
  return { way, person, home, signIn: () => signIn(browser, person, key) };
}

/** Everybody lives somewhere else. */
function homeOf(number: number): string {
  return `100.${64 + (number >> 8)}.${number & 255}.10`;
}

async function signIn(browser: Browser, person: Person, key: Authenticator | undefined): Promise<SignedIn> {
  browser.cookies.delete('gatehouse_session');
  const began = performance.now();
  const counts = { waits: 0, busy: 0 };
  const seconds = () => (performance.now() - began) / 1000;
  const proven = { password: false };
  while (seconds() < PATIENCE_SECONDS) {
    const answer = await nextAnswer(browser, person, { key, proven }).catch(lost);
    const path = pathIn(answer);
    if (path === '/account') return { ok: true, seconds: seconds(), ...counts };
    proven.password ||= path === '/sign-in/second-factor';
    // At the second factor a code that was sent before its answer was lost is used: the next one is shown half a minute later.
    const retry = Number(answer.headers['retry-after'] ?? (answer.status === 422 ? 30 : 0));
    if (answer.status === 429) counts.waits += 1;
    if (answer.status === 503) counts.busy += 1;
    await sleep(retry * 1000);
  }
  return { ok: false, seconds: seconds(), ...counts };
}

/** What follows the page that the person is at; the page itself where that is all there is. */
async function nextAnswer(
  browser: Browser,
  person: Person,
  { key, proven }: { key: Authenticator | undefined; proven: { readonly password: boolean } },
): Promise<Answer> {
  const page = await browser.open(proven.password ? '/sign-in/second-factor' : '/sign-in');
  if (page.status !== 200) return page;
  if (proven.password) {
    const code = await codeOf(person);
    return browser.post('/sign-in/second-factor', filledIn(page, 'Continue', { code }));
  }
  if (key) return byPasskey(browser, page, key);
  const { email, password } = person;
  return browser.post('/sign-in', filledIn(page, 'Sign in', { email, password }));
}

async function byPasskey(browser: Browser, page: Answer, key: Authenticator): Promise<Answer> {
  const form = formTo(page, '/sign-in/passkey');
  const challenge = await browser.post('/sign-in/passkey/challenges', form);
  if (challenge.status !== 200) return challenge;
  const credential = key.get(jsonOf(challenge) as unknown as Asked);
  return browser.post('/sign-in/passkey', { ...form, credential });
}

/** A connection broke: the person tries again, as with a server that is busy. */
function lost(): Answer {
  return { status: 503, headers: { 'retry-after': '2' }, text: '' };
}

export function pathIn({ headers }: Answer): string | undefined {
  return headers.location === undefined ? undefined : new URL(headers.location, 'http://localhost').pathname;
}

/** The people come evenly over so many seconds. Answers how it went for each. */
export async function comeAndGo(people: readonly RealPerson[], seconds: number) {
  const results = people.map(async ({ way, signIn }, number) => {
    await sleep((number * seconds * 1000) / people.length);
    const failed = { ok: false, seconds: 0, waits: 0, busy: 0 };
    return { way, ...(await signIn().catch((error: unknown) => ({ ...failed, error: String(error) }))) };
  });
  return Promise.all(results);
}
