import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, findAccount } from '../../../src/accounts/account.ts';
import type { Ceremony } from '../../../src/accounts/credentials/passkey-challenges.ts';
import { askForPasskey } from '../../../src/accounts/credentials/passkey-proof.ts';
import {
  beginRegistration,
  MOST_PASSKEYS,
  type Registrant,
  registerPasskey,
} from '../../../src/accounts/credentials/passkey-registration.ts';
import { findPasskey, listPasskeys, renamePasskey } from '../../../src/accounts/credentials/passkeys.ts';
import { removePasskey } from '../../../src/accounts/credentials/remove-passkey.ts';
import {
  endSession,
  type HalfSession,
  type LiveSession,
  loadHalfSession,
  loadSession,
  startSession,
} from '../../../src/accounts/sessions/sessions.ts';
import {
  proveSecondFactorByPasskey,
  signInByPasskey,
} from '../../../src/accounts/sign-in/passkey-sign-in.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import {
  type Asked,
  Authenticator,
  type AuthenticatorOptions,
  type Twist,
} from '../../support/authenticator.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ORIGIN = { userAgent: 'test', address: '127.0.0.1' };
const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Account;
let registrant: Registrant;
let browser: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  anna = await newAccount();
  browser = newHandle('browser', clock.now());
  registrant = await registrantFor(anna);
});

/** A session of this account, in the browser of the test. */
async function registrantFor(account: Account): Promise<Registrant> {
  return { account, sessionId: (await halfSession(account.id)).id, browser };
}

async function newAccount(totp = true): Promise<Account> {
  const { id } = await createPerson(platform, { totp });
  return (await findAccount(platform, id)) as Account;
}

const device = (options?: AuthenticatorOptions) => new Authenticator(platform.config.issuer, options);

async function register(
  authenticator = device(),
  twist: Twist = {},
  change: { who?: Registrant; answerAs?: Registrant; seconds?: number } = {},
) {
  const { who = registrant, answerAs = who, seconds = 0 } = change;
  const asked = (await beginRegistration(platform, who)) as Asked;
  const answer = authenticator.create(asked, twist);
  clock.forward(seconds);
  return registerPasskey(platform, ACTOR, answerAs, { answer, unnamed: 'Passkey' });
}

async function registered(options?: AuthenticatorOptions, who = registrant) {
  const authenticator = device(options);
  const outcome = await register(authenticator, {}, { who });
  if (!outcome.ok) throw new Error(outcome.reason);
  return { authenticator, passkey: outcome.passkey };
}

/** A challenge as the sign-in page gets it. */
const ask = (input: Partial<Ceremony> & { whose?: string } = {}) => {
  const { whose, purpose = 'sign-in', sessionId } = input;
  return askForPasskey(platform, { purpose, browser: input.browser ?? browser, sessionId }, whose);
};

const signIn = (
  answer: string,
  input: { browser?: string; previous?: LiveSession; accountId?: string } = {},
) => {
  const { previous, accountId } = input;
  const demand = { accountId };
  return signInByPasskey(platform, ACTOR, {
    answer,
    browser: input.browser ?? browser,
    previous,
    demand,
    origin: ORIGIN,
  });
};

async function halfSession(accountId = anna.id): Promise<HalfSession> {
  const { secret } = await startSession(platform, ACTOR, { accountId, origin: ORIGIN });
  return (await loadHalfSession(platform, secret)) as HalfSession;
}

const prove = (answer: string, half: HalfSession, by = browser) =>
  proveSecondFactorByPasskey(platform, ACTOR, { answer, half, browser: by, previous: undefined });

const refusedAs = (reason: string) => expect.objectContaining({ ok: false, reason });

async function lastEvent() {
  const [event] = await platform.db.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 });
  return event;
}

