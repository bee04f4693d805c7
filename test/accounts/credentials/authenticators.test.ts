import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, findAccount } from '../../../src/accounts/account.ts';
import {
  addAuthenticator,
  listAuthenticators,
  MOST_AUTHENTICATORS,
  offerAuthenticator,
  removeAuthenticator,
  renameAuthenticator,
} from '../../../src/accounts/credentials/authenticators.ts';
import { countRecoveryCodes } from '../../../src/accounts/credentials/recovery-codes.ts';
import { renewRecoveryCodes } from '../../../src/accounts/credentials/renew-recovery-codes.ts';
import { createConfirmedDevice, spendCode } from '../../../src/accounts/credentials/totp.ts';
import { SECOND_FACTOR } from '../../../src/accounts/policy.ts';
import { endSession, loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import { listTrustedBrowsers, trustBrowser } from '../../../src/accounts/sessions/trusted-browsers.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type PersonInput } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Account;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  await decide('everybody');
  anna = await accountOf({});
});

function decide(value: 'everybody' | 'optional'): Promise<void> {
  return changeSetting(platform, { kind: 'cli', id: 'test' }, { setting: SECOND_FACTOR, value });
}

async function accountOf(input: PersonInput): Promise<Account> {
  const { id } = await createPerson(platform, input);
  return (await findAccount(platform, id)) as Account;
}

/** A session of this account, far enough to own a seed. */
async function newSession({ id: accountId } = anna): Promise<string> {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, ACTOR, { accountId, origin });
  return String((await loadHalfSession(platform, secret))?.id);
}

async function seedFor(account: Account, sessionId: string): Promise<string> {
  const offered = await offerAuthenticator(platform, ACTOR, { account, sessionId });
  if (!offered.ok) throw new Error(offered.reason);
  return offered.seed;
}

async function add(account = anna, name = 'Second phone') {
  const sessionId = await newSession(account);
  const code = codeAt(await seedFor(account, sessionId), clock.now());
  return addAuthenticator(platform, ACTOR, { account, sessionId, name, code });
}

const idsOf = async (account: Account) =>
  (await listAuthenticators(platform, account.id)).map(({ id }) => id);

const remove = async (account: Account, id: string) =>
  removeAuthenticator(platform, ACTOR, { account, id, sessionId: await newSession(account) });
const renew = async ({ id: accountId }: Account) =>
  renewRecoveryCodes(platform, ACTOR, { accountId, sessionId: await newSession() });

describe('adding an authenticator', () => {
  it('keeps it under its name, next to the one that was there', async () => {
    expect(await add()).toMatchObject({ ok: true });
    const names = (await listAuthenticators(platform, anna.id)).map(({ name }) => name);
    expect(names.sort()).toEqual(['Authenticator app', 'Second phone']);
  });

  it('adds none for a session that was ended meanwhile', async () => {
    const sessionId = await newSession();
    const code = codeAt(await seedFor(anna, sessionId), clock.now());
    await endSession(platform, ACTOR, sessionId);
    const late = addAuthenticator(platform, ACTOR, { account: anna, sessionId, name: 'Phone', code });
    expect(await late).toEqual({ ok: false, reason: 'not-offered' });
  });

  it('needs a code of the seed that this very session was shown', async () => {
    const [mine, other] = [await newSession(), await newSession()];
    const code = codeAt(await seedFor(anna, mine), clock.now());
    const from = (sessionId: string, typed: string) =>
      addAuthenticator(platform, ACTOR, { account: anna, sessionId, name: 'Phone', code: typed });
    expect(await from(other, code)).toEqual({ ok: false, reason: 'not-offered' });
    await seedFor(anna, other);
    expect(await from(other, code)).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await from(mine, '000000')).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await from(mine, code)).toMatchObject({ ok: true });
    expect(await from(mine, code)).toEqual({ ok: false, reason: 'not-offered' });
  });

  it('voids the seeds that other sessions were shown', async () => {
    const other = await newSession();
    const code = codeAt(await seedFor(anna, other), clock.now());
    await add();
    const late = { account: anna, sessionId: other, name: 'Phone', code };
    expect(await addAuthenticator(platform, ACTOR, late)).toEqual({ ok: false, reason: 'not-offered' });
  });

  it('shows a new seed where half an hour went by, and takes no code of the old one', async () => {
    const sessionId = await newSession();
    const old = await seedFor(anna, sessionId);
    clock.forward(1800);
    const late = { account: anna, sessionId, name: 'Phone', code: codeAt(old, clock.now()) };
    expect(await addAuthenticator(platform, ACTOR, late)).toEqual({ ok: false, reason: 'not-offered' });
    expect(await seedFor(anna, sessionId)).not.toBe(old);
  });

  it('has its code spent, which then signs nobody in', async () => {
    const sessionId = await newSession();
    const code = codeAt(await seedFor(anna, sessionId), clock.now());
    await addAuthenticator(platform, ACTOR, { account: anna, sessionId, name: 'Phone', code });
    expect(await spendCode(platform, anna.id, code)).toEqual({ ok: false, reason: 'used-code' });
  });

  it('stops at ten, also when two are added at once', async () => {
    for (let n = 1; n < MOST_AUTHENTICATORS - 1; n += 1)
      await createConfirmedDevice(platform, { accountId: anna.id, email: anna.email });
    const sessions = [await newSession(), await newSession(), await newSession()];
    const inputs = [];
    for (const sessionId of sessions) {
      const code = codeAt(await seedFor(anna, sessionId), clock.now());
      inputs.push({ account: anna, sessionId, name: 'Phone', code });
    }
    const outcomes = await Promise.all(inputs.map((input) => addAuthenticator(platform, ACTOR, input)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await idsOf(anna)).toHaveLength(MOST_AUTHENTICATORS);
    const more = offerAuthenticator(platform, ACTOR, { account: anna, sessionId: await newSession() });
    expect(await more).toEqual({ ok: false, reason: 'too-many' });
  });

  it('gives recovery codes to an account that had none, and none to one that has some', async () => {
    const first = await add();
    expect(first.ok && first.recoveryCodes).toHaveLength(10);
    const second = await add();
    expect(second.ok && second.recoveryCodes).toBeUndefined();
  });

  it('writes to the owner and ends the trust in browsers', async () => {
    await trustBrowser(platform, ACTOR, { accountId: anna.id, userAgent: 'test' });
    const letters = await platform.db.letter.count();
    await add();
    expect(await platform.db.letter.count()).toBe(letters + 1);
    expect(await listTrustedBrowsers(platform, anna.id)).toEqual([]);
  });
});

