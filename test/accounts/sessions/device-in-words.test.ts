import { describe, expect, it } from 'vitest';
import { deviceInWords } from '../../../src/accounts/sessions/device-in-words.ts';
import { placeInWords } from '../../../src/accounts/sessions/place-in-words.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('a device in words', () => {
  it.each([
    ['Chrome', 'Linux', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36`],
    [
      'Firefox',
      'Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0',
    ],
    [
      'Safari',
      'iOS',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    ],
    [
      'Safari',
      'macOS',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15',
    ],
    [
      'Edge',
      'Windows',
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/125.0.0.0 Safari/537.36 Edg/125.0.2535.92`,
    ],
    [
      'Samsung Internet',
      'Android',
      `Mozilla/5.0 (Linux; Android 14; SM-S921B) ${WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`,
    ],
    [
      'Chrome',
      'ChromeOS',
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36`,
    ],
  ])('is named %s on %s', (browser, system, userAgent) => {
    expect(deviceInWords(userAgent)).toEqual({
      key: 'sessions.browser-on-system',
      values: { browser, system },
    });
  });

  it.each([
    ['nothing', ''],
    ['a program', 'curl/8.0'],
    ['a sentence that poses as a make', 'Your bank, call 555 0100/1.0 '],
    ['markup', '<script>alert(1)</script>/1 x'],
    ['letters without end', 'x'.repeat(300)],
    ['a crawler', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
  ])('stays unknown for %s', (_, userAgent) => {
    expect(deviceInWords(userAgent)).toEqual({ key: 'sessions.unknown-browser' });
  });
});

describe('a place in words', () => {
  it.each([
    ['203.0.113.77', '203.0.113.x'],
    ['127.0.0.1', '127.0.0.x'],
    ['2001:db8:12:34:56:78:9a:bc', '2001:db8:12::x'],
    ['2001:db8::1', '2001:db8:0::x'],
    ['2001:db8:1::', '2001:db8:1::x'],
    ['::1', '::1'],
    ['unknown', undefined],
    ['', undefined],
  ])('of %s is %s', (address, place) => {
    expect(placeInWords(address)).toBe(place);
  });
});