describe('registering a passkey', () => {
  it('asks for a discoverable passkey that knows its person, under a handle that tells nothing', async () => {
    const { authenticator } = await registered();
    const options = await beginRegistration(platform, registrant);
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'Gatehouse' },
      user: { name: anna.email, displayName: anna.name },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: authenticator.id, transports: ['hybrid', 'internal'] }],
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257]);
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
    expect(Buffer.from(options.user.id, 'base64url')).toHaveLength(32);
    expect(options.user.id).not.toContain(anna.id);
  });

  it('keeps it under the name of its provider, and says so in the audit', async () => {
    const aaguid = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
    const { passkey } = await registered({ aaguid });
    expect(passkey).toMatchObject({ name: 'iCloud Keychain', provider: 'iCloud Keychain', synced: false });
    expect(await listPasskeys(platform, anna.id)).toEqual([passkey]);
    const events = await platform.db.auditEvent.findMany({ where: { targetId: passkey.id } });
    expect(events.map(({ action }) => action)).toEqual(['passkey.added']);
  });

  it('calls one of an unknown maker what the page calls it, and never two the same', async () => {
    expect(await register()).toMatchObject({ ok: true, passkey: { name: 'Passkey' } });
    expect(await register()).toMatchObject({ ok: true, passkey: { name: 'Passkey 2' } });
  });

  it.each<[what: string, twist: Twist, reason: string]>([
    ['a challenge that we never gave', { challenge: 'A'.repeat(43) }, 'expired'],
    ['the type of a sign-in', { type: 'webauthn.get' }, 'refused'],
    ['another origin', { origin: 'https://gatehouse.example' }, 'refused'],
    ['another port of our host', { origin: 'http://localhost:9' }, 'refused'],
    ['another relying party', { rpId: 'gatehouse.example' }, 'refused'],
    ['a frame', { crossOrigin: true }, 'unreadable'],
    ['a frame of a named page', { crossOrigin: true, topOrigin: 'https://elsewhere.example' }, 'unreadable'],
    ['nobody present', { flags: { up: false } }, 'refused'],
    ['nobody verified', { flags: { uv: false } }, 'refused'],
    ['a backup that cannot be', { flags: { bs: true } }, 'refused'],
    ['an algorithm that we did not ask for', { alg: -35 }, 'refused'],
    ['an attestation statement beside format none', { attStmt: new Map([['x', 'y']]) }, 'refused'],
    ['a format that does not exist', { format: 'invented' }, 'refused'],
    ['bytes behind its data', { tail: Buffer.from('00', 'hex') }, 'refused'],
  ])('refuses %s', async (_what, twist, reason) => {
    expect(await register(device(), twist)).toEqual({ ok: false, reason });
    expect(await listPasskeys(platform, anna.id)).toEqual([]);
  });

  it('refuses certificates unread, so that nothing is fetched on behalf of whoever sends them', async () => {
    const attStmt = new Map<string, unknown>([
      ['alg', -7],
      ['sig', Buffer.alloc(70)],
      ['x5c', [Buffer.alloc(500)]],
    ]);
    for (const format of ['packed', 'fido-u2f', 'tpm', 'android-key', 'apple', 'android-safetynet'])
      expect(await register(device(), { format, attStmt }), format).toEqual(refusedAs('refused'));
  });

  it('takes a challenge from its own browser and session alone, within five minutes, once', async () => {
    const bert = await newAccount();
    const others: [string, Registrant][] = [
      ['browser', { ...registrant, browser: newHandle('browser', clock.now()) }],
      ['session', { ...registrant, sessionId: newId() }],
      ['account', { ...registrant, account: bert, sessionId: newId() }],
    ];
    for (const [what, answerAs] of others)
      expect(await register(device(), {}, { answerAs }), what).toEqual(refusedAs('expired'));
    expect(await register(device(), {}, { seconds: 300 })).toEqual(refusedAs('expired'));
    expect(await register(device(), {}, { seconds: 299 })).toMatchObject({ ok: true });

    const asked = (await beginRegistration(platform, registrant)) as Asked;
    const [first, second] = [device().create(asked), device().create(asked)];
    const send = (answer: string) =>
      registerPasskey(platform, ACTOR, registrant, { answer, unnamed: 'Passkey' });
    expect(await send(first)).toMatchObject({ ok: true });
    expect(await send(second)).toEqual(refusedAs('expired'));
  });

  it('takes no challenge of a sign-in', async () => {
    const challenge = (await ask({ sessionId: registrant.sessionId })).challenge;
    expect(await register(device(), { challenge })).toEqual(refusedAs('expired'));
  });

  it('refuses a credential that is registered already, for another account too', async () => {
    const authenticator = device();
    expect(await register(authenticator)).toMatchObject({ ok: true });
    expect(await register(authenticator)).toEqual(refusedAs('already-here'));
    const who = await registrantFor(await newAccount());
    expect(await register(authenticator, {}, { who })).toEqual(refusedAs('already-here'));
  });

  it('keeps nothing for a session that was ended meanwhile, nor removes anything', async () => {
    const { passkey } = await registered();
    const asked = (await beginRegistration(platform, registrant)) as Asked;
    const answer = device().create(asked);
    await endSession(platform, ACTOR, registrant.sessionId);
    const late = registerPasskey(platform, ACTOR, registrant, { answer, unnamed: 'Passkey' });
    expect(await late).toEqual(refusedAs('session-over'));
    const { sessionId } = registrant;
    const removal = removePasskey(platform, ACTOR, { account: anna, id: passkey.id, sessionId });
    expect(await removal).toEqual(refusedAs('session-over'));
    expect(await listPasskeys(platform, anna.id)).toHaveLength(1);
  });

  it('stops when an account has twenty, however many arrive at once', async () => {
    for (let n = 0; n < MOST_PASSKEYS - 1; n += 1) await registered();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => register()));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await register()).toEqual(refusedAs('too-many'));
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"id":'],
    ['a list', '[]'],
    ['too much', `{"id":"${'A'.repeat(40_000)}"}`],
    ['no base64url', '{"id":"+","rawId":"+","type":"public-key","response":{}}'],
    ['nested without end', '['.repeat(30_000)],
  ])('calls %s unreadable', async (_what, answer) => {
    const outcome = registerPasskey(platform, ACTOR, registrant, { answer, unnamed: 'Passkey' });
    expect(await outcome).toEqual({ ok: false, reason: 'unreadable' });
  });

  it('survives CBOR that is none', async () => {
    for (const bytes of [
      Buffer.of(0xa0),
      Buffer.of(0xff),
      Buffer.alloc(20_000, 0x81),
      Buffer.of(0x5b, 255, 255, 255, 255),
    ]) {
      const asked = (await beginRegistration(platform, registrant)) as Asked;
      const whole = JSON.parse(device().create(asked));
      whole.response.attestationObject = bytes.toString('base64url');
      const input = { answer: JSON.stringify(whole), unnamed: 'Passkey' };
      expect(await registerPasskey(platform, ACTOR, registrant, input)).toEqual(refusedAs('refused'));
    }
  });
});

