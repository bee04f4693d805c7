import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, findAccount, isFrozen } from '../../../src/accounts/account.ts';
import { listAuthenticators } from '../../../src/accounts/credentials/authenticators.ts';
import { countRecoveryCodes } from '../../../src/accounts/credentials/recovery-codes.ts';
import { issueRecoveryCodes } from '../../../src/accounts/credentials/renew-recovery-codes.ts';
import { setObligations } from '../../../src/accounts/obligations.ts';
import {
  cancelFactorReset,
  startFactorReset,
  waitingFactorReset,
} from '../../../src/accounts/recovery/factor-reset.ts';
import { sendResetCode } from '../../../src/accounts/recovery/factor-reset-codes.ts';
import {
  completeFactorReset,
  proveMailbox,
  resetSeed,
} from '../../../src/accounts/recovery/factor-reset-completion.ts';
import {
  type HalfSession,
  loadHalfSession,
  loadSession,
  startSession,
} from '../../../src/accounts/sessions/sessions.ts';
import { trustBrowser } from '../../../src/accounts/sessions/trusted-browsers.ts';
import { proveSecondFactor } from '../../../src/accounts/sign-in/second-factor.ts';
import { noteKnownBrowser } from '../../../src/defense/known-browsers.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type Person, type PersonInput } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;
const HOUR = 3600;
const DAY = 24 * HOUR;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;
let account: Account;
let browser: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  await arrange({});
});

async function arrange(input: PersonInput): Promise<void> {
  anna = await createPerson(platform, input);
  account = (await findAccount(platform, anna.id)) as Account;
  browser = newHandle('browser', clock.now());
}

async function startHalf(accountId = anna.id): Promise<HalfSession> {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, ACTOR, { accountId, origin });
  return (await loadHalfSession(platform, secret)) as HalfSession;
}

/** The code of the newest letter, opened as only the server can. */
async function codeInLetter(): Promise<string> {
  const letter = await platform.db.letter.findFirstOrThrow({ orderBy: { id: 'desc' } });
  const place = { table: 'letters', column: 'sealed', row: letter.id };
  const { subject } = JSON.parse(platform.vault.open(String(letter.sealed), place).toString());
  return /\d{8}/.exec(subject)?.[0] ?? '';
}

async function subjects(): Promise<string[]> {
  const letters = await platform.db.letter.findMany({ orderBy: { id: 'asc' } });
  return letters
    .map(({ id, sealed }) =>
      JSON.parse(
        platform.vault.open(String(sealed), { table: 'letters', column: 'sealed', row: id }).toString(),
      ),
    )
    .filter(({ to }) => to === anna.email)
    .map(({ subject }) => subject);
}

async function mailedCode(): Promise<string> {
  const sent = await sendResetCode(platform, ACTOR, { account, browser });
  if (!sent.ok) throw new Error(sent.reason);
  return codeInLetter();
}

const start = async (code?: string) =>
  startFactorReset(platform, ACTOR, { account, browser, code: code ?? (await mailedCode()) });

const prove = async (half: HalfSession, code?: string) =>
  proveMailbox(platform, ACTOR, { half, account, browser, code: code ?? (await mailedCode()) });

const complete = (half: HalfSession, code: string) =>
  completeFactorReset(platform, ACTOR, { half, account, code, browser, previous: undefined });

/** A half session that waited, typed the second code and put the new seed into its app. */
async function readyToComplete(): Promise<{ half: HalfSession; code: string }> {
  await start();
  clock.forward(72 * HOUR);
  const half = await startHalf();
  await prove(half);
  const seed = await resetSeed(platform, { half, account });
  return { half, code: codeAt(seed?.seed ?? '', clock.now()) };
}

const signInWithFactor = async () =>
  proveSecondFactor(platform, ACTOR, {
    half: await startHalf(),
    code: anna.code(),
    browser: undefined,
    previous: undefined,
  });

