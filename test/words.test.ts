import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEVELOPER_AREAS } from '../src/platform/words/areas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const locales = join(root, 'locales');

type Texts = Record<string, string>;

/** Pages for developers speak English alone (decision record 0011). */
const forDevelopers = (key: string) => DEVELOPER_AREAS.some((area) => key.startsWith(`${area}.`));

const languages = new Map(readdirSync(locales).map((code) => [code, filesOf(code)]));
const english = languages.get('en') ?? new Map<string, Texts>();
const keys = new Set([...english.values()].flatMap((texts) => Object.keys(texts)).map(withoutPlural));

const sources = ['src', 'views'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|eta)$/.test(file))
    .map((file) => ({
      file: `${folder}/${file}`,
      text: spoken(readFileSync(join(root, folder, file), 'utf8')),
    })),
);

/** Without comments, which may show how a text would be said. */
function spoken(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
}

function filesOf(code: string): Map<string, Texts> {
  const names = readdirSync(join(locales, code));
  return new Map(
    names.map((name) => [
      name.replace('.json', ''),
      JSON.parse(readFileSync(join(locales, code, name), 'utf8')),
    ]),
  );
}

function withoutPlural(key: string): string {
  return key.replace(/_(zero|one|two|few|many|other)$/, '');
}

function placesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name)))].sort();
}

describe('texts', () => {
  it('lie in the file of their area, which the type checker looks at', () => {
    const lines = readFileSync(join(root, 'src/platform/words/areas.ts'), 'utf8');
    for (const [area, texts] of english) {
      expect(lines).toContain(`/locales/en/${area}.json'`);
      for (const key of Object.keys(texts))
        expect(key).toMatch(new RegExp(`^${area}\\.[a-z0-9]+[a-z0-9_-]*$`));
    }
  });

  it('exist in English wherever a page or letter says one', () => {
    const said = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\b(?:t|strong|linked)\(\s*'([^']+)'/g)]
        .map(([, key]) => String(key))
        .filter((key) => !keys.has(key))
        .map((key) => `${file}: ${key}`),
    );
    expect(said).toEqual([]);
  });

  it('are all said somewhere', () => {
    const whole = sources.map(({ text }) => text).join('\n');
    const literals = new Set(
      [...whole.matchAll(/['"`]([a-z0-9-]+\.[a-z0-9-]+)['"`]/g)].map(([, key]) => key),
    );
    // A key may be put together: `events.${name}` says every text that begins like this.
    const beginnings = [...whole.matchAll(/`([a-z0-9-]+\.[a-z0-9-]*)\$\{/g)].map(([, start]) =>
      String(start),
    );
    const unsaid = [...keys].filter(
      (key) => !literals.has(key) && !beginnings.some((start) => key.startsWith(start)),
    );
    expect(unsaid).toEqual([]);
  });

  it('are sentences without markup, entities or other braces, link marks in pairs', () => {
    const odd = [...languages].flatMap(([code, files]) =>
      [...files.values()].flatMap(Object.entries).flatMap(([key, text]) => {
        const bare = text.replace(/\{\{\w+\}\}/g, '');
        const links = bare.replace(/\[[^[\]]+\]/, '');
        const fine =
          text.trim() === text && text !== '' && !/[<>{}]|&\w+;|\$t\(/.test(bare) && !/[[\]]/.test(links);
        return fine ? [] : [`${code} ${key}`];
      }),
    );
    expect(odd).toEqual([]);
  });

  it('exist in every language, in every plural form that it has', () => {
    const missing = [...languages].flatMap(([code, files]) => {
      const own = new Set([...files.values()].flatMap(Object.keys));
      const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
      const counted = new Set(
        [...english.values()]
          .flatMap(Object.keys)
          .filter((key) => key.endsWith('_other'))
          .map(withoutPlural),
      );
      return [...keys]
        .filter((key) => code === 'en' || !forDevelopers(key))
        .flatMap((key) => (counted.has(key) ? forms.map((form) => `${key}_${form}`) : [key]))
        .filter((key) => !own.has(key))
        .map((key) => `${code} ${key}`);
    });
    expect(missing).toEqual([]);
  });

  it('have the same places and link marks in every language', () => {
    const englishByKey = new Map(
      [...english.values()].flatMap(Object.entries).map(([k, v]) => [withoutPlural(k), v]),
    );
    const wrong = [...languages].flatMap(([code, files]) =>
      [...files.values()].flatMap(Object.entries).flatMap(([key, text]) => {
        const base = englishByKey.get(withoutPlural(key));
        if (base === undefined) return [`${code} ${key} does not exist in English`];
        // A plural form may say its number in words.
        const places = (one: string) =>
          placesOf(one)
            .filter((name) => name !== 'count' && name !== 'service')
            .join();
        const same = places(base) === places(text) && base.includes('[') === text.includes('[');
        return same ? [] : [`${code} ${key}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

it('no view speaks English by itself, but the documentation for developers', () => {
  const visible = sources
    .filter(({ file }) => file.endsWith('.eta') && !file.startsWith('views/developers/support/'))
    .flatMap(({ file, text }) => {
      const words = text
        .replaceAll(/<%[\s\S]*?%>/g, ' ')
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\bUTC\b|·/g, ' ')
        .match(/\p{L}{2,}.*/u);
      return words ? [`${file}: ${words[0].trim()}`] : [];
    });
  expect(visible).toEqual([]);
});
