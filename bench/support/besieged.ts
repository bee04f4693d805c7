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
const PATIENCE = 8;

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
    const browser = newBrowser(connections, places, homeOf(number));
    if (way === 'known browser') {
      const known = await noteKnownBrowser(platform, { accountId: person.id, browser: undefined });
      browser.cookies.set('gatehouse_browser', known?.secret ?? '');
    }
    const key = way === 'passkey' ? await givePasskey(platform, person.id) : undefined;
    people.push({ way, signIn: () => signIn(browser, person, key) });
  }
  return people;
}

/** Everybody lives somewhere else. */
function homeOf(number: number): string {
  return `100.${64 + (number >> 8)}.${number & 255}.10`;
}

async function signIn(browser: Browser, person: Person, key: Authenticator | undefined): Promise<SignedIn> {
  const began = performance.now();
  const counts = { waits: 0, busy: 0 };
  const done = (ok: boolean) => ({ ok, seconds: (performance.now() - began) / 1000, ...counts });
  for (let times = 0; times < PATIENCE; times += 1) {
    const page = await browser.open('/sign-in');
    const answer = key ? await byPasskey(browser, page, key) : await byPassword(browser, page, person);
    const path = pathIn(answer);
    if (path === '/account') return done(true);
    if (path === '/sign-in/second-factor') return done(await proveFactor(browser, person));
    const retry = Number(answer.headers['retry-after']);
    if (!(retry > 0)) throw new Error(`a sign-in got ${answer.status} ${answer.text.slice(0, 300)}`);
    if (answer.status === 429) counts.waits += 1;
    else counts.busy += 1;
    await sleep(retry * 1000);
  }
  return done(false);
}

async function byPassword(browser: Browser, page: Answer, { email, password }: Person): Promise<Answer> {
  return browser.post('/sign-in', filledIn(page, 'Sign in', { email, password }));
}

async function byPasskey(browser: Browser, page: Answer, key: Authenticator): Promise<Answer> {
  const form = formTo(page, '/sign-in/passkey');
  const asked = jsonOf(await browser.post('/sign-in/passkey/challenges', form));
  const credential = key.get(asked as unknown as Asked);
  return browser.post('/sign-in/passkey', { ...form, credential });
}

async function proveFactor(browser: Browser, person: Person): Promise<boolean> {
  const page = await browser.open('/sign-in/second-factor');
  const answer = await browser.post(
    '/sign-in/second-factor',
    filledIn(page, 'Continue', { code: await codeOf(person) }),
  );
  return pathIn(answer) === '/account';
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
