import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import { completeSignIn } from '../../../src/accounts/sign-in/sign-in.ts';
import type { CompletingFactor } from '../../../src/accounts/sign-in/strength.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const LINUX =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(platform);
  clock.forward(3600);
});

interface From {
  readonly userAgent?: string;
  readonly address?: string;
  readonly browser?: string | undefined;
}

/** Signs in without pages; answers the value that the browser is known by from now on. */
async function signIn(factor: CompletingFactor, from: From = {}): Promise<string | undefined> {
  const { userAgent = LINUX, address = '203.0.113.77', browser } = from;
  const origin = { userAgent, address };
  const { secret } = await startSession(platform, ACTOR, { accountId: anna.id, origin });
  const half = await loadHalfSession(platform, secret);
  if (!half) throw new Error('no half session');
  const completion = { half, previous: undefined, factor, browser };
  const signedIn = await inTransaction(platform, (tx) => completeSignIn(tx, ACTOR, completion));
  return signedIn?.browser?.secret ?? browser;
}

const letters = async () => (await waitingLetters(platform)).filter(({ to }) => to === anna.email);

describe('a letter about a new browser', () => {
  it('says when, which device and roughly where, and leads to the sessions', async () => {
    await signIn('otp', { userAgent: PHONE });
    const [letter] = await letters();
    expect(letter?.subject).toBe('New sign-in to your Gatehouse account');
    for (const text of [letter?.text, letter?.html]) {
      expect(text).toContain('Safari on iOS');
      expect(text).toContain('203.0.113.x');
      expect(text).not.toContain('203.0.113.77');
      expect(text).toContain(`${platform.config.issuer}/account/sessions`);
    }
  });

  it('says nothing that the browser made up about itself', async () => {
    await signIn('otp', { userAgent: 'Your bank, call 555 0100/1.0 ' });
    const [letter] = await letters();
    expect(letter?.text).toContain('An unknown browser');
    expect(letter?.text).not.toContain('555');
  });

  it('comes once for a browser that stays, whatever it proves', async () => {
    const browser = await signIn('otp');
    for (const factor of ['otp', 'passkey', 'recovery-code', 'trusted-browser'] as const)
      await signIn(factor, { browser, address: '198.51.100.1', userAgent: PHONE });
    expect(await letters()).toHaveLength(1);
  });

  it('comes again when the account has forgotten its browsers', async () => {
    const browser = await signIn('otp');
    await platform.db.knownBrowser.deleteMany({ where: { accountId: anna.id } });
    await signIn('otp', { browser });
    expect(await letters()).toHaveLength(2);
  });

  it('goes by name and network where no second factor is asked for', async () => {
    await signIn('none');
    expect(await letters()).toHaveLength(1);
    await signIn('none', { address: '203.0.113.200' });
    expect(await letters()).toHaveLength(1);
    await signIn('none', { address: '198.51.100.1' });
    expect(await letters()).toHaveLength(2);
    await signIn('none', { userAgent: PHONE });
    expect(await letters()).toHaveLength(3);
  });

  it('comes exactly if the sign-in happened', async () => {
    const origin = { userAgent: LINUX, address: '203.0.113.77' };
    const { secret } = await startSession(platform, ACTOR, { accountId: anna.id, origin });
    const half = await loadHalfSession(platform, secret);
    if (!half) throw new Error('no half session');
    const completion = { half, previous: undefined, factor: 'otp', browser: undefined } as const;
    const complete = () => inTransaction(platform, (tx) => completeSignIn(tx, ACTOR, completion));
    const outcomes = await Promise.all([complete(), complete(), complete()]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await letters()).toHaveLength(1);
  });
});
