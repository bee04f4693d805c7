import { readdirSync, readFileSync } from 'node:fs';
import { createInstance } from 'i18next';
import { pseudoText } from './pseudo.ts';

/** Where the texts lie: `<language>/<area>.json`, flat, so that another language is a directory of files. */
export const LOCALES_DIRECTORY = new URL('../../../locales/', import.meta.url);

/** Spoken where nothing better is known, and where another language lacks a text. */
export const ENGLISH = 'en';

/** English with accents, a third longer: shows in one look what was never translated and what does not fit. */
export const PSEUDO = 'en-XA';

type Texts = Readonly<Record<string, string>>;

const english = readTexts(ENGLISH);

/** Every language by its code: those that have a directory, and the pseudo-locale. */
const texts: ReadonlyMap<string, Texts> = new Map([
  ...readdirSync(LOCALES_DIRECTORY)
    .sort()
    .map((code) => [code, readTexts(code)] as const),
  [
    PSEUDO,
    Object.fromEntries(Object.entries(english).map(([key, text]) => [key, pseudoText(text)])),
  ] as const,
]);

/** The languages that people can choose. */
export const LANGUAGES: readonly string[] = [...texts.keys()].filter((code) => code !== PSEUDO);

/** The text as written, its places still open: in the plural form for `count`, in English where it is missing. */
export function textFor(code: string, key: string, count: unknown): string {
  // Only the number goes in. Values are filled in by us: nothing in a value is ever read as a place or a key.
  const options = { skipInterpolation: true, ...(typeof count === 'number' && { count }) };
  return translator.getFixedT(code)(key, options);
}

const translator = createInstance();
void translator.init({
  initAsync: false,
  resources: Object.fromEntries([...texts].map(([code, translation]) => [code, { translation }])),
  supportedLngs: [...texts.keys()],
  fallbackLng: ENGLISH,
  load: 'currentOnly',
  keySeparator: false,
  nsSeparator: false,
});

function readTexts(code: string): Texts {
  const directory = new URL(`${code}/`, LOCALES_DIRECTORY);
  const areas = readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')));
  return Object.assign({}, ...areas);
}
