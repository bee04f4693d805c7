import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CountedTry,
  countTry,
  delayAfter,
  FAILURES_A_DAY,
  FAILURES_OF_A_KNOWN_BROWSER,
  forgetOldFailures,
  handBackTry,
  triesBeforePause,
  type Try,
} from '../../src/defense/lockouts.ts';
import { forgetBrowsers, isKnownBrowser, noteKnownBrowser } from '../../src/defense/known-browsers.ts';
import { digestOf, newHandle } from '../../src/platform/crypto/secrets.ts';
import { newId } from '../../src/platform/ids.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../support/clock.ts';
import { openTestPlatform } from '../support/platform.ts';

let clock: MovableClock;
let platform: OpenPlatform;
let subject: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(() => {
  clock = clockAt();
  subject = `${newId()}@example.com`;
});

const stranger = (): Try => ({ factor: 'password', subject });

async function countMust(attempt: Try): Promise<CountedTry> {
  const admission = await countTry(platform, attempt);
  if (!admission.ok) throw new Error(`refused for ${admission.retryAfterSeconds} s`);
  return admission.counted;
}

/** Fails as fast as the delays allow and answers how often that was. */
async function failFor(seconds: number, attempt: Try): Promise<number> {
  const end = clock.now().getTime() + seconds * 1000;
  let failures = 0;
  for (;;) {
    const admission = await countTry(platform, attempt);
    if (admission.ok) failures += 1;
    else if (clock.now().getTime() + admission.retryAfterSeconds * 1000 > end) return failures;
    else clock.forward(admission.retryAfterSeconds);
  }
}

async function knownBrowserOf(accountId: string): Promise<string> {
  const noted = await noteKnownBrowser(platform, { accountId, browser: undefined });
  return noted?.secret ?? '';
}

async function setFailures(failures: number): Promise<void> {
  await platform.pool.query('UPDATE login_failures SET failures = $1, next_allowed_at = $2', [
    failures,
    clock.now(),
  ]);
}

describe('the delay after a failure', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 1],
    [6, 2],
    [7, 4],
    [10, 32],
    [16, 2048],
    [17, 3600],
    [99, 3600],
  ])('number %d is %d seconds', (failures, seconds) => {
    expect(delayAfter(failures)).toBe(seconds);
  });
});

