import { createRequire } from 'node:module';

/** Our own name, and words that lists of leaked passwords from elsewhere do not have. */
const OURS = [
  'gatehouse', 'gate house', 'the gatehouse', 'passwort', 'passwort', 'motdepasse', 'contraseña', 'passphrase',
  'my password', 'new password', 'the password', 'let me in', 'signin', 'administrator', 'changeme', 'change me',
  'default', 'qwertyui', 'qwertzui', 'qwertzuiop', 'azertyuiop', 'asdfghjk', 'i love you', 'whatever', 'internet',
  'correct horse battery staple', 'summer', 'winter', 'spring', 'autumn', 'january', 'february', 'march', 'april',
  'june', 'july', 'august', 'september', 'october', 'november', 'december', 'monday', 'tuesday', 'wednesday',
  'thursday', 'friday', 'saturday', 'sunday',
]; // biome-ignore format: a table of words reads better in rows

/** Shorter ones never are a whole password, and as the core of one they hold too little. */
const SHORTEST_WORD = 5;

let known: ReadonlySet<string> | undefined;

/**
 * Whether `word`, squeezed, is among some 45,000 passwords that people are known to choose: those that guessers try
 * first, here and at every other place. The list takes 20 MiB and 30 ms, so it is read when first needed.
 */
export function isGuessedFirst(word: string): boolean {
  known ??= readList();
  return known.has(word);
}

function readList(): ReadonlySet<string> {
  const require = createRequire(import.meta.url);
  const common = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common');
  const words = [...OURS, ...common.dictionary['passwords-common'].map(String)];
  return new Set(words.map(squeeze).filter((word) => word.length >= SHORTEST_WORD));
}

/** What is compared: case, width and spaces make no password harder to guess. */
export function squeeze(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
