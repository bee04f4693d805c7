import { describe, expect, it } from 'vitest';
import { cleanName } from '../../src/developers/names.ts';

describe('a name', () => {
  it.each([
    ['Notes', 'Notes'],
    ['  Notes  ', 'Notes'],
    ['Notes\n', 'Notes'],
    ['Acme   Notes', 'Acme Notes'],
    ['Acme\u00a0Notes', 'Acme Notes'],
    ['Ｎｏｔｅｓ', 'Notes'],
    ['ﬁle box', 'file box'],
    ['Cafe\u0301', 'Café'],
    ['日本語カレンダー', '日本語カレンダー'],
    ["O'Brien & Søn <3", "O'Brien & Søn <3"],
    ['Kalender 📅', 'Kalender 📅'],
    ['नमस्ते', 'नमस्ते'],
    ['7', '7'],
    ['Заметки Notes', 'Заметки Notes'],
    ['LINEアプリ', 'LINEアプリ'],
    ['Ελληνικά', 'Ελληνικά'],
    ['ملاحظات', 'ملاحظات'],
    ['x'.repeat(60), 'x'.repeat(60)],
    ['👍🏽a'.repeat(30), '👍🏽a'.repeat(30)],
  ])('%j becomes %j', (raw, name) => {
    expect(cleanName(raw)).toEqual({ ok: true, name });
  });

  it.each([
    ['nothing', ''],
    ['spaces alone', '   '],
    ['punctuation alone', '...'],
    ['a braille blank', '\u2800'],
    ['a NUL', 'No\0tes'],
    ['a tab inside', 'No\ttes'],
    ['a line break inside', 'Notes\nVerified'],
    ['an escape sequence', '\u001b[31mNotes'],
    ['a C1 control', 'No\u0085tes'],
    ['a right-to-left override', 'Notes \u202egnp'],
    ['a left-to-right isolate', 'No\u2066tes'],
    ['an Arabic letter mark', 'No\u061ctes'],
    ['a zero-width space', 'No\u200btes'],
    ['a zero-width joiner', 'No\u200dtes'],
    ['a word joiner', 'No\u2060tes'],
    ['a byte order mark', 'No\ufefftes'],
    ['a soft hyphen', 'No\u00adtes'],
    ['a Hangul filler', 'No\u3164tes'],
    ['a combining grapheme joiner', 'No\u034ftes'],
    ['a variation selector', 'No\ufe0ftes'],
    ['a tag character', 'No\u{e0041}tes'],
    ['a line separator', 'No\u2028tes'],
    ['a private-use character', 'No\ue000tes'],
    ['an unassigned character', 'No\u0378tes'],
    ['half a surrogate pair', 'No\ud800tes'],
    ['piled accents', `N${'\u0337'.repeat(20)}otes`],
    ['a Cyrillic letter among Latin ones', 'N\u043etes'],
    ['a Greek letter among Latin ones', 'Not\u03b5s'],
    ['61 letters', 'x'.repeat(61)],
    ['a million letters', 'x'.repeat(1_000_000)],
    ['letters that grow under NFKC', '\ufdfa'.repeat(60)],
  ])('with %s is refused in one sentence', (_, raw) => {
    const cleaned = cleanName(raw);
    expect(cleaned.ok).toBe(false);
    expect(cleaned).toHaveProperty('sentence', expect.stringMatching(/^The name .+\.$/s));
  });
});