describe('signing in with a passkey alone', () => {
  it('proves two factors at once and resists phishing', async () => {
    const { authenticator, passkey } = await registered();
    clock.forward(60);
    const outcome = await signIn(authenticator.get(await ask()));
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.session).toMatchObject({ accountId: anna.id, acr: 'phr', amr: ['pop', 'user', 'mfa'] });
    expect(await loadSession(platform, outcome.handle.secret)).toMatchObject({ acr: 'phr' });
    expect(await findPasskey(platform, { accountId: anna.id, id: passkey.id })).toMatchObject({
      lastUsedAt: clock.now(),
    });
  });

  it('works again and again, with a counter and without one', async () => {
    for (const counts of [true, false]) {
      const { authenticator } = await registered({ counts });
      for (let n = 0; n < 3; n += 1)
        expect(await signIn(authenticator.get(await ask()))).toMatchObject({ ok: true });
    }
  });

  it.each(['ES256', 'EdDSA', 'RS256'] as const)('works with a key for %s', async (key) => {
    const { authenticator } = await registered({ key });
    const refused = await signIn(authenticator.get(await ask(), { tamper: flipped }));
    expect(refused).toEqual(refusedAs('refused'));
    expect(await signIn(authenticator.get(await ask()))).toMatchObject({ ok: true });
  });

  it('names no credential to a stranger', async () => {
    await registered();
    expect(await ask()).toMatchObject({
      rpId: 'localhost',
      allowCredentials: [],
      userVerification: 'required',
    });
  });

  it.each<[what: string, twist: Twist, reason: string]>([
    ['a challenge that we never gave', { challenge: 'A'.repeat(43) }, 'expired'],
    ['the type of a registration', { type: 'webauthn.create' }, 'refused'],
    ['another origin', { origin: 'https://gatehouse.example' }, 'refused'],
    ['our host over another scheme', { origin: 'https://localhost:3000' }, 'refused'],
    ['another relying party', { rpId: 'gatehouse.example' }, 'refused'],
    ['a frame', { crossOrigin: true }, 'unreadable'],
    ['a frame of a named page', { crossOrigin: true, topOrigin: 'https://elsewhere.example' }, 'unreadable'],
    ['a page above without a frame', { topOrigin: 'https://elsewhere.example' }, 'unreadable'],
    ['nobody present', { flags: { up: false } }, 'refused'],
    ['nobody verified', { flags: { uv: false } }, 'refused'],
    ['a backup that cannot be', { flags: { bs: true } }, 'refused'],
    ['a signature with one bit changed', { tamper: flipped }, 'refused'],
    ['an empty signature', { tamper: () => Buffer.alloc(0) }, 'unreadable'],
    ['bytes behind its data', { tail: Buffer.of(0) }, 'refused'],
    ['no user handle', { userHandle: null }, 'refused'],
    ['the handle of nobody', { userHandle: 'A'.repeat(43) }, 'refused'],
    ['a handle that is too short', { userHandle: 'AA' }, 'refused'],
    ['a counter that stands still', { counter: 1 }, 'cloned'],
    ['a counter that went back to nothing', { counter: 0 }, 'cloned'],
  ])('refuses %s', async (_what, twist, reason) => {
    const { authenticator } = await registered();
    const outcome = await signIn(authenticator.get(await ask(), twist));
    expect(outcome).toEqual({ ok: false, reason });
    const told = { action: 'sign-in.failed', details: { factor: 'passkey', reason } };
    // What anybody can send for nothing leaves nothing in the trail.
    if (reason === 'expired' || reason === 'unreadable') expect(await lastEvent()).not.toMatchObject(told);
    else expect(await lastEvent()).toMatchObject(told);
    expect(await signIn(authenticator.get(await ask(), { counter: 100 }))).toMatchObject({ ok: true });
  });

  it('refuses the signature of another key under the id of a passkey', async () => {
    const { authenticator } = await registered();
    const { authenticator: thief } = await registered(undefined, await registrantFor(await newAccount()));
    const asked = await ask();
    const { user } = await beginRegistration(platform, registrant);
    const twist = { id: authenticator.id, counter: 50, userHandle: user.id };
    expect(await signIn(thief.get(asked, twist))).toEqual(refusedAs('refused'));
  });

  it('refuses the handle of another account', async () => {
    const { authenticator } = await registered();
    const bert = { ...registrant, account: await newAccount() };
    const { user } = await beginRegistration(platform, bert);
    expect(await signIn(authenticator.get(await ask(), { userHandle: user.id }))).toEqual(
      refusedAs('refused'),
    );
  });

  it('takes a challenge from its own browser, session and purpose alone, within five minutes, once', async () => {
    const { authenticator } = await registered();
    const elsewhere = newHandle('browser', clock.now());
    expect(await signIn(authenticator.get(await ask()), { browser: elsewhere })).toEqual(
      refusedAs('expired'),
    );
    expect(await signIn(authenticator.get(await ask()), { browser: '' })).toEqual(refusedAs('expired'));
    expect(await signIn(authenticator.get(await ask({ sessionId: newId() })))).toEqual(refusedAs('expired'));
    expect(await signIn(authenticator.get(await ask({ purpose: 'second-factor' })))).toEqual(
      refusedAs('expired'),
    );
    expect(await signIn(authenticator.get(await ask({ purpose: 'registration' })))).toEqual(
      refusedAs('expired'),
    );
    const late = authenticator.get(await ask());
    clock.forward(300);
    expect(await signIn(late)).toEqual(refusedAs('expired'));
    const answer = authenticator.get(await ask());
    expect(await signIn(answer)).toMatchObject({ ok: true });
    expect(await signIn(answer)).toEqual(refusedAs('expired'));
  });

  it('spends the challenge of an answer that is refused', async () => {
    const { authenticator } = await registered();
    const asked = await ask();
    expect(await signIn(authenticator.get(asked, { tamper: flipped }))).toEqual(refusedAs('refused'));
    expect(await signIn(authenticator.get(asked))).toEqual(refusedAs('expired'));
  });

  it('refuses a passkey that was removed, and names it so that its keeper can forget it', async () => {
    const { authenticator, passkey } = await registered();
    await removePasskey(platform, ACTOR, { account: anna, id: passkey.id, sessionId: registrant.sessionId });
    const outcome = await signIn(authenticator.get(await ask()));
    expect(outcome).toEqual({ ok: false, reason: 'unknown', unknown: authenticator.id });
  });

  it('lets one of fifty answers to one challenge in', async () => {
    const { authenticator } = await registered({ counts: false });
    const asked = await ask();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => signIn(authenticator.get(asked))));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((one) => !one.ok && one.reason === 'expired')).toHaveLength(49);
  });

  it('lets one of two copies in that count alike, whatever challenges they answer', async () => {
    const { authenticator } = await registered();
    const asked = await Promise.all([ask(), ask(), ask()]);
    const outcomes = await Promise.all(asked.map((one) => signIn(authenticator.get(one, { counter: 7 }))));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((one) => !one.ok && one.reason === 'cloned')).toHaveLength(2);
  });

  it('as a confirmation takes the passkeys of that account alone', async () => {
    const { authenticator } = await registered();
    const bert = await newAccount();
    const { authenticator: foreign } = await registered(undefined, await registrantFor(bert));
    const first = await signIn(authenticator.get(await ask()));
    if (!first.ok) throw new Error(first.reason);
    const previous = first.session;
    const confirm = async (by: Authenticator, twist: Twist = {}) => {
      const asked = await ask({ sessionId: previous.id, whose: anna.id });
      expect(asked.allowCredentials).toMatchObject([{ id: authenticator.id }]);
      return signIn(by.get(asked, twist), { previous, accountId: anna.id });
    };
    expect(await confirm(foreign)).toEqual(refusedAs('wrong-account'));
    expect(await confirm(authenticator, { userHandle: null })).toMatchObject({
      ok: true,
      session: { id: previous.id },
    });
    const { user } = await beginRegistration(platform, { ...registrant, account: bert });
    expect(await confirm(authenticator, { userHandle: user.id })).toEqual(refusedAs('refused'));
  });
});

