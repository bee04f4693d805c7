import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { type LetterData, renderLetter } from '../../../src/platform/mail/letters.ts';
import type { Setting } from '../../../src/platform/settings.ts';
import { english } from '../../../src/platform/words/english.ts';
import type { Words } from '../../../src/platform/words/text-keys.ts';

const METHODS = 'https://id.example.com/account/sign-in-methods';

const AT = new Date('2026-11-27T20:05:00Z');

const CREDENTIALS = {
  app: 'Notebook',
  organization: 'Acme',
  at: AT,
  credentialsAddress: 'https://id.example.com/developers/organizations/o/apps/a/credentials',
};

/** Nothing was set. */
const PLATFORM = {
  clock: systemClock,
  settings: { get: <T>({ fallback }: Setting<T>) => fallback, refresh: async () => {} },
};

const LETTERS: { [Name in keyof LetterData]: LetterData[Name] } = {
  'verification-code': { code: '48213377', minutes: 10 },
  'address-already-known': { signInAddress: 'https://id.example.com/sign-in' },
  'new-sign-in': {
    device: { key: 'sessions.browser-on-system', values: { browser: 'Chrome', system: 'Linux' } },
    place: '203.0.113.x',
    at: AT,
    sessionsAddress: 'https://id.example.com/account/sessions',
  },
  'factor-reset-code': { code: '48213377', minutes: 10 },
  'factor-reset-waiting': {
    dueAt: new Date('2026-11-23T12:00:00Z'),
    accountAddress: 'https://id.example.com/account',
  },
  'factor-reset-cancelled': { methodsAddress: METHODS },
  'factor-reset-completed': { days: 7, methodsAddress: METHODS },
  'factor-changed': {
    what: { key: 'factor-letters.change-passkey-added', values: { name: 'My phone' } },
    methodsAddress: METHODS,
  },
  'second-factor-failed': { methodsAddress: METHODS },
  'trusted-browser-voided': { sessionsAddress: 'https://id.example.com/account/sessions' },
  'app-connected': {
    app: 'Notebook',
    organization: 'Acme',
    appsAddress: 'https://id.example.com/account/apps',
  },
  'refresh-token-reused': {
    app: 'Notebook',
    organization: 'Acme',
    appsAddress: 'https://id.example.com/account/apps',
  },
  'personal-token-created': {
    api: 'Notes',
    days: 30,
    tokensAddress: 'https://id.example.com/account/tokens',
  },
  'credential-changed': {
    what: { key: 'developer-letters.secret-issued', values: { label: 'Production', hint: 'x7Kq' } },
    ...CREDENTIALS,
    who: { key: 'developer-letters.by-member', values: { name: 'Dora' } },
    place: '203.0.113.x',
  },
  'secret-still-used': {
    what: { key: 'developer-letters.secret-still-used', values: { label: 'Production', hint: 'x7Kq' } },
    ...CREDENTIALS,
    until: AT,
  },
  'event-target-stopped': {
    what: { key: 'developer-letters.event-target-stopped', values: { address: 'api.example.com' } },
    ...CREDENTIALS,
  },
  'leak-reported': {
    what: { key: 'developer-letters.secret-ended', values: { label: 'Production', hint: 'x7Kq' } },
    ...CREDENTIALS,
    next: { key: 'developer-letters.secret-ended', values: { label: 'A', hint: 'b' } },
  },
  'personal-token-leaked': { token: 'Laptop', tokensAddress: 'https://id.example.com/account/tokens' },
  invitation: { signUpAddress: 'https://id.example.com/sign-up?pass=gate_pass_x', days: 14 },
  'organization-invitation': {
    what: { key: 'invitations.to-join', values: { organization: 'Acme', inviter: 'Anna Berg' } },
    address: 'https://id.example.com/invitations/gate_invitation_x',
    days: 7,
  },
  'membership-changed': {
    what: { key: 'invitations.told-owner', values: { organization: 'Acme', who: 'Anna Berg' } },
    address: 'https://id.example.com/developers',
  },
  'password-reset-code': { code: '48213377', minutes: 10 },
  'no-account-here': { signUpAddress: 'https://id.example.com/sign-up' },
  'password-changed': { at: AT, resetAddress: 'https://id.example.com/password-reset' },
  'email-change-code': { code: '48213377', minutes: 10 },
  'email-changed': { undoAddress: 'https://id.example.com/email-undo?change=1', until: AT },
  'email-change-done': { signInAddress: 'https://id.example.com/sign-in' },
  'email-undo-code': { code: '48213377', minutes: 10 },
  'email-change-undone': { resetAddress: 'https://id.example.com/password-reset' },
  'closing-waiting': { on: AT, signInAddress: 'https://id.example.com/sign-in' },
  'terms-published': {
    api: 'Notes',
    dueAt: AT,
    appsAddress: 'https://id.example.com/developers/organizations/1/apps',
  },
  'client-decided': {
    app: 'Notebook',
    what: { key: 'developer-letters.app-live-approved', values: { app: 'Notebook' } },
    note: 'Welcome',
    appAddress: 'https://id.example/developers/organizations/1/apps/2/stage',
  },
  'api-decided': {
    api: 'Notes',
    what: { key: 'developer-letters.api-refused', values: { api: 'Notes' } },
    note: 'Choose the public name',
    apiAddress: 'https://id.example.com/developers/organizations/1/apis/2',
  },
  'access-news': {
    api: 'Notes',
    what: {
      key: 'developer-letters.access-asked',
      values: { app: 'Planner', organization: 'Acme', api: 'Notes' },
    },
    address: 'https://id.example.com/developers/organizations/1/apis/2/access-requests',
  },
  'operator-news': {
    subject: 'operator-letters.operators-subject',
    what: {
      key: 'operator-letters.added',
      values: { role: { key: 'operator-letters.role-support' } },
    },
    address: 'https://id.example.com/admin/operators',
  },
  'suspension-news': {
    subject: 'suspension-letters.subject',
    what: {
      key: 'suspension-letters.paused-client',
      values: {
        app: 'Notebook',
        ends: { key: 'suspension-letters.until', values: { until: new Date('2026-11-20T12:15:00Z') } },
      },
    },
    more: ['suspension-letters.nothing-lost'],
    address: 'https://id.example.com/developers/organizations/o/suspensions/s',
  },
  'account-closed': { signUpAddress: 'https://id.example.com/sign-up' },
};