describe('removing an authenticator', () => {
  it('leaves the others, and its codes no longer count', async () => {
    const sessionId = await newSession();
    const seed = await seedFor(anna, sessionId);
    const code = codeAt(seed, clock.now());
    const added = await addAuthenticator(platform, ACTOR, { account: anna, sessionId, name: 'Phone', code });
    expect(added.ok && (await remove(anna, added.id))).toEqual({ ok: true });
    clock.forward(30);
    const outcome = await spendCode(platform, anna.id, codeAt(seed, clock.now()));
    expect(outcome).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await idsOf(anna)).toHaveLength(1);
  });

  it('is refused for the last factor of an account that has to have one', async () => {
    const [id = ''] = await idsOf(anna);
    expect(await remove(anna, id)).toEqual({ ok: false, reason: 'last-factor' });
    expect(await idsOf(anna)).toEqual([id]);
  });

  it('leaves one of two that are removed at the same time', async () => {
    await add();
    const ids = await idsOf(anna);
    const outcomes = await Promise.all(ids.map((id) => remove(anna, id)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await idsOf(anna)).toHaveLength(1);
  });

  it('may leave none where a second factor is optional, and takes the recovery codes along', async () => {
    await decide('optional');
    await renew(anna);
    const [id = ''] = await idsOf(anna);
    expect(await remove(anna, id)).toEqual({ ok: true });
    expect(await countRecoveryCodes(platform, anna.id)).toBe(0);
    expect(await renew(anna)).toBeUndefined();
  });

  it('is not done for a session that was ended meanwhile, nor does it get recovery codes', async () => {
    await add();
    const sessionId = await newSession();
    await endSession(platform, ACTOR, sessionId);
    const [id = ''] = await idsOf(anna);
    const removed = await removeAuthenticator(platform, ACTOR, { account: anna, id, sessionId });
    expect(removed).toEqual({ ok: false, reason: 'session-over' });
    expect(await idsOf(anna)).toHaveLength(2);
    expect(await renewRecoveryCodes(platform, ACTOR, { accountId: anna.id, sessionId })).toBeUndefined();
  });

  it('may never leave an operator without one', async () => {
    await decide('optional');
    const operator = await accountOf({ operator: true });
    const [id = ''] = await idsOf(operator);
    expect(await remove(operator, id)).toEqual({ ok: false, reason: 'last-factor' });
  });

  it('reaches nobody else’s, nor one that is not confirmed, nor what is no id', async () => {
    const eve = await accountOf({});
    await add(eve);
    const [eves = ''] = await idsOf(eve);
    const offered = await offerAuthenticator(platform, ACTOR, {
      account: anna,
      sessionId: await newSession(),
    });
    const pending = offered.ok ? offered.deviceId : '';
    await add();
    for (const id of [eves, pending, 'nonsense', newId()]) {
      expect(await remove(anna, id), id).toEqual({ ok: false, reason: 'not-found' });
      const renamed = await renameAuthenticator(platform, ACTOR, { accountId: anna.id, id, name: 'Mine' });
      expect(renamed, id).toBe(false);
    }
    expect(await idsOf(eve)).toHaveLength(2);
  });
});

it('an authenticator can be renamed, and tells when it was used last', async () => {
  const [id = ''] = await idsOf(anna);
  await renameAuthenticator(platform, ACTOR, { accountId: anna.id, id, name: 'Old phone' });
  const [before] = await listAuthenticators(platform, anna.id);
  expect(before).toMatchObject({ name: 'Old phone', lastUsedAt: null });
  const person = await createPerson(platform);
  clock.forward(60);
  await spendCode(platform, person.id, person.code());
  const [used] = await listAuthenticators(platform, person.id);
  expect(used?.lastUsedAt).toEqual(clock.now());
});