describe('a passkey as the second factor', () => {
  it('completes the half session that asked', async () => {
    const { authenticator } = await registered();
    const half = await halfSession();
    const asked = await ask({ purpose: 'second-factor', sessionId: half.id, whose: anna.id });
    expect(asked.allowCredentials).toMatchObject([{ id: authenticator.id }]);
    expect(await prove(authenticator.get(asked, { userHandle: null }), half)).toMatchObject({
      ok: true,
      session: { id: half.id, acr: 'phr', amr: ['pwd', 'pop', 'user', 'mfa'] },
    });
  });

  it('refuses the passkey of somebody else, and another half session, browser or purpose', async () => {
    const { authenticator } = await registered();
    const { authenticator: foreign } = await registered(undefined, await registrantFor(await newAccount()));
    const half = await halfSession();
    const here = { purpose: 'second-factor', sessionId: half.id } as const;
    expect(await prove(foreign.get(await ask(here)), half)).toEqual(refusedAs('wrong-account'));
    const details = { factor: 'passkey', reason: 'wrong-account', knownBrowser: false, letter: true };
    expect(await lastEvent()).toMatchObject({ action: 'second-factor.failed', targetId: anna.id, details });
    const otherHalf = await halfSession();
    expect(await prove(authenticator.get(await ask(here)), otherHalf)).toEqual(refusedAs('expired'));
    const elsewhere = newHandle('browser', clock.now());
    expect(await prove(authenticator.get(await ask(here)), half, elsewhere)).toEqual(refusedAs('expired'));
    expect(await prove(authenticator.get(await ask()), half)).toEqual(refusedAs('expired'));
    expect(await prove(authenticator.get(await ask(here)), half)).toMatchObject({ ok: true });
  });
});

