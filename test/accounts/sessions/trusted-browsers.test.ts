import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TRUSTED_BROWSERS } from '../../../src/accounts/policy.ts';
import { type HalfSession, loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import {
  forgetTrustedBrowsers,
  listTrustedBrowsers,
  removeTrustedBrowser,
  useTrustedBrowser,
} from '../../../src/accounts/sessions/trusted-browsers.ts';
import { proveSecondFactor } from '../../../src/accounts/sign-in/second-factor.ts';
import { signInOnTrustedBrowser } from '../../../src/accounts/sign-in/trusted-sign-in.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;
const DAY = 86_400;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  await allow(true);
  anna = await createPerson(platform);
});

function allow(value: boolean): Promise<void> {
  return changeSetting(platform, { kind: 'cli', id: 'test' }, { setting: TRUSTED_BROWSERS, value });
}

async function startHalf(accountId = anna.id): Promise<HalfSession> {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, ACTOR, { accountId, origin });
  return (await loadHalfSession(platform, secret)) as HalfSession;
}

async function signInAndTrust(person = anna) {
  const outcome = await proveSecondFactor(platform, ACTOR, {
    half: await startHalf(person.id),
    code: person.code(),
    browser: undefined,
    previous: undefined,
    trust: { userAgent: FIREFOX },
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.trusted?.secret;
}

async function signIn(value: string | undefined, { person = anna, demand = {}, userAgent = FIREFOX } = {}) {
  const half = await startHalf(person.id);
  const completion = { half, browser: undefined, previous: undefined, demand };
  return signInOnTrustedBrowser(platform, ACTOR, { completion, value, userAgent });
}

const lettersOf = () => platform.db.letter.count();

describe('a trusted browser', () => {
  it('signs in with the password alone, no stronger than that, under a new value each time', async () => {
    const first = await signInAndTrust();
    const second = await signIn(first);
    expect(second?.session).toMatchObject({ acr: 'aal1', amr: ['pwd'] });
    expect(second?.trusted?.secret).not.toBe(first);
    clock.forward(60);
    expect(await signIn(second?.trusted?.secret)).toBeDefined();
  });

  it('is never a known browser by that', async () => {
    const before = await platform.db.knownBrowser.count();
    await signIn(await signInAndTrust());
    expect(await platform.db.knownBrowser.count()).toBe(before + 1);
  });

  it('works for thirty days from the day it was trusted, used or not', async () => {
    let value = await signInAndTrust();
    clock.forward(29 * DAY);
    value = (await signIn(value))?.trusted?.secret;
    expect(value).toBeDefined();
    clock.forward(DAY);
    expect(await signIn(value)).toBeUndefined();
  });

  it('whose form was sent twice is asked for the second factor, and stays trusted', async () => {
    const value = await signInAndTrust();
    const [one, two] = await Promise.all([signIn(value), signIn(value)]);
    expect([one, two].filter((signedIn) => signedIn !== undefined)).toHaveLength(1);
    clock.forward(9);
    expect(await signIn(value)).toBeUndefined();
    expect(await listTrustedBrowsers(platform, anna.id)).toHaveLength(1);
  });

  it.each([
    ['the value before', 1],
    ['one from long before', 3],
  ])('whose copy shows %s is trusted no more, and its owner hears of it', async (_, uses) => {
    const copied = await signInAndTrust();
    let value = copied;
    for (let n = 0; n < uses; n += 1) {
      value = (await signIn(value))?.trusted?.secret;
      clock.forward(60);
    }
    const letters = await lettersOf();
    expect(await signIn(copied)).toBeUndefined();
    expect(await lettersOf()).toBe(letters + 1);
    expect(await signIn(value)).toBeUndefined();
    expect(await listTrustedBrowsers(platform, anna.id)).toEqual([]);
  });

  it('of one account is nothing to another, and is not voided by being tried there', async () => {
    const eve = await createPerson(platform);
    const value = await signInAndTrust();
    expect(await signIn(value, { person: eve })).toBeUndefined();
    expect(
      await useTrustedBrowser(platform, ACTOR, { accountId: eve.id, value, userAgent: FIREFOX }),
    ).toBeUndefined();
    expect(await signIn(value)).toBeDefined();
  });

  it('is nothing on another make of browser, and the same after an update', async () => {
    const value = await signInAndTrust();
    const copied = FIREFOX.replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64');
    expect(await signIn(value, { userAgent: copied })).toBeUndefined();
    expect(await signIn(value, { userAgent: '' })).toBeUndefined();
    expect(await signIn(value, { userAgent: FIREFOX.replaceAll('140', '141') })).toBeDefined();
  });

  it.each([
    ['an account, as step-up and credentials do', () => ({ accountId: anna.id })],
    ['a strength', () => ({ acr: 'aal2' as const })],
    ['even the least strength', () => ({ acr: 'aal1' as const })],
  ])('never serves where the visit demands %s', async (_, demand) => {
    const value = await signInAndTrust();
    expect(await signIn(value, { demand: demand() })).toBeUndefined();
    expect(await signIn(value)).toBeDefined();
  });

  it('is never one of an operator', async () => {
    const operator = await createPerson(platform, { operator: true });
    expect(await signInAndTrust(operator)).toBeUndefined();
    const value = await signInAndTrust();
    await platform.pool.query('UPDATE accounts SET operator = true WHERE id = $1', [anna.id]);
    expect(await signIn(value)).toBeUndefined();
  });

  it('is there only while operators allow it', async () => {
    const value = await signInAndTrust();
    await allow(false);
    expect(await signIn(value)).toBeUndefined();
    const person = await createPerson(platform);
    expect(await signInAndTrust(person)).toBeUndefined();
  });

  it.each([
    ['nothing', () => undefined],
    ['text', () => 'nonsense'],
    ['an id alone', () => `${newId()}.`],
    ['a handle that nobody was given', () => `${newId()}.${newHandle('trusted', clock.now())}`],
    ['a handle of another kind', () => `${newId()}.${newHandle('session', clock.now())}`],
  ])('is not %s', async (_, value) => {
    expect(await signIn(value())).toBeUndefined();
  });

  it('is stored without its value', async () => {
    const value = await signInAndTrust();
    const { rows } = await platform.pool.query('SELECT * FROM trusted_browsers');
    expect(JSON.stringify(rows)).not.toContain(value?.split('.')[1]);
  });

  it('is listed and removed by its owner alone', async () => {
    const value = await signInAndTrust();
    const [listed] = await listTrustedBrowsers(platform, anna.id);
    expect(listed).toMatchObject({ userAgent: FIREFOX });
    const id = listed?.id ?? '';
    for (const foreign of [
      { accountId: newId(), id },
      { accountId: anna.id, id: newId() },
      { accountId: anna.id, id: 'x' },
    ])
      expect(await removeTrustedBrowser(platform, ACTOR, foreign)).toBe(false);
    expect(await removeTrustedBrowser(platform, ACTOR, { accountId: anna.id, id })).toBe(true);
    expect(await signIn(value)).toBeUndefined();
  });

  it('is a stranger after a reset', async () => {
    const value = await signInAndTrust();
    expect(await forgetTrustedBrowsers(platform, anna.id)).toBe(1);
    expect(await signIn(value)).toBeUndefined();
  });
});