describe('browsers that are not known', () => {
  it('fail five times without a delay, then wait as the table says', async () => {
    for (let n = 1; n <= 5; n += 1) await countMust(stranger());
    for (let n = 5; n <= 20; n += 1) {
      const wait = delayAfter(n);
      expect(await countTry(platform, stranger())).toEqual({ ok: false, retryAfterSeconds: wait });
      clock.forward(wait - 0.001);
      expect(await countTry(platform, stranger())).toMatchObject({ ok: false });
      clock.forward(0.001);
      await countMust(stranger());
    }
  });

  it('reach the password of one subject less than sixty times in a day', async () => {
    clock = clockAt('2026-11-20T00:00:00.000Z');
    expect(await failFor(24 * 3600 - 1, stranger())).toBeLessThan(60);
  });

  it('fail at most a hundred times a day however slow they are, until midnight UTC', async () => {
    for (let n = 0; n < FAILURES_A_DAY; n += 1) {
      await countMust(stranger());
      await platform.pool.query('UPDATE login_failures SET next_allowed_at = $1', [clock.now()]);
    }
    expect(await countTry(platform, stranger())).toEqual({ ok: false, retryAfterSeconds: 12 * 3600 });
    clock.forward(12 * 3600);
    await countMust(stranger());
  });

  it('get a try back that succeeded, and its delay with it', async () => {
    for (let n = 0; n < 30; n += 1) await handBackTry(platform, await countMust(stranger()));
    for (let n = 0; n < 5; n += 1) await countMust(stranger());
    clock.forward(1);
    await handBackTry(platform, await countMust(stranger()));
    await countMust(stranger());
    expect(await countTry(platform, stranger())).toEqual({ ok: false, retryAfterSeconds: 2 });
  });

  it('do not lift the delay of others when a try is handed back', async () => {
    for (let n = 0; n < 3; n += 1) await countMust(stranger());
    const mine = await countMust(stranger());
    await countMust(stranger());
    await handBackTry(platform, mine);
    expect(await countTry(platform, stranger())).toEqual({ ok: false, retryAfterSeconds: 1 });
  });

  it('are admitted no more often when fifty of them try at once', async () => {
    const admissions = await Promise.all(Array.from({ length: 50 }, () => countTry(platform, stranger())));
    expect(admissions.filter(({ ok }) => ok)).toHaveLength(5);
  });

  it('are counted apart by subject and by factor', async () => {
    for (let n = 0; n < 5; n += 1) await countMust(stranger());
    expect(await countTry(platform, stranger())).toMatchObject({ ok: false });
    await countMust({ factor: 'second-factor', subject });
    await countMust({ factor: 'password', subject: `x${subject}` });
  });

  it('leave no address behind, only a keyed digest of it', async () => {
    await countMust(stranger());
    const { rows } = await platform.pool.query('SELECT subject FROM login_failures');
    for (const row of rows) expect(row.subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('are forgotten after two days', async () => {
    await countMust(stranger());
    clock.forward(47 * 3600);
    const before = await platform.db.loginFailure.count();
    await forgetOldFailures(platform);
    expect(await platform.db.loginFailure.count()).toBe(before);
    clock.forward(2 * 24 * 3600);
    await forgetOldFailures(platform);
    expect(await platform.db.loginFailure.count()).toBe(0);
  });
});

describe('a known browser', () => {
  it('gets in while strangers have spent every try', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    await failFor(3600, stranger());
    expect(await countTry(platform, { ...stranger(), accountId })).toMatchObject({ ok: false });
    for (let n = 0; n < 20; n += 1) {
      const counted = await countMust({ ...stranger(), accountId, browser });
      expect(counted.by).toBe('known-browser');
      await handBackTry(platform, counted);
    }
  });

  it('waits after five failures of its own and is unknown after ten', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    const attempt = { ...stranger(), accountId, browser };
    for (let n = 0; n < 5; n += 1) await countMust(attempt);
    for (let n = 5; n < FAILURES_OF_A_KNOWN_BROWSER; n += 1) {
      expect(await countTry(platform, attempt)).toEqual({ ok: false, retryAfterSeconds: delayAfter(n) });
      clock.forward(delayAfter(n));
      await countMust(attempt);
    }
    expect((await countMust(attempt)).by).toBe('subject');
  });

  it('fails for the account too, without making anybody wait', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    for (let n = 0; n < 5; n += 1) await countMust({ ...stranger(), accountId, browser });
    // The five free tries of strangers are spent by now, so that the first of theirs sets a delay.
    await countMust(stranger());
    expect(await countTry(platform, stranger())).toEqual({ ok: false, retryAfterSeconds: 2 });
  });

  it('gives back to both counters what was right', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    for (let n = 0; n < 30; n += 1) {
      await handBackTry(platform, await countMust({ ...stranger(), accountId, browser }));
    }
    for (let n = 0; n < 5; n += 1) await countMust(stranger());
  });

  it('keeps its own ten when others have spent the hundred of the day, and no more than them', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    await countMust(stranger());
    await setFailures(FAILURES_A_DAY);
    expect(await countTry(platform, stranger())).toMatchObject({ ok: false });
    const attempt = { ...stranger(), accountId, browser };
    for (let n = 0; n < FAILURES_OF_A_KNOWN_BROWSER; n += 1) {
      expect((await countMust(attempt)).by).toBe('known-browser');
      clock.forward(delayAfter(n + 1));
    }
    expect(await countTry(platform, attempt)).toMatchObject({ ok: false });
    expect(await isKnownBrowser(platform, { accountId, browser })).toBe(false);
  });

  it('and strangers together reach the hundred of the day and stop there', async () => {
    const accountId = newId();
    await countMust(stranger());
    await setFailures(FAILURES_A_DAY - 4);
    const browsers = await Promise.all([1, 2, 3].map(() => knownBrowserOf(accountId)));
    for (const browser of browsers) await countMust({ ...stranger(), accountId, browser });
    await countMust(stranger());
    expect(await countTry(platform, stranger())).toMatchObject({ ok: false });
  });

  it('is a stranger after a reset forgot all browsers of its account, and of that account alone', async () => {
    const [anna, eve] = [newId(), newId()];
    const [annas, eves] = [await knownBrowserOf(anna), await knownBrowserOf(eve)];
    expect(await isKnownBrowser(platform, { accountId: anna, browser: annas })).toBe(true);
    expect(await isKnownBrowser(platform, { accountId: eve, browser: annas })).toBe(false);
    expect(await forgetBrowsers(platform, anna)).toBe(1);
    expect((await countMust({ ...stranger(), accountId: anna, browser: annas })).by).toBe('subject');
    expect((await countMust({ ...stranger(), accountId: eve, browser: eves })).by).toBe('known-browser');
  });

  it('is not known for another account', async () => {
    const browser = await knownBrowserOf(newId());
    expect((await countMust({ ...stranger(), accountId: newId(), browser })).by).toBe('subject');
    expect((await countMust({ ...stranger(), browser })).by).toBe('subject');
  });

  it('has one counter for both factors, admitted no more often in parallel', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    const admissions = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        countTry(platform, { factor: n % 2 ? 'password' : 'second-factor', subject, accountId, browser }),
      ),
    );
    expect(admissions.filter(({ ok }) => ok)).toHaveLength(5);
  });

  it.each([
    ['text', 'nonsense'],
    ['nothing', ''],
    ['a broken handle', 'gate_browser_x'],
    ['a handle of another kind', newHandle('session', new Date(0))],
    ['a handle that nobody was given', newHandle('browser', new Date(0))],
  ])('is not %s', async (_, browser) => {
    expect((await countMust({ ...stranger(), accountId: newId(), browser })).by).toBe('subject');
  });
});

