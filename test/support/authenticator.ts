import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What the server asks the browser for, as far as an authenticator looks at it. */
export interface Asked {
  readonly challenge: string;
  readonly rp?: { readonly id?: string | undefined };
  readonly rpId?: string | undefined;
  readonly user?: { readonly id: string };
}

/** Everything an authenticator or a browser may get wrong, or say on purpose. */
export interface Twist {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly rpId?: string;
  /** User present, user verified, backup eligible, backed up. */
  readonly flags?: { up?: boolean; uv?: boolean; be?: boolean; bs?: boolean };
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly id?: string;
  readonly alg?: number;
  readonly format?: string;
  readonly attStmt?: Map<string, unknown>;
  /** Changes the signature after it was made. */
  readonly tamper?: (signature: Buffer) => Buffer;
  /** Adds bytes behind the authenticator data. */
  readonly tail?: Buffer;
}

/** The kinds of keys that authenticators make, by their COSE algorithm (RFC 9053, RFC 8812). */
const KEYS = {
  ES256: { alg: -7, hash: 'sha256', make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  EdDSA: { alg: -8, hash: null, make: () => generateKeyPairSync('ed25519') },
  RS256: { alg: -257, hash: 'sha256', make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
} as const;

export interface AuthenticatorOptions {
  /** Whether it keeps a counter; it does unless told otherwise. */
  readonly counts?: boolean;
  readonly aaguid?: string;
  readonly key?: keyof typeof KEYS;
}

/** An authenticator in software, with one key (WebAuthn §6). */
export class Authenticator {
  readonly credentialId = randomBytes(32);
  readonly #origin: string;
  readonly #aaguid: Buffer;
  readonly #kind: (typeof KEYS)[keyof typeof KEYS];
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  #userHandle = '';
  counter: number;

  constructor(
    origin: string,
    { counts = true, aaguid = NO_AAGUID, key = 'ES256' }: AuthenticatorOptions = {},
  ) {
    this.#origin = origin;
    this.#kind = KEYS[key];
    this.#keys = this.#kind.make();
    this.#aaguid = Buffer.from(aaguid.replaceAll('-', ''), 'hex');
    this.counter = counts ? 1 : 0;
  }

  get id(): string {
    return this.credentialId.toString('base64url');
  }

  /** `navigator.credentials.create()`: the answer as our script sends it. */
  create(asked: Asked, twist: Twist = {}): string {
    this.#userHandle = asked.user?.id ?? '';
    const idLength = Buffer.alloc(2);
    idLength.writeUInt16BE(this.credentialId.length);
    const key = cbor(coseKey(this.#keys.publicKey, twist.alg ?? this.#kind.alg));
    const attested = Buffer.concat([this.#aaguid, idLength, this.credentialId, key]);
    const authData = this.#authenticatorData(asked.rp?.id ?? '', twist, attested);
    const attestationObject = cbor(
      new Map<string, unknown>([
        ['fmt', twist.format ?? 'none'],
        ['attStmt', twist.attStmt ?? new Map()],
        ['authData', authData],
      ]),
    );
    const clientDataJSON = this.#clientData('webauthn.create', asked, twist);
    return this.#answer(twist, { clientDataJSON, attestationObject }, { transports: ['internal', 'hybrid'] });
  }

  /** `navigator.credentials.get()` */
  get(asked: Asked, twist: Twist = {}): string {
    if (this.counter > 0) this.counter += 1;
    const authenticatorData = this.#authenticatorData(asked.rpId ?? '', twist);
    const clientDataJSON = this.#clientData('webauthn.get', asked, twist);
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()]);
    const made = sign(this.#kind.hash, signed, this.#keys.privateKey);
    const signature = twist.tamper?.(made) ?? made;
    const { userHandle = this.#userHandle } = twist;
    const more = userHandle === null ? {} : { userHandle };
    return this.#answer(twist, { clientDataJSON, authenticatorData, signature }, more);
  }

  #clientData(type: string, { challenge }: Asked, twist: Twist): Buffer {
    const { crossOrigin = false, topOrigin } = twist;
    const data = { type, challenge, origin: this.#origin, crossOrigin, ...(topOrigin && { topOrigin }) };
    const { type: otherType = type, challenge: otherChallenge = challenge, origin = this.#origin } = twist;
    return Buffer.from(JSON.stringify({ ...data, type: otherType, challenge: otherChallenge, origin }));
  }

  #authenticatorData(rpId: string, twist: Twist, attested?: Buffer): Buffer {
    const { up = true, uv = true, be = false, bs = false } = twist.flags ?? {};
    const flags = +up | (+uv << 2) | (+be << 3) | (+bs << 4) | (+(attested !== undefined) << 6);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags);
    head.writeUInt32BE(twist.counter ?? this.counter, 1);
    const rpIdHash = createHash('sha256')
      .update(twist.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, head, attested ?? Buffer.alloc(0), twist.tail ?? Buffer.alloc(0)]);
  }

  #answer(twist: Twist, parts: Record<string, Buffer>, more: object): string {
    const id = twist.id ?? this.id;
    const encoded = Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64url')]);
    const response = { ...Object.fromEntries(encoded), ...more };
    return JSON.stringify({ id, rawId: id, type: 'public-key', response });
  }
}

const NO_AAGUID = '00000000-0000-0000-0000-000000000000';

/** RFC 9053 §7, RFC 8230 §4 */
function coseKey(key: KeyObject, alg: number): Map<number, unknown> {
  const { kty, x, y, n, e } = key.export({ format: 'jwk' });
  const bytes = (part: string | undefined) => Buffer.from(part ?? '', 'base64url');
  const cose = new Map<number, unknown>([[3, alg]]);
  if (kty === 'RSA') return cose.set(1, 3).set(-1, bytes(n)).set(-2, bytes(e));
  if (kty === 'OKP') return cose.set(1, 1).set(-1, 6).set(-2, bytes(x));
  return cose.set(1, 2).set(-1, 1).set(-2, bytes(x)).set(-3, bytes(y));
}

/** As much of CBOR (RFC 8949) as WebAuthn needs: integers, bytes, text, lists and maps. */
export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  if (typeof value === 'string')
    return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([cborHead(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) {
    return Buffer.concat([cborHead(5, value.size), ...[...value].flatMap(([k, v]) => [cbor(k), cbor(v)])]);
  }
  throw new TypeError(`no CBOR for ${typeof value}`);
}

function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 256) return Buffer.of((major << 5) | 24, length);
  const head = Buffer.alloc(3);
  head.writeUInt8((major << 5) | 25);
  head.writeUInt16BE(length, 1);
  return head;
}
