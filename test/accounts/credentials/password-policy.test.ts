import { dictionary } from '@zxcvbn-ts/language-common';
import { describe, expect, it } from 'vitest';
import { judgePassword, normalizePassword } from '../../../src/accounts/credentials/password-policy.ts';
import { inEnglish } from '../../../src/platform/words/english.ts';

const PERSON = ['anna.berg@example.com', 'Anna Berg'];

describe('a new password', () => {
  it.each([
    ['eight characters', 'tlq-9xwv'],
    ['a phrase', 'violet kettle under moss'],
    ['no digits, capitals or signs', 'harborlanternfox'],
    ['leading and trailing spaces', '  hm2!kz  '],
    ['emoji counted as characters', '🦊🌲🪵🔥🌙⭐🎻🧭'],
    ['256 characters', `${'ab1'.repeat(85)}x`],
    ['128 characters', `${'kettle moss '.repeat(10)}12345678`],
    ['a blocked word inside a longer phrase', 'my gatehouse likes moss'],
  ])('may be %s', (_, password) => {
    expect(judgePassword(password, PERSON)).toEqual({ ok: true });
  });

  it.each([
    ['too short', 'tlq-9xw', 'Use at least 8 characters.'],
    ['too short in characters though long in bytes', '🦊🌲🪵🔥🌙⭐🎻', 'Use at least 8 characters.'],
    ['too long', 'kettle moss '.repeat(22), 'Use at most 256 characters.'],
    ['too long after normalizing', 'ﷺ'.repeat(15), 'Use at most 256 characters.'],
    ['enormous', 'x'.repeat(60_000), 'Use at most 256 characters.'],
  ])('is refused when %s', (_, password, sentence) => {
    const judgement = judgePassword(password, PERSON);
    expect(judgement.ok ? 'taken' : inEnglish(judgement.words)).toBe(sentence);
  });

  it.each([
    ['password'],
    ['Password123!'],
    ['P@ssw0rd1'],
    ['12345678'],
    ['87654321'],
    ['11111111'],
    ['abcabcabc'],
    ['qwertyuiop'],
    ['poiuytrewq'],
    ['Gatehouse2026'],
    ['gate house!'],
    ['ＧＡＴＥＨＯＵＳＥ'],
    ['michelle'],
    ['1qaz2wsx3edc'],
    ['Sup3rm@n99'],
    ['dragon-2026'],
    ['football football'],
    ['correct horse battery staple'],
    ['Summer2026!'],
    ['iloveyou99'],
  ])('%j is refused as easy to guess', (password) => {
    expect(judgePassword(password, PERSON)).toMatchObject({
      ok: false,
      words: 'password.guessable',
    });
  });

  it.each([
    ['anna.berg@example.com'],
    ['anna.berg'],
    ['AnnaBerg1990'],
    ['19bergAnna90'],
    ['Berg & Anna!'],
    ['Anna example 2026'],
    ['annaannaanna'],
    ['annabergannaberg'],
  ])('%j is refused as saying who the person is', (password) => {
    expect(judgePassword(password, PERSON)).toEqual({ ok: false, words: 'password.personal' });
  });

  it('is longer where it may stand alone', () => {
    const words = { key: 'password.too-short', values: { count: 15 } };
    expect(judgePassword('violet kettle', PERSON, 15)).toEqual({ ok: false, words });
    expect(judgePassword('violet kettle moss', PERSON, 15)).toEqual({ ok: true });
  });

  it('is not among the passwords that people choose most', () => {
    const common = dictionary['passwords-common'].map(String).filter((word) => word.length >= 8);
    expect(common.length).toBeGreaterThan(15_000);
    expect(common.filter((word) => judgePassword(word, []).ok)).toEqual([]);
  });

  it('is judged quickly, however hostile', () => {
    const hostile = [`${'a'.repeat(255)}b`, `${'ab'.repeat(127)}c`, `${'1!'.repeat(128)}`, 'ß'.repeat(256)];
    const began = process.threadCpuUsage();
    for (const password of hostile) judgePassword(password, PERSON);
    // Of this thread alone: what else the machine does has no say.
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(200);
  });

  it('is compared in NFKC, so that two spellings of one character are one password', () => {
    expect(normalizePassword('cafe\u0301 kettle')).toBe(normalizePassword('café kettle'));
    expect(normalizePassword('kettle\u00a0moss')).toBe('kettle moss');
  });
});
