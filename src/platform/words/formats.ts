import { ENGLISH, PSEUDO } from './texts.ts';

/** How a language writes what is no text. Dear to make, so each language has its own once (formatsOf). */
export interface Formats {
  readonly dir: 'ltr' | 'rtl';
  readonly number: Intl.NumberFormat;
  readonly list: Intl.ListFormat;
  readonly day: Intl.DateTimeFormat;
  readonly moment: Intl.DateTimeFormat;
  readonly relative: Intl.RelativeTimeFormat;
}

const made = new Map<string, Formats>();

/** `code` is one of our languages: the list is closed, so the memory is too. */
export function formatsOf(code: string): Formats {
  const found = made.get(code) ?? formatsFor(tagFor(code));
  made.set(code, found);
  return found;
}

function formatsFor(tag: string): Formats {
  const { direction } = (new Intl.Locale(tag) as WithTextInfo).getTextInfo();
  return {
    dir: direction === 'rtl' ? 'rtl' : 'ltr',
    number: new Intl.NumberFormat(tag),
    list: new Intl.ListFormat(tag),
    day: new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' }),
    moment: new Intl.DateTimeFormat(tag, MOMENT),
    relative: new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }),
  };
}

const MOMENT: Intl.DateTimeFormatOptions = {
  ...{ year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  ...{ timeZone: 'UTC', timeZoneName: 'short', hourCycle: 'h23' },
};

/** ECMA-402, not yet in the type declarations. */
type WithTextInfo = Intl.Locale & { getTextInfo(): { readonly direction: string } };

/** For Intl: English as the house writes it, and digits that look like the ones in codes. */
function tagFor(code: string): string {
  return code === ENGLISH || code === PSEUDO ? 'en-GB' : `${code}-u-nu-latn`;
}
