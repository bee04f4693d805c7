import type { Clock } from '../clock.ts';
import { dateWordsIn } from './dates.ts';
import { formatsOf } from './formats.ts';
import { aroundLink, escapeHtml, fill } from './markup.ts';
import type { TextKey, Value, Values, Words } from './text-keys.ts';
import { textFor } from './texts.ts';

/** A language as pages and letters speak it. */
export interface Language {
  /** For the attribute `lang`. */
  readonly code: string;
  readonly dir: 'ltr' | 'rtl';
  /** Plain text: print it escaped. `{{service}}` is known everywhere. */
  t(words: Words, values?: Values): string;
  /** HTML: the same with each value in bold. Values can neither be markup nor turn the text around them. */
  strong(words: Words, values?: Values): string;
  /** HTML: the part of the text in [square brackets] becomes a link. */
  linked(words: Words, href: string, values?: Values): string;
  /** HTML: `<time>` in words such as "2 hours ago"; the absolute time shows on hovering and to programs. */
  when(date: Date): string;
  /** "3 May 2026" */
  day(date: Date): string;
  /** "3 May 2026 at 10:05 UTC" */
  moment(date: Date): string;
}

/** `code` as chooseLanguage answers it. */
export function languageFor(
  code: string,
  { clock, service }: { readonly clock: Clock; readonly service: string },
): Language {
  const formats = formatsOf(code);
  const { dir } = formats;
  const dates = dateWordsIn(formats, clock);

  /** The text that is meant, and its values as this language writes them. */
  function open(words: Words, given: Values = {}): { text: string; placed: (name: string) => string } {
    const key: TextKey = typeof words === 'string' ? words : words.key;
    const values: Values = { service, ...(typeof words === 'string' ? {} : words.values), ...given };
    const placed = (name: string) => {
      const value = values[name];
      if (value === undefined) throw new TypeError(`the text ${key} needs the value ${name}`);
      return written(value);
    };
    return { text: textFor(code, key, values.count), placed };
  }

  function written(value: Value): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return formats.number.format(value);
    if (value instanceof Date) return dates.moment(value);
    if ('key' in value) return t(value);
    return formats.list.format(value);
  }

  function t(words: Words, values?: Values): string {
    const { text, placed } = open(words, values);
    // Where the text runs the other way, a value must not carry its neighbours along (Unicode UAX #9, isolates).
    return fill(text, dir === 'rtl' ? (name) => `\u2068${placed(name)}\u2069` : placed);
  }

  function strong(words: Words, values?: Values): string {
    const { text, placed } = open(words, values);
    return fill(text, (name) => `<strong><bdi>${escapeHtml(placed(name))}</bdi></strong>`, escapeHtml);
  }

  function linked(words: Words, href: string, values?: Values): string {
    const { text, placed } = open(words, values);
    const [before, link, after] = aroundLink(text).map((part) =>
      fill(part, (name) => `<bdi>${escapeHtml(placed(name))}</bdi>`, escapeHtml),
    );
    return `${before}<a href="${escapeHtml(href)}">${link}</a>${after}`;
  }

  function when(date: Date): string {
    const title = escapeHtml(dates.moment(date));
    const ago = dates.ago(date) ?? t('common.just-now');
    return `<time datetime="${date.toISOString()}" title="${title}">${escapeHtml(ago)}</time>`;
  }

  return { code, dir, t, strong, linked, when, day: dates.day, moment: dates.moment };
}
