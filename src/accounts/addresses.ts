import { domainToASCII } from 'node:url';

/** A mail address: `email` is written to and shown, `emailKey` decides who it belongs to. */
export interface Address {
  readonly email: string;
  readonly emailKey: string;
}

const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
/** Judged before it is converted, which would quietly drop a path or turn other separators into dots. */
const WRITTEN_DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LONGEST = 254;
const LONGEST_LOCAL_PART = 64;

/**
 * Normalizes first (NFKC, trim, ASCII form of the domain, lower-case key) and judges what came out of it, because
 * two spellings of one address must never become two accounts (C26). Undefined for anything that is no address.
 */
export function normalizeAddress(raw: string): Address | undefined {
  if (raw.length > 4 * LONGEST) return undefined;
  const [local, domain, ...rest] = raw.normalize('NFKC').trim().split('@');
  if (!local || !domain || rest.length > 0) return undefined;
  if (!LOCAL_PART.test(local) || !WRITTEN_DOMAIN.test(domain)) return undefined;
  const host = domainToASCII(domain).toLowerCase();
  if (!DOMAIN.test(host)) return undefined;
  const email = `${local}@${host}`;
  if (Buffer.byteLength(local) > LONGEST_LOCAL_PART || Buffer.byteLength(email) > LONGEST) return undefined;
  return { email, emailKey: email.toLowerCase().normalize('NFKC') };
}

const INVISIBLE = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const LONGEST_NAME = 100;

/** A person's name: NFKC, single spaces, 1 to 100 characters, nothing invisible or that turns text around. */
export function normalizeName(raw: string): string | undefined {
  if (raw.length > 8 * LONGEST_NAME) return undefined;
  const name = raw.normalize('NFKC').trim().replace(/ {2,}/g, ' ');
  if (name === '' || [...name].length > LONGEST_NAME || INVISIBLE.test(name)) return undefined;
  return name;
}
