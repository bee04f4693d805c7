/**
 * The path to go on to, where `value` is an absolute path on this origin in its one normal spelling; else undefined.
 * Refused: other origins (`//x`, `/\x`), control characters and whitespace, dot segments, empty segments, and
 * encodings of any of these, because a proxy or a second redirect may decode what a browser left alone.
 */
export function safeReturnTo(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST || !VISIBLE_PATH.test(value)) return undefined;
  const [path = ''] = value.split(/[?#]/, 1);
  if (path.includes('//') || HIDDEN_STRUCTURE.test(path) || HIDDEN_CONTROL.test(value)) return undefined;
  return staysAsWritten(value) ? value : undefined;
}

const LONGEST = 2048;

/** A slash, then visible ASCII without a backslash. */
const VISIBLE_PATH = /^\/[\x21-\x5b\x5d-\x7e]*$/;

/** An encoded slash, backslash, dot or percent sign in the path. */
const HIDDEN_STRUCTURE = /%(?:2f|5c|2e|25)/i;

/** An encoded control character anywhere, or a percent sign that encodes nothing. */
const HIDDEN_CONTROL = /%(?:[01][0-9a-f]|7f|(?![0-9a-f]{2}))/i;

const NOWHERE = 'https://gatehouse.invalid';

function staysAsWritten(value: string): boolean {
  const url = URL.parse(value, NOWHERE);
  return url !== null && url.origin === NOWHERE && `${url.pathname}${url.search}${url.hash}` === value;
}
