import { isLoopbackHost } from '../../platform/loopback.ts';

/** An API's identifier in its one stored spelling, or why it cannot be one. */
export type Identified =
  | { readonly ok: true; readonly identifier: string }
  | { readonly ok: false; readonly sentence: string };

const LONGEST = 500;
/** A name of another script may stand where it becomes punycode, before the first slash of the path. */
const SPELLED = /^[a-z]+:\/\/[^/\s\p{C}]+(?:\/[\x21-\x7e]*)?$/iu;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;
/** Control characters, `/`, `\` and `%` in disguise: some server on the way would undress them. */
const DISGUISE = /%(?:[01][0-9a-f]|7f|2f|5c|25)/i;

/**
 * The resource indicator of an API (RFC 8707 §2): an absolute https URL, http on loopback hosts only. Host in lower case
 * and punycode, no default port, no dot segments, no slash at the end, escapes as RFC 3986 §6.2.2 writes them. Used when
 * stored and when looked up, so that one API has one name.
 */
export function normalizeIdentifier(raw: string): Identified {
  if (raw.length > LONGEST) return bad(`is longer than ${LONGEST} characters. Choose a shorter one.`);
  if (!SPELLED.test(raw) || /[\\*"<>^`{|}]/.test(raw) || !URL.canParse(raw)) {
    return bad('must be an absolute URL in plain characters, such as https://api.example.com.');
  }
  const url = new URL(raw);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return bad(
      'must begin with https://, such as https://api.example.com. Only an API on this machine (localhost) may use http://.',
    );
  }
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/]*@/i.test(raw)) {
    return bad('must not name a user. Remove everything up to the @.');
  }
  if (raw.includes('#') || raw.includes('?')) {
    return bad('must not have a query or fragment. Remove the ? or # and what follows it.');
  }
  if (BROKEN_ESCAPE.test(url.pathname) || DISGUISE.test(url.pathname)) {
    return bad('has a broken or dangerous percent escape in its path. Use a plain path.');
  }
  return { ok: true, identifier: url.origin.replace(/\.+(?=:\d+$|$)/, '') + plainPath(url.pathname) };
}

/**
 * The spellings under which an API may be stored: its identifier, and with a slash behind it, as those are that were
 * registered while the end of a path was kept. No API is stored in that spelling any more.
 */
export function storedSpellings(identifier: string): string[] {
  return [identifier, `${identifier}/`];
}

/** Where an identifier points: the host that has to be proven, without its port. */
export function hostOf(identifier: string): string {
  return new URL(identifier).hostname;
}

/** Escapes of letters, digits and -._~ undone, other escapes in upper case, no slash at the end. */
function plainPath(path: string): string {
  const plain = path.replace(/%[0-9a-f]{2}/gi, (coded) => {
    const character = String.fromCharCode(Number.parseInt(coded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : coded.toUpperCase();
  });
  return plain.replace(/\/+$/, '');
}

function bad(fault: string): Identified {
  return { ok: false, sentence: `The identifier of an API ${fault}` };
}
