import { type Refused, refused } from '../../platform/refused.ts';

const LONGEST = 40_000;
/** Control, bidi and invisible characters but line ends and tabs: they could show other terms than are stored. */
const HIDDEN = /[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/u;

/** Plain text in lines, as it is stored and shown, or why it cannot be. */
export function judgeTermsText(raw: string): { readonly ok: true; readonly text: string } | Refused<'text'> {
  const text = raw.replaceAll('\r\n', '\n').normalize('NFC').trim();
  if (text.length < 20) {
    return refused(
      'text',
      'The terms are empty or very short. Write what apps agree to when they use this API.',
    );
  }
  if (text.length > LONGEST) {
    return refused(
      'text',
      `The terms are longer than ${LONGEST} characters. Shorten them, or link to the rest.`,
    );
  }
  if (HIDDEN.test(text)) {
    return refused('text', 'The terms contain control or invisible characters. Paste them as plain text.');
  }
  return { ok: true, text };
}