describe('the tries that are left before a pause', () => {
  it('shrink with every failure and are none while one waits', async () => {
    const left = [];
    for (let n = 0; n < 6; n += 1) {
      left.push(await triesBeforePause(platform, stranger()));
      await countTry(platform, stranger());
    }
    expect(left).toEqual([5, 4, 3, 2, 1, 0]);
    clock.forward(1);
    expect(await triesBeforePause(platform, stranger())).toBe(1);
  });

  it("are a known browser's own", async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    for (let n = 0; n < 5; n += 1) await countMust(stranger());
    await countMust({ ...stranger(), accountId, browser });
    expect(await triesBeforePause(platform, { ...stranger(), accountId, browser })).toBe(4);
  });
});

describe('noting a known browser', () => {
  it('replaces a value that somebody may have planted, which stays worthless', async () => {
    const accountId = newId();
    const planted = newHandle('browser', clock.now());
    const noted = await noteKnownBrowser(platform, { accountId, browser: planted });
    expect(noted?.secret).not.toBe(planted);
    expect((await countMust({ ...stranger(), accountId, browser: planted })).by).toBe('subject');
    expect((await countMust({ ...stranger(), accountId, browser: noted?.secret })).by).toBe('known-browser');
  });

  it('replaces the value of somebody else who was known in this browser, and both stay known', async () => {
    const [anna, eve] = [newId(), newId()];
    const evesValue = await knownBrowserOf(eve);
    const noted = await noteKnownBrowser(platform, { accountId: anna, browser: evesValue });
    for (const accountId of [anna, eve]) {
      expect((await countMust({ ...stranger(), accountId, browser: evesValue })).by).toBe('subject');
      expect((await countMust({ ...stranger(), accountId, browser: noted?.secret })).by).toBe(
        'known-browser',
      );
    }
  });

  it('keeps the value it knows and starts its counter anew', async () => {
    const accountId = newId();
    const browser = await knownBrowserOf(accountId);
    for (let n = 0; n < 4; n += 1) await countMust({ ...stranger(), accountId, browser });
    expect(await noteKnownBrowser(platform, { accountId, browser })).toBeUndefined();
    for (let n = 0; n < 5; n += 1) await countMust({ ...stranger(), accountId, browser });
  });

  it('remembers the twenty used last', async () => {
    const accountId = newId();
    const handles: string[] = [];
    for (let n = 0; n < 22; n += 1) {
      handles.push(await knownBrowserOf(accountId));
      clock.forward(60);
    }
    const rows = await platform.db.knownBrowser.findMany({ where: { accountId } });
    const kept = new Set(rows.map(({ digest }) => Buffer.from(digest).toString('hex')));
    expect(kept).toEqual(new Set(handles.slice(2).map((handle) => digestOf(handle).toString('hex'))));
  });
});
