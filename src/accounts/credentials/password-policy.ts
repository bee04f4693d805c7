import type { Words } from '../../platform/words/text-keys.ts';

/** Why a password is not taken. */
export type PasswordJudgement = { readonly ok: true } | { readonly ok: false; readonly words: Words };

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
 * Judges a new password by NIST SP 800-63B-4: length and a block list, no composition rules. A second factor is
 * required of everybody, so eight characters are enough. `person` lists what others know: address and name.
 */
export function judgePassword(raw: string, person: readonly string[]): PasswordJudgement {
  const password = normalizePassword(raw);
  if (password === undefined)
    return refuse({ key: 'password.too-long', values: { count: LONGEST_PASSWORD } });
  if ([...password].length < SHORTEST_PASSWORD)
    return refuse({ key: 'password.too-short', values: { count: SHORTEST_PASSWORD } });
  if (isGuessable(password, person)) {
    return refuse('password.guessable');
  }
  return { ok: true };
}

function refuse(words: Words): PasswordJudgement {
  return { ok: false, words };
}

const PRODUCT_WORDS = ['gatehouse', 'gate house', 'the gatehouse'];

const COMMON = [
  'password', 'passw0rd', 'p@ssword', 'p@ssw0rd', 'pa$$word', 'passwort', 'motdepasse', 'passphrase',
  'my password', 'new password', 'the password', 'secret', 'letmein', 'let me in', 'welcome', 'login', 'signin',
  'admin', 'administrator', 'changeme', 'change me', 'default', 'qwerty', 'qwertyui', 'qwertyuiop', 'qwertz',
  'qwertzuiop', 'azerty', 'azertyuiop', 'asdfghjk', 'asdfghjkl', 'zxcvbnm', '1q2w3e4r', '1qaz2wsx', 'q1w2e3r4',
  'iloveyou', 'i love you', 'sunshine', 'princess', 'football', 'baseball', 'superman', 'batman', 'dragon',
  'monkey', 'shadow', 'master', 'trustno1', 'starwars', 'whatever', 'computer', 'internet', 'correct horse battery staple',
  'summer', 'winter', 'spring', 'autumn', 'january', 'february', 'monday', 'sunday',
]; // biome-ignore format: a table of words reads better in rows

const BLOCKED = new Set([...PRODUCT_WORDS, ...COMMON].map(squeeze));
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** The whole value is compared, with and without the digits and signs that people put around a word. */
function isGuessable(password: string, person: readonly string[]): boolean {
  const whole = squeeze(password);
  const core = whole.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const known = new Set(person.flatMap(partsOf).map(squeeze));
  return [whole, core].some((word) => BLOCKED.has(word) || known.has(word)) || isMonotonous(whole);
}

function partsOf(text: string): string[] {
  return [text, ...text.split(/[@\s]+/), text.split('@')[0] ?? '', ...text.split(/[^\p{L}\p{N}]+/u)];
}

/** One character over and over, a short piece repeated, or a walk along the alphabet or a keyboard row. */
function isMonotonous(word: string): boolean {
  if (/^(.{1,3})\1+$/u.test(word)) return true;
  const backwards = [...word].reverse().join('');
  return ROWS.some((row) => (row + row).includes(word) || (row + row).includes(backwards));
}

function squeeze(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
