/**
 * Two names look alike where their skeletons are equal: case, accents, spaces, punctuation and letters that a person
 * takes for one another are gone (after UTS #39 §4, kept to the letters that fonts really draw alike).
 */
export function skeletonOf(name: string): string {
  const bare = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const letters = [...bare].map((letter) => LOOKS_LIKE.get(letter) ?? letter).join('');
  return letters
    .replace(/[^\p{L}\p{N}\p{S}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** What a letter looks like, row by row: the Latin one first, then those that pass for it. */
const ROWS = [
  'a а α ɑ',
  'b ь',
  'c с ϲ',
  'd ԁ',
  'e е є',
  'g ɡ',
  'h һ հ',
  'i і ı ι',
  'j ј',
  'k к κ',
  'l 1 ӏ | ǀ',
  'm м',
  'n п ո η',
  'o 0 о ο օ σ',
  'p р ρ',
  'q ԛ',
  'r г',
  's ѕ ꜱ',
  't т τ',
  'u υ ս',
  'v ν ѵ',
  'w ԝ ω ѡ',
  'x х χ',
  'y у γ ү',
  'z ᴢ',
  'в β',
  'н ʜ',
];

const LOOKS_LIKE: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap((row) => {
    const [first = '', ...others] = row.split(' ');
    return others.map((other) => [other, first] as const);
  }),
);

/** Scripts that one word may mix, as Japanese, Chinese and Korean do (UTS #39 §5.2, "highly restrictive"). */
const MIXES = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
].map((scripts) => lettersOf(scripts));

/** Those whose letters are taken for those of another. */
const SINGLES = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Georgian', 'Lisu'].map(
  (script) => lettersOf([script]),
);

function lettersOf(scripts: readonly string[]): RegExp {
  const parts = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join('');
  return new RegExp(`^[${parts}\\p{M}]+$`, 'u');
}

/** The first word that mixes scripts, as "pаypal" with one Cyrillic letter does; undefined where none does. */
export function mixedWord(name: string): string | undefined {
  return name.split(/[^\p{L}\p{M}]+/u).find((word) => word !== '' && mixesScripts(word));
}

function mixesScripts(word: string): boolean {
  if ([...MIXES, ...SINGLES].some((letters) => letters.test(word))) return false;
  return SINGLES.some((letters) =>
    [...word].some((letter) => letters.test(letter) && !/\p{M}/u.test(letter)),
  );
}