describe('starting to replace a lost factor', () => {
  it('takes the code of the letter and waits 72 hours, announced by another letter', async () => {
    const started = await start();
    expect(started).toMatchObject({
      ok: true,
      reset: { dueAt: new Date(clock.now().getTime() + 72 * HOUR * 1000) },
    });
    expect((await subjects()).at(-1)).toContain('Somebody wants to replace the second factor');
    const event = await platform.db.auditEvent.findFirstOrThrow({ orderBy: { id: 'desc' } });
    expect(event).toMatchObject({ action: 'factor-reset.requested' });
  });

  it('is refused with a wrong code, a used one, and one of another browser or account', async () => {
    const code = await mailedCode();
    const wrong = code === '00000000' ? '11111111' : '00000000';
    expect(await start(wrong)).toMatchObject({ ok: false, reason: 'wrong-code' });
    const elsewhere = { account, browser: newHandle('browser', clock.now()), code };
    expect(await startFactorReset(platform, ACTOR, elsewhere)).toMatchObject({ reason: 'no-code' });
    const eve = (await findAccount(platform, (await createPerson(platform)).id)) as Account;
    expect(await startFactorReset(platform, ACTOR, { account: eve, browser, code })).toMatchObject({
      reason: 'no-code',
    });
    expect(await start(code)).toMatchObject({ ok: true });
    expect(await start(code)).toMatchObject({ ok: false, reason: 'no-code' });
  });

  it('counts wrong codes with those of the second factor', async () => {
    for (let n = 0; n < 5; n += 1) await start(`0000000${n}`);
    const code = await mailedCode();
    for (let n = 0; n < 5; n += 1) await start(code === '00000000' ? '11111111' : '00000000');
    expect(await start(code)).toMatchObject({ ok: false, reason: 'too-many-tries' });
    expect(await signInWithFactor()).toMatchObject({ ok: false, reason: 'too-many-tries' });
  });

  it('a second time neither shortens nor restarts the wait', async () => {
    const first = await start();
    clock.forward(HOUR);
    const second = await start();
    expect(second).toEqual(first);
    expect(await platform.db.factorReset.count({ where: { accountId: anna.id } })).toBe(1);
  });

  it('at the same time from two browsers leaves one', async () => {
    const one = await mailedCode();
    const mine = browser;
    browser = newHandle('browser', clock.now());
    const other = await mailedCode();
    await Promise.all([
      startFactorReset(platform, ACTOR, { account, browser: mine, code: one }),
      startFactorReset(platform, ACTOR, { account, browser, code: other }),
    ]);
    expect(await platform.db.factorReset.count({ where: { accountId: anna.id } })).toBe(1);
  });

  it('is refused to operators and to whom somebody depends on', async () => {
    const demands = [{ accountId: anna.id, kind: 'no-slow-reset' as const }];
    await setObligations(platform, ACTOR, { source: `organization:${newId()}`, demands });
    expect(await start()).toEqual({ ok: false, reason: 'refused' });
    await arrange({ operator: true });
    expect(await start()).toEqual({ ok: false, reason: 'refused' });
  });
});

describe('a waiting reset', () => {
  it.each([
    ['an authenticator', signInWithFactor],
    [
      'a recovery code',
      async () => {
        const issued = await issueRecoveryCodes(platform, ACTOR, anna.id);
        return proveSecondFactor(platform, ACTOR, {
          half: await startHalf(),
          code: issued.recoveryCodes[0] ?? '',
          factor: 'recovery-code',
          browser: undefined,
          previous: undefined,
        });
      },
    ],
  ])('is cancelled by %s, with a letter', async (_, signIn) => {
    await start();
    expect(await signIn()).toMatchObject({ ok: true });
    expect(await waitingFactorReset(platform, anna.id)).toBeUndefined();
    expect((await subjects()).at(-1)).toContain('stays as it is');
  });

  it('is cancelled from a session, once', async () => {
    await start();
    const cancel = () => cancelFactorReset(platform, ACTOR, { accountId: anna.id, by: 'session' });
    expect(await Promise.all([cancel(), cancel()])).toEqual(expect.arrayContaining([true, false]));
  });

  it('is not cancelled by wrong codes, nor by another account', async () => {
    await start();
    const half = await startHalf();
    await proveSecondFactor(platform, ACTOR, {
      half,
      code: '000000',
      browser: undefined,
      previous: undefined,
    });
    await cancelFactorReset(platform, ACTOR, { accountId: newId(), by: 'session' });
    expect(await waitingFactorReset(platform, anna.id)).toBeDefined();
  });

  it('gives nothing a second too early, and nothing after a week', async () => {
    await start();
    clock.forward(72 * HOUR - 1);
    const half = await startHalf();
    expect(await prove(half, '00000000')).toEqual({ ok: false, reason: 'not-due' });
    clock.forward(1 + 7 * DAY);
    expect(await prove(await startHalf(), '00000000')).toEqual({ ok: false, reason: 'not-due' });
    expect(await waitingFactorReset(platform, anna.id)).toBeUndefined();
  });
});