describe('what owners do with their passkeys', () => {
  it('renames and removes only what is theirs', async () => {
    const { passkey } = await registered();
    const bert = await newAccount();
    const foreign = { accountId: bert.id, id: passkey.id };
    expect(await findPasskey(platform, foreign)).toBeUndefined();
    expect(await renamePasskey(platform, ACTOR, { ...foreign, name: 'Mine' })).toBe(false);
    expect(
      await removePasskey(platform, ACTOR, {
        account: bert,
        id: passkey.id,
        sessionId: registrant.sessionId,
      }),
    ).toEqual(refusedAs('unknown'));
    const own = { accountId: anna.id, id: passkey.id };
    expect(await renamePasskey(platform, ACTOR, { ...own, name: 'Blue key' })).toBe(true);
    expect(await findPasskey(platform, own)).toMatchObject({ name: 'Blue key' });
    expect(
      await removePasskey(platform, ACTOR, {
        account: anna,
        id: passkey.id,
        sessionId: registrant.sessionId,
      }),
    ).toEqual({ ok: true });
    expect(
      await removePasskey(platform, ACTOR, {
        account: anna,
        id: passkey.id,
        sessionId: registrant.sessionId,
      }),
    ).toEqual(refusedAs('unknown'));
    expect(await lastEvent()).toMatchObject({ action: 'passkey.removed', targetId: passkey.id });
  });

  it('leaves the last second factor where it is, however many removals arrive at once', async () => {
    const account = await newAccount(false);
    const who = await registrantFor(account);
    const made = [await registered(undefined, who), await registered(undefined, who)];
    const removals = made.map(({ passkey: { id } }) =>
      removePasskey(platform, ACTOR, { account, id, sessionId: who.sessionId }),
    );
    const outcomes = await Promise.all(removals);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes).toContainEqual(refusedAs('last-factor'));
    expect(await listPasskeys(platform, account.id)).toHaveLength(1);
  });
});

function flipped(signature: Buffer): Buffer {
  const last = signature.length - 1;
  return Buffer.from(signature).fill((signature[last] ?? 0) ^ 1, last);
}
