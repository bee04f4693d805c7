import type { Area } from './areas.ts';

/** The part of a key in front of its plural form (Unicode CLDR), which is chosen by the value `count`. */
type WithoutPlural<Key> = Key extends `${infer Base}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}`
  ? Base
  : Key;

/** The name of a text for people, `<area>.<name>`, as written in `locales/en/<area>.json`. */
export type TextKey = WithoutPlural<Area>;

/**
 * What a text has in its `{{places}}`. `count` chooses the plural form. Numbers, dates (to the minute) and lists are
 * written as the language writes them; words are said in it. Everything else stands as it is, and is never HTML.
 */
export type Value = string | number | Date | readonly string[] | Said;
export type Values = Readonly<Record<string, Value>>;

/** A text with its values. */
export interface Said {
  readonly key: TextKey;
  readonly values?: Values | undefined;
}

/** What is said to a person, in no language yet. */
export type Words = TextKey | Said;