describe('completing a reset', () => {
  it('removes every old factor, ends sessions and grants, and freezes the account for a week', async () => {
    await issueRecoveryCodes(platform, ACTOR, anna.id);
    await noteKnownBrowser(platform, { accountId: anna.id, browser: undefined });
    await trustBrowser(platform, ACTOR, { accountId: anna.id, userAgent: 'test' });
    const stolen = await signInWithFactor();
    const now = clock.now();
    await platform.db.grant.create({
      data: {
        ...{ id: newId(), accountId: anna.id, clientId: 'app', endsWithSession: false, payload: {} },
        ...{ createdAt: now, expiresAt: new Date(now.getTime() + 365 * DAY * 1000) },
      },
    });
    const { half, code } = await readyToComplete();
    const parallel = await startHalf();

    const done = await complete(half, code);
    if (!done.ok) throw new Error(done.reason);
    expect(await loadSession(platform, done.handle.secret)).toMatchObject({
      accountId: anna.id,
      acr: 'aal2',
    });
    expect(stolen.ok && (await loadSession(platform, stolen.handle.secret))).toBeUndefined();
    expect(await platform.db.browserSession.count({ where: { id: parallel.id, endedAt: null } })).toBe(0);
    expect(await platform.db.grant.count({ where: { accountId: anna.id, revokedAt: null } })).toBe(0);
    expect(await listAuthenticators(platform, anna.id)).toHaveLength(1);
    expect(await platform.db.trustedBrowser.count({ where: { accountId: anna.id } })).toBe(0);
    // Only the browser that has just proven everything anew.
    expect(await platform.db.knownBrowser.count({ where: { accountId: anna.id } })).toBe(1);
    expect(done.recoveryCodes).toHaveLength(10);
    expect(await countRecoveryCodes(platform, anna.id)).toBe(10);
    expect((await subjects()).at(-1)).toContain('was replaced');
    expect(await isFrozen(platform, anna.id)).toBe(true);
    clock.forward(7 * DAY);
    expect(await isFrozen(platform, anna.id)).toBe(false);
    expect(await signInWithFactor()).toMatchObject({ ok: false, reason: 'wrong-code' });
  });

  it('needs the half session that typed the code, and a code of its own seed', async () => {
    const { half, code } = await readyToComplete();
    expect(await complete(await startHalf(), code)).toEqual({ ok: false, reason: 'not-due' });
    expect(await complete(half, '000000')).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await complete(half, anna.code())).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await listAuthenticators(platform, anna.id)).toHaveLength(1);
    expect(await complete(half, code)).toMatchObject({ ok: true });
    expect(await complete(half, code)).toEqual({ ok: false, reason: 'not-due' });
  });

  it('changes nothing while the code is typed: the old factor works until the end, and then cancels', async () => {
    const { half, code } = await readyToComplete();
    expect(await signInWithFactor()).toMatchObject({ ok: true });
    expect(await complete(half, code)).toEqual({ ok: false, reason: 'not-due' });
    expect(await isFrozen(platform, anna.id)).toBe(false);
  });

  it('is refused when an obligation came meanwhile', async () => {
    const { half, code } = await readyToComplete();
    const demands = [{ accountId: anna.id, kind: 'no-slow-reset' as const }];
    await setObligations(platform, ACTOR, { source: `organization:${newId()}`, demands });
    expect(await complete(half, code)).toEqual({ ok: false, reason: 'not-due' });
  });

  it('rolls back where the half session has run out', async () => {
    const { half } = await readyToComplete();
    const seed = await resetSeed(platform, { half, account });
    clock.forward(16 * 60);
    const late = codeAt(seed?.seed ?? '', clock.now());
    expect(await complete(half, late)).toEqual({ ok: false, reason: 'session-over' });
    expect(await waitingFactorReset(platform, anna.id)).toBeDefined();
    expect(await signInWithFactor()).toMatchObject({ ok: true });
  });

  it('has one winner against the old factor proven at the same moment, whoever it is', async () => {
    const { half, code } = await readyToComplete();
    const old = await startHalf();
    const [done, signedIn] = await Promise.all([
      complete(half, code),
      proveSecondFactor(platform, ACTOR, {
        half: old,
        code: anna.code(),
        browser: undefined,
        previous: undefined,
      }),
    ]);
    expect([done.ok, signedIn.ok].filter(Boolean)).toHaveLength(1);
    const live = await platform.db.browserSession.count({
      where: { accountId: anna.id, completedAt: { not: null }, endedAt: null },
    });
    expect(live).toBe(1);
  });

  it('of twenty completions at the same time has one that succeeds', async () => {
    const { half, code } = await readyToComplete();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => complete(half, code)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });
});
