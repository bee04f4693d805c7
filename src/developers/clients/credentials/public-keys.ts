import { constants, createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { type Refused, refused } from '../../../platform/refused.ts';

/** What an app may sign its assertions with: asymmetric alone, each as strong as ES256 at least. */
export const ASSERTION_ALGORITHMS = ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519'] as const;
type Algorithm = (typeof ASSERTION_ALGORITHMS)[number];

/** A public key as it is stored and handed to the engine: public members alone. */
export interface PublicKey {
  readonly jwk: Readonly<Record<string, string>>;
  /** The one it came with, else its thumbprint. */
  readonly kid: string;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

export type JudgedKeys = { readonly ok: true; readonly keys: readonly PublicKey[] } | Refused<'keys'>;

/** Longest text that is looked at; two RSA keys of 8192 bits are 3 kB. */
export const LONGEST_KEYS = 20_000;

const EXAMPLE = 'Paste a public key, such as {"kty":"EC","crv":"P-256","x":"…","y":"…"}.';
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * Reads what somebody pasted: one JWK, a JWK Set (RFC 7517) or a public key in PEM. Nothing of a private key is repeated, stored or logged;
 * its owner is told to take it for lost.
 */
export function judgePublicKeys(text: string, most: number): JudgedKeys {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return refused('keys', PRIVATE_KEY);
  if (text.length > LONGEST_KEYS) return refused('keys', `That is longer than any key. ${EXAMPLE}`);
  const found = entriesIn(text);
  if (found === undefined) return refused('keys', `That is not a JSON Web Key. ${EXAMPLE}`);
  if (found.some(isPrivate)) return refused('keys', PRIVATE_KEY);
  if (found.length === 0) return refused('keys', `The set has no key in it. ${EXAMPLE}`);
  if (found.length > most) {
    return refused(
      'keys',
      `Paste at most ${most === 1 ? 'one key' : `${most} keys`}: two may be live at a time.`,
    );
  }
  const keys: PublicKey[] = [];
  for (const jwk of found) {
    const judged = judgeKey(jwk);
    if (!judged.ok) return judged;
    keys.push(judged.key);
  }
  const distinct = new Set(keys.map(({ thumbprint }) => thumbprint)).size;
  if (distinct < keys.length) return refused('keys', 'The set has the same key twice. Keep one of them.');
  // An assertion names its key by the kid: of two with one name nobody could tell which of them signed.
  return new Set(keys.map(({ kid }) => kid)).size < keys.length
    ? refused('keys', 'The set has two keys with the same kid. Give each a name of its own.')
    : { ok: true, keys };
}

/**
 * Whether a JWK Set at an address of the app has at least one key that it could use here. Others may be there too, but
 * no private ones.
 */
export function judgeKeySet(text: string): { readonly ok: true } | Refused<'keys'> {
  const found = entriesIn(text);
  if (found === undefined) return refused('keys', 'What is at this address is not a JSON Web Key Set.');
  if (found.some(isPrivate)) {
    return refused(
      'keys',
      'A private key is at this address, for anybody to read. Take it for lost, and publish public keys alone.',
    );
  }
  if (found.some((jwk) => judgeKey(jwk).ok)) return { ok: true };
  return refused('keys', 'The set at this address has no key for ES256, PS256, RS256 or EdDSA in it.');
}

const PRIVATE_KEY =
  'That is a private key. We have not kept it, but take it for lost: make a new pair, and paste only its public key (without d).';

type Jwk = Readonly<Record<string, unknown>>;

function entriesIn(text: string): Jwk[] | undefined {
  try {
    if (/^\s*-----BEGIN PUBLIC KEY-----/.test(text))
      return [createPublicKey(text.trim()).export({ format: 'jwk' })];
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const entries = value.keys === undefined ? [value] : value.keys;
    return Array.isArray(entries) && entries.every(isObject) ? entries : undefined;
  } catch {
    return undefined;
  }
}

function isPrivate(jwk: Jwk): boolean {
  return PRIVATE.some((member) => jwk[member] !== undefined);
}

function isObject(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function judgeKey(jwk: Jwk): { readonly ok: true; readonly key: PublicKey } | Refused<'keys'> {
  const fault = kindFault(jwk) ?? purposeFault(jwk);
  if (fault !== undefined) return refused('keys', fault);
  const object = importKey(jwk);
  if (!object) return refused('keys', `The numbers of that key are not a valid ${jwk.kty} public key.`);
  const { modulusLength: bits, publicExponent = 65_537n } = object.asymmetricKeyDetails ?? {};
  if (publicExponent < 65_537n)
    return refused('keys', 'The exponent (e) of that RSA key is too small. Use AQAB.');
  if (bits !== undefined && (bits < 2048 || bits > 8192)) {
    return refused('keys', `That RSA key has ${bits} bits. Use 2048 to 8192, or better an EC key on P-256.`);
  }
  const members = object.export({ format: 'jwk' }) as Record<string, string>;
  const thumbprint = thumbprintOf(members);
  const alg = typeof jwk.alg === 'string' ? { alg: jwk.alg } : undefined;
  const kid = jwk.kid === undefined ? thumbprint : String(jwk.kid);
  return { ok: true, key: { jwk: { ...members, ...alg }, kid, thumbprint } };
}

/** Key types with the algorithms that go with them. */
const KINDS: Readonly<
  Record<string, { readonly curve?: string; readonly algorithms: readonly Algorithm[] }>
> = {
  EC: { curve: 'P-256', algorithms: ['ES256'] },
  OKP: { curve: 'Ed25519', algorithms: ['EdDSA', 'Ed25519'] },
  RSA: { algorithms: ['PS256', 'RS256'] },
};

function kindFault({ kty, crv, alg }: Jwk): string | undefined {
  if (kty === 'oct') return PRIVATE_KEY;
  const kind = typeof kty === 'string' && Object.hasOwn(KINDS, kty) ? KINDS[kty] : undefined;
  if (!kind) return 'That kind of key (kty) is not offered. Use EC on P-256, OKP on Ed25519, or RSA.';
  if (kind.curve !== undefined && crv !== kind.curve) {
    return `That curve (crv) is not offered. Use ${kind.curve} with ${String(kty)} keys.`;
  }
  if (alg !== undefined && !kind.algorithms.some((one) => one === alg)) {
    return `That algorithm (alg) does not go with the key. Use ${kind.algorithms.join(' or ')}, or leave it out.`;
  }
  return undefined;
}

const KID = /^[\x21-\x7e]{1,128}$/;

function purposeFault({ use, key_ops, kid }: Jwk): string | undefined {
  if (use !== undefined && use !== 'sig')
    return 'That key is for encryption (use). Paste one that signs: "use":"sig".';
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes('verify'))) {
    return 'That key may not verify signatures (key_ops). Leave key_ops out, or use ["verify"].';
  }
  if (kid !== undefined && !(typeof kid === 'string' && KID.test(kid))) {
    return 'The name of that key (kid) has to be 1 to 128 visible ASCII characters without spaces, such as "2026-11".';
  }
  return undefined;
}

function importKey(jwk: Jwk): KeyObject | undefined {
  const { kty, crv, x, y, n, e } = jwk;
  try {
    return createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** RFC 7638 §3: the required members in the order of their names, without anything else. */
function thumbprintOf(members: Readonly<Record<string, string>>): string {
  const required = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => members[name] !== undefined);
  const canonical = JSON.stringify(Object.fromEntries(required.map((name) => [name, members[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

/** Whether a compact JWS was signed with this key. */
export function verifiesWith(jwk: Jwk, alg: string, jws: string): boolean {
  const key = importKey(jwk);
  const [header = '', payload = '', signature = ''] = jws.split('.');
  // The header is written by whoever sends it: only an algorithm that goes with the registered key is tried.
  const suits = KINDS[String(jwk.kty)]?.algorithms.some((one) => one === alg);
  if (!key || !suits || (jwk.alg !== undefined && jwk.alg !== alg)) return false;
  const data = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, 'base64url');
  try {
    if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, bytes);
    if (key.asymmetricKeyType === 'ec')
      return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, bytes);
    const padding = alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
    return verify('sha256', data, { key, ...padding }, bytes);
  } catch {
    return false;
  }
}
