import { describe, expect, it } from 'vitest';
import { chooseLanguage, type LanguageWishes } from '../../../src/platform/words/negotiation.ts';

const TABLE: readonly (readonly [because: string, wishes: LanguageWishes, code: string])[] = [
  ['nothing is known', {}, 'en'],
  ['the browser prefers it', { accepted: 'fr;q=0.9, de-AT;q=0.8, en;q=0.1' }, 'de'],
  ['the browser orders by quality, not by place', { accepted: 'en;q=0.2,ar;q=0.7' }, 'ar'],
  ['the browser refuses another', { accepted: 'de;q=0, ar' }, 'ar'],
  ['the account says so', { accepted: 'en', account: 'ar' }, 'ar'],
  ['the person chose it here', { accepted: 'en', account: 'ar', chosen: 'de' }, 'de'],
  ['the app asked for it', { accepted: 'en', account: 'ar', chosen: 'en', asked: 'xx de-CH ar' }, 'de'],
  ['the person insists', { insisted: 'en', chosen: 'en', asked: 'de' }, 'en'],
  ['the app asked for one we do not speak', { asked: 'xx', chosen: 'ar' }, 'ar'],
  ['the operator set it', { accepted: 'xx', fallback: 'de' }, 'de'],
  ['case does not matter', { asked: 'DE-de' }, 'de'],
  ['the pseudo-locale is asked for', { asked: 'en-XA' }, 'en-XA'],
  ['the pseudo-locale is chosen', { chosen: 'en-XA' }, 'en-XA'],
  ['no browser gets the pseudo-locale by accident', { accepted: 'en-XA' }, 'en'],
  ['what is sent is no language', { asked: '../../etc', chosen: '__proto__', accepted: ';;;,q=,*' }, 'en'],
];

describe('the language of an answer', () => {
  it.each(TABLE)('when %s', (_, wishes, code) => {
    expect(chooseLanguage(wishes)).toBe(code);
  });
});
