import { mixedWord } from './look-alikes.ts';

/** What people may call their organizations, apps, APIs and scopes; they read it when they decide whom to trust. */
export type CleanedName =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly sentence: string };

/** Control, format (bidi, zero-width), unassigned and other characters that leave no trace on a screen. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const PILED_MARKS = /\p{M}{4,}/u;
const WORDLIKE = /[\p{L}\p{N}]/u;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line of text in NFKC with single spaces, at most `longest` graphemes. `what` begins the sentence of a refusal. */
export function cleanName(raw: string, what = 'The name', longest = 60): CleanedName {
  if (raw.length > longest * 16) return tooLong(what, longest);
  const name = raw.normalize('NFKC').trim().replace(/ +/g, ' ');
  if (HIDDEN.test(name)) {
    return {
      ok: false,
      sentence: `${what} contains control or invisible characters. Type it again without them.`,
    };
  }
  if (!WORDLIKE.test(name)) return { ok: false, sentence: `${what} needs at least one letter or digit.` };
  if (PILED_MARKS.test(name)) {
    return { ok: false, sentence: `${what} puts too many accents on one letter. Use at most three.` };
  }
  if (mixedWord(name) !== undefined) {
    return {
      ok: false,
      sentence: `${what} mixes alphabets within one word. Write each word in one of them.`,
    };
  }
  if ([...GRAPHEMES.segment(name)].length > longest) return tooLong(what, longest);
  return { ok: true, name };
}

function tooLong(what: string, longest: number): CleanedName {
  return { ok: false, sentence: `${what} is too long. Use at most ${longest} characters.` };
}
