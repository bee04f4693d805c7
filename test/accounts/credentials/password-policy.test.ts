import { describe, expect, it } from 'vitest';
import { inEnglish } from '../../../src/platform/words/english.ts';
import { judgePassword, normalizePassword } from '../../../src/accounts/credentials/password-policy.ts';

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
    ['anna.berg@example.com'],
    ['anna.berg'],
    ['AnnaBerg1990'],
    ['correct horse battery staple'],
    ['Summer2026!'],
    ['iloveyou99'],
  ])('%j is refused as easy to guess', (password) => {
    expect(judgePassword(password, PERSON)).toMatchObject({
      ok: false,
      words: 'password.guessable',
    });
  });

  it('is compared in NFKC, so that two spellings of one character are one password', () => {
    expect(normalizePassword('cafe\u0301 kettle')).toBe(normalizePassword('café kettle'));
    expect(normalizePassword('kettle\u00a0moss')).toBe('kettle moss');
  });
});
