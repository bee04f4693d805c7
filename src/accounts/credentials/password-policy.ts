import type { Words } from '../../platform/words/text-keys.ts';
import { isGuessedFirst, squeeze } from './guessed-passwords.ts';

/** Why a password is not taken. */
export type PasswordJudgement = { readonly ok: true } | { readonly ok: false; readonly words: Words };

/** The least of NIST SP 800-63B-4; where a password may stand alone, accounts/policy.ts asks for more. */
export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 256;

/** Nothing longer is looked at, because normalizing takes time in proportion to the length. */
const MOST_BYTES = 4096;

/** The form that is hashed and counted: NFKC, so that two keyboards that type the same character agree. */
export function normalizePassword(raw: string): string | undefined {
  if (Buffer.byteLength(raw) > MOST_BYTES) return undefined;
  const password = raw.normalize('NFKC');
  return [...password].length > LONGEST_PASSWORD ? undefined : password;
}

/**
 * Judges a new password by NIST SP 800-63B-4: length and a block list, no composition rules. `person` lists what others
 * know: address, name, our own name.
 */
export function judgePassword(
  raw: string,
  person: readonly string[],
  shortest: number = SHORTEST_PASSWORD,
): PasswordJudgement {
  const password = normalizePassword(raw);
  if (password === undefined)
    return refuse({ key: 'password.too-long', values: { count: LONGEST_PASSWORD } });
  if ([...password].length < shortest)
    return refuse({ key: 'password.too-short', values: { count: shortest } });
  if (isPersonal(password, person)) return refuse('password.personal');
  return isGuessable(squeeze(password)) ? refuse('password.guessable') : { ok: true };
}

function refuse(words: Words): PasswordJudgement {
  return { ok: false, words };
}

const SHORTEST_PART = 3;

/** Nothing but what others know of this person, in any order, with any digits and signs around and between. */
function isPersonal(password: string, person: readonly string[]): boolean {
  const known = new Set(person.flatMap((text) => [squeeze(text), ...withPairs(wordsOf(text))]));
  const words = wordsOf(password).map(onceOf);
  const telling =
    words.some((word) => word.length >= SHORTEST_PART) && words.every((word) => known.has(word));
  return telling || known.has(squeeze(password));
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  );
}

/** What a word repeats, if it is nothing but repetition. */
function onceOf(word: string): string {
  return word.replace(/^(.+?)\1+$/u, '$1');
}

/** Anna Berg is annaberg and berganna too. */
function withPairs(words: readonly string[]): string[] {
  return words.flatMap((word) => [word, ...words.map((other) => word + other)]);
}

/** The whole value is compared, with and without the digits and signs that people put around or into a word. */
function isGuessable(whole: string): boolean {
  const once = onceOf(whole);
  if (once !== whole) return [...once].length < SHORTEST_PASSWORD || isGuessable(once);
  const core = coreOf(whole);
  return [whole, core, plain(core)].some(isGuessedFirst) || isWalk(whole);
}

function coreOf(word: string): string {
  return word.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
}

const STAND_INS: Readonly<Record<string, string>> = {
  '@': 'a',
  4: 'a',
  3: 'e',
  1: 'i',
  '!': 'i',
  0: 'o',
  $: 's',
  5: 's',
  7: 't',
};

function plain(word: string): string {
  return word.replace(/[@431!0$57]/g, (sign) => STAND_INS[sign] ?? sign);
}

const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** A walk along the alphabet or a row of keys, there or back. */
function isWalk(word: string): boolean {
  const backwards = [...word].reverse().join('');
  return ROWS.some((row) => (row + row).includes(word) || (row + row).includes(backwards));
}
