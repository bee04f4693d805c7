import { domainToUnicode } from 'node:url';
import type { Words } from '../../platform/words/text-keys.ts';

/** A text in three parts, of which the middle one is what differs. */
export type Split = readonly [before: string, different: string, after: string];

export interface UriDifference {
  readonly sent: Split;
  readonly registered: Split;
  readonly hints: readonly Words[];
}

/** What tells a URI from the nearest registered one; undefined where none is registered. */
export function differenceOf(sent: string, registered: readonly string[]): UriDifference | undefined {
  const [nearest] = registered.toSorted((a, b) => likeness(sent, b) - likeness(sent, a));
  if (nearest === undefined) return undefined;
  const before = common(sent, nearest, (text, at) => text[at]);
  const most = Math.min(sent.length, nearest.length) - before;
  const after = Math.min(
    common(sent, nearest, (text, at) => text[text.length - 1 - at]),
    most,
  );
  const split = (text: string): Split => [
    text.slice(0, before),
    text.slice(before, text.length - after),
    text.slice(text.length - after),
  ];
  return { sent: split(sent), registered: split(nearest), hints: hintsFor(sent, nearest) };
}

function common(a: string, b: string, at: (text: string, index: number) => string | undefined): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && at(a, length) === at(b, length)) length += 1;
  return length;
}

function likeness(a: string, b: string): number {
  const front = common(a, b, (text, at) => text[at]);
  const back = common(a, b, (text, at) => text[text.length - 1 - at]);
  return front + back - Math.abs(a.length - b.length);
}

/** What the eye misses, in words. */
function hintsFor(sent: string, registered: string): Words[] {
  const hints: Words[] = [];
  if (/[\s]|\\u\{/.test(sent)) hints.push('request-log.hint-space');
  const here = URL.parse(sent);
  const there = URL.parse(registered);
  if (sent.includes('#')) hints.push('request-log.hint-fragment');
  if (`${sent}/` === registered || sent === `${registered}/`) return [...hints, 'request-log.hint-slash'];
  if (sent !== registered && sent.toLowerCase() === registered.toLowerCase()) {
    return [...hints, 'request-log.hint-case'];
  }
  if (!here || !there) return hints;
  if (here.protocol !== there.protocol) hints.push('request-log.hint-scheme');
  if (here.hostname !== there.hostname) hints.push('request-log.hint-host');
  if (here.port !== there.port) hints.push('request-log.hint-port');
  if (here.pathname !== there.pathname) hints.push('request-log.hint-path');
  if (here.search !== there.search) hints.push('request-log.hint-query');
  return [...hints, ...punycode(here.hostname)];
}

function punycode(host: string): Words[] {
  if (!/(^|\.)xn--/.test(host)) return [];
  return [{ key: 'request-log.hint-punycode', values: { host: domainToUnicode(host) || host } }];
}
