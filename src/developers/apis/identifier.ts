import { isLoopbackHost } from '../../platform/loopback.ts';

/** An API's identifier in its one stored spelling, or why it cannot be one. */
export type Identified =
  | { readonly ok: true; readonly identifier: string }
  | { readonly ok: false; readonly sentence: string };

const LONGEST = 500;
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * The resource indicator of an API (RFC 8707 §2): an absolute https URL, http on loopback hosts only. Host in lower
 * case, no default port, no slash where the path is empty; paths are kept. Used when stored and when looked up.
 */
export function normalizeIdentifier(raw: string): Identified {
  if (raw.length > LONGEST) return bad(`is longer than ${LONGEST} characters. Choose a shorter one.`);
  if (!PRINTABLE.test(raw) || /[\\*"<>^`{|}]/.test(raw) || !URL.canParse(raw)) {
    return bad('must be an absolute URL in plain characters, such as https://api.example.com.');
  }
  const url = new URL(raw);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return bad('must begin with https://. Only an API on this machine (localhost) may use http://.');
  }
  if (!/^https?:\/\//i.test(raw)) {
    return bad('must have two slashes after its scheme, such as https://api.example.com.');
  }
  if (url.username !== '' || url.password !== '') {
    return bad('must not name a user. Remove everything up to the @.');
  }
  if (raw.includes('#') || raw.includes('?')) {
    return bad('must not have a query or fragment. Remove the ? or # and what follows it.');
  }
  return { ok: true, identifier: url.pathname === '/' ? url.origin : url.origin + url.pathname };
}

function bad(fault: string): Identified {
  return { ok: false, sentence: `The identifier of an API ${fault}` };
}
