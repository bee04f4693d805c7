import Bowser from 'bowser';
import type { Said } from '../../platform/words/text-keys.ts';

/**
 * A device as a person would name it: "Chrome on Linux". Only makes of a closed list are named, because a user agent
 * is whatever a stranger's program sends, and this text stands in letters and lists.
 */
export function deviceInWords(userAgent: string): Said {
  const { browser, system } = makeOf(userAgent);
  if (browser && system) return { key: 'sessions.browser-on-system', values: { browser, system } };
  if (browser) return { key: 'sessions.browser-alone', values: { browser } };
  if (system) return { key: 'sessions.system-alone', values: { system } };
  return { key: 'sessions.unknown-browser' };
}

/** Whether two user agents name the same make of browser and system, whatever their versions. */
export function sameMake(one: string, other: string): boolean {
  const [a, b] = [makeOf(one), makeOf(other)];
  return a.browser === b.browser && a.system === b.system;
}

function makeOf(userAgent: string): { browser: string | undefined; system: string | undefined } {
  if (userAgent.trim() === '') return { browser: undefined, system: undefined };
  const { browser, os } = Bowser.parse(userAgent);
  return { browser: BROWSERS.get(browser.name ?? ''), system: SYSTEMS.get(os.name ?? '') };
}

/** What bowser calls them, and what people do. */
const BROWSERS: ReadonlyMap<string, string> = new Map([
  ...named([
    'Brave',
    'Chrome',
    'Chromium',
    'DuckDuckGo',
    'Epiphany',
    'Firefox',
    'LibreWolf',
    'Opera',
    'Pale Moon',
  ]),
  ...named(['Safari', 'SeaMonkey', 'UC Browser', 'Vivaldi', 'WeChat', 'Yandex Browser']),
  ['Microsoft Edge', 'Edge'],
  ['Samsung Internet for Android', 'Samsung Internet'],
  ['Amazon Silk', 'Silk'],
  ['Android Browser', 'Android browser'],
  ['Focus', 'Firefox Focus'],
]);

const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ...named(['Android', 'HarmonyOS', 'iOS', 'Linux', 'macOS', 'Windows', 'Windows Phone']),
  ['Chrome OS', 'ChromeOS'],
]);

function named(names: readonly string[]): [string, string][] {
  return names.map((name) => [name, name]);
}
