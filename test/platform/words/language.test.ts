import { describe, expect, it } from 'vitest';
import { type Language, languageFor } from '../../../src/platform/words/language.ts';
import { pseudoText } from '../../../src/platform/words/pseudo.ts';

const NOW = new Date('2026-05-03T10:05:00Z');
const speak = (code: string): Language =>
  languageFor(code, { clock: { now: () => NOW }, service: 'Acme <ID>' });
const english = speak('en');

describe('a language', () => {
  it('fills in values, the name of the service by itself', () => {
    expect(english.t('sign-up.lead-app', { app: 'Notes' })).toBe(
      'You need a Acme <ID> account to use Notes.',
    );
  });

  it('says numbers in their plural form', () => {
    expect(english.t('common.minutes', { count: 1 })).toBe('1 minute');
    expect(english.t('common.minutes', { count: 2000 })).toBe('2,000 minutes');
    expect(speak('de').t('common.minutes', { count: 1 })).toBe('1 Minute');
    expect([0, 1, 2, 3, 11, 100].map((count) => speak('ar').t('common.minutes', { count }))).toHaveLength(6);
  });

  it('says words inside of words', () => {
    const wait = { key: 'common.seconds', values: { count: 20 } } as const;
    expect(english.t({ key: 'sign-in.too-many-tries', values: { wait } })).toMatch(/again in 20 seconds\.$/);
  });

  it('never reads a value as a place, a key or markup', () => {
    const app = '{{service}} $t(common.cancel) [x] <b> & "';
    expect(english.t('sign-in.heading-app', { app })).toBe(`Sign in to ${app}`);
    expect(english.strong('sign-in.heading-app', { app })).toBe(
      'Sign in to <strong><bdi>{{service}} $t(common.cancel) [x] &lt;b&gt; &amp; &quot;</bdi></strong>',
    );
  });

  it('makes the part in brackets a link', () => {
    expect(english.linked('sign-in.stay', '/a?b=1&c="2"', { email: 'a@<b>' })).toBe(
      'Changed your mind? <a href="/a?b=1&amp;c=&quot;2&quot;">Go on as <bdi>a@&lt;b&gt;</bdi></a>',
    );
  });

  it('isolates values where the text runs from right to left', () => {
    const arabic = speak('ar');
    expect([arabic.dir, english.dir]).toEqual(['rtl', 'ltr']);
    expect(arabic.t('sign-in.heading-app', { app: 'Notes' })).toContain('\u2068Notes\u2069');
  });

  it('refuses a text whose value is missing', () => {
    expect(() => english.t('sign-in.heading-app')).toThrow(/needs the value app/);
  });

  it('says times in words, the absolute one reachable', () => {
    const ago = (seconds: number) => english.when(new Date(NOW.getTime() - seconds * 1000));
    expect(ago(7200)).toBe(
      '<time datetime="2026-05-03T08:05:00.000Z" title="3 May 2026 at 08:05 UTC">2 hours ago</time>',
    );
    expect(['5', '90', '86500', '-259300'].map((s) => ago(Number(s)).replace(/<[^>]+>/g, ''))).toEqual([
      'just now',
      '1 minute ago',
      'yesterday',
      'in 3 days',
    ]);
    expect(english.day(NOW)).toBe('3 May 2026');
    expect(speak('de').day(NOW)).toBe('3. Mai 2026');
  });
});

describe('the pseudo-locale', () => {
  it('is longer, keeps places and link marks, and shows its ends', () => {
    expect(pseudoText('Go on as {{email}} [now]')).toBe('⟦Góó óóñ ááš {{email}} [ñóów]⟧');
    expect(speak('en-XA').t('sign-in.heading-app', { app: 'Notes' })).toMatch(/^⟦.*Notes⟧$/);
    const long = english.t('enrolment.lead');
    expect(pseudoText(long).length).toBeGreaterThan(long.length * 1.25);
  });
});
