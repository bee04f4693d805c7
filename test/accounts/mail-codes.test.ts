import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  consumeMailCode,
  createMailCode,
  findMailCode,
  judgeMailCode,
  type MailCodeRequest,
  secondsUntilNextLetter,
  sweepMailCodes,
} from '../../src/accounts/mail-codes.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { newId } from '../../src/platform/ids.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../support/clock.ts';
import { openTestPlatform } from '../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let request: MailCodeRequest;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(() => {
  clock = clockAt();
  const browser = newHandle('browser', clock.now());
  request = { purpose: 'sign-up', subjectId: newId(), emailKey: `${newId()}@example.com`, browser };
});

async function type(code: string, browser = request.browser) {
  const waiting = await findMailCode(platform, { purpose: 'sign-up', browser });
  return judgeMailCode(platform, ACTOR, { waiting, code, target: { kind: 'sign-up' } });
}

function wrong(code: string): string {
  return code === '00000000' ? '00000001' : '00000000';
}

describe('a mail code', () => {
  it('has eight digits and is stored as a keyed digest alone', async () => {
    const code = await createMailCode(platform, request);
    expect(code).toMatch(/^\d{8}$/);
    const { rows } = await platform.pool.query('SELECT * FROM mail_codes');
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  it('fits in the browser that asked', async () => {
    const code = await createMailCode(platform, request);
    expect(await type(code)).toMatchObject({ ok: true, subjectId: request.subjectId });
  });

  it('fits in no other browser', async () => {
    const code = await createMailCode(platform, request);
    expect(await type(code, newHandle('browser', clock.now()))).toEqual({ ok: false, reason: 'no-code' });
  });

  it('fits for nothing else than what it was made for', async () => {
    const code = await createMailCode(platform, request);
    const waiting = await findMailCode(platform, { purpose: 'verification', browser: request.browser });
    expect(await judgeMailCode(platform, ACTOR, { waiting, code, target: { kind: 'sign-up' } })).toEqual({
      ok: false,
      reason: 'no-code',
    });
  });

  it('allows five tries, and the right code is too late afterwards', async () => {
    const code = await createMailCode(platform, request);
    for (const triesLeft of [4, 3, 2, 1, 0]) {
      expect(await type(wrong(code))).toEqual({ ok: false, reason: 'wrong-code', triesLeft });
    }
    expect(await type(code)).toEqual({ ok: false, reason: 'no-code' });
  });

  it('allows no more than five tries in parallel', async () => {
    const code = await createMailCode(platform, request);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => type(wrong(code))));
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong-code')).toHaveLength(5);
  });

  it('works for ten minutes', async () => {
    const code = await createMailCode(platform, request);
    clock.forward(599);
    expect(await type(code)).toMatchObject({ ok: true });
    clock.forward(1);
    expect(await type(code)).toEqual({ ok: false, reason: 'no-code' });
  });

  it('is used up by one of many at the same time', async () => {
    await createMailCode(platform, request);
    const waiting = await findMailCode(platform, request);
    const uses = await Promise.all(
      Array.from({ length: 50 }, () => consumeMailCode(platform, waiting?.id ?? '')),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
  });

  it('is voided by the next one', async () => {
    const first = await createMailCode(platform, request);
    clock.forward(1);
    const second = await createMailCode(platform, request);
    if (first !== second) expect(await type(first)).toMatchObject({ ok: false, reason: 'wrong-code' });
    expect(await type(second)).toMatchObject({ ok: true });
  });

  it('without a subject never fits, and answers as if it were wrong', async () => {
    const code = await createMailCode(platform, { ...request, subjectId: undefined });
    for (const triesLeft of [4, 3, 2, 1, 0]) {
      expect(await type(code)).toEqual({ ok: false, reason: 'wrong-code', triesLeft });
    }
    expect(await type(code)).toEqual({ ok: false, reason: 'no-code' });
  });

  it('is forgotten a day after it expired', async () => {
    await createMailCode(platform, request);
    clock.forward(24 * 3600);
    await sweepMailCodes(platform);
    expect(await findMailCode(platform, request)).toBeDefined();
    clock.forward(601);
    await sweepMailCodes(platform);
    expect(await findMailCode(platform, request)).toBeUndefined();
  });
});

it('goes to one address five times an hour at most', async () => {
  for (let n = 0; n < 5; n += 1) {
    expect(await secondsUntilNextLetter(platform, request.emailKey, 'sign-up')).toBe(0);
    await createMailCode(platform, { ...request, browser: newHandle('browser', clock.now()) });
    clock.forward(60);
  }
  expect(await secondsUntilNextLetter(platform, request.emailKey, 'sign-up')).toBe(55 * 60);
  expect(await secondsUntilNextLetter(platform, request.emailKey, 'password-reset')).toBe(55 * 60);
  expect(await secondsUntilNextLetter(platform, request.emailKey, 'email-undo')).toBe(0);
  expect(await secondsUntilNextLetter(platform, `x${request.emailKey}`, 'sign-up')).toBe(0);
  clock.forward(55 * 60);
  expect(await secondsUntilNextLetter(platform, request.emailKey, 'sign-up')).toBe(0);
});