/** A value as an English letter writes it: some are words that are a bare key. */
function asWritten(value: string | number | Date | Words): string {
  if (value instanceof Date) return english.moment(value);
  return typeof value === 'object' || isKey(value) ? english.t(value as Words) : String(value);
}

const isKey = (value: unknown) => typeof value === 'string' && /^[a-z-]+-letters\.[a-z-]+$/.test(value);

/** What a letter is written from but for its subject, which is no part of its text. */
function valuesOf(name: keyof LetterData) {
  const { subject: _, ...rest } = LETTERS[name] as { subject?: unknown };
  return Object.values(rest as Record<string, string | number | Date | Words | undefined>).flat();
}

const names = Object.keys(LETTERS) as (keyof LetterData)[];

describe.each(names)('the letter %s', (name) => {
  const { subject, text, html } = renderLetter(PLATFORM, name, LETTERS[name], 'en');

  it('has a subject of one line, a text and simple HTML', () => {
    expect(subject).toMatch(/^\S.{10,70}\S$/);
    expect(text).toMatch(/^Hello,\n\n/);
    expect(text).toMatch(/\nGatehouse\n$/);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
  });

  it('says the same in both', () => {
    for (const value of valuesOf(name)) {
      if (value === undefined) continue;
      expect(text.replaceAll('\n', ' ')).toContain(asWritten(value));
      expect(html).toContain(asWritten(value));
    }
    expect(`${text}${html}`).not.toMatch(/undefined|\[object/);
  });

  it('keeps the line breaks that were written', () => {
    expect(text).toMatch(/\n\n {4}\S+\n\n/);
    expect(text).not.toMatch(/\n{3}/);
  });

  it('loads nothing and tracks nobody', () => {
    expect(html).not.toMatch(/<(?:img|link|script|style|iframe)|\sstyle=|url\(/i);
  });

  it('is calm and has short lines', () => {
    expect(text).not.toContain('!');
    expect(text.split('\n').filter((line) => line.length > 78)).toEqual([]);
  });
});

describe.each(['de', 'ar'])('every letter in %s', (locale) => {
  // Operators read English (decision record 0011).
  it.each(names.filter((name) => name !== 'operator-news'))(
    'says the same in its own language: %s',
    (name) => {
      const { subject, text, html } = renderLetter(PLATFORM, name, LETTERS[name], locale);
      expect(html).toMatch(/^<!doctype html>\n<html lang="(de" dir="ltr|ar" dir="rtl)">/);
      expect(subject).not.toBe(renderLetter(PLATFORM, name, LETTERS[name], 'en').subject);
      for (const value of valuesOf(name))
        if (typeof value === 'string' && !isKey(value)) expect(text.replaceAll('\n', ' ')).toContain(value);
      expect(`${subject}${text}${html}`).not.toMatch(/undefined|\[object|\{\{|!\s/);
      expect(text.split('\n').filter((line) => line.length > 78)).toEqual([]);
    },
  );
});

it('a letter with a code has it in its subject', () => {
  expect(renderLetter(PLATFORM, 'verification-code', LETTERS['verification-code'], 'en').subject).toContain(
    '48213377',
  );
});

it('a value can neither write lines of its own nor markup', () => {
  const letter = renderLetter(
    PLATFORM,
    'verification-code',
    { code: '1\r\nBcc: x\u2028<b>&', minutes: 10 },
    null,
  );
  expect(letter.subject).toMatch(/^1 Bcc: x <b>& is your/);
  expect(letter.text).not.toContain('\r');
  expect(letter.text).not.toMatch(/^Bcc/m);
  expect(letter.html).toContain('&lt;b&gt;&amp;');
});
