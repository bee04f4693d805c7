import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** One 256-bit key of the vault. The id travels with everything sealed under it. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Where a sealed value lives; a value moved to another row, column or table does not open (K04). */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** AES-256-GCM under the current key: `v1.<key id>.<base64url of nonce, tag and ciphertext>`. */
export function sealUnder({ id, key }: EncryptionKey, plain: string | Buffer, place: Place): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(id, place));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return `v1.${id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** Opens what sealUnder made. Throws SealBroken when the key is unknown or a single bit differs. */
export function openWith(keys: readonly EncryptionKey[], sealed: string, place: Place): Buffer {
  const [version, id, body] = sealed.split('.');
  const found = keys.find((key) => key.id === id);
  if (version !== 'v1' || !found || !body) throw new SealBroken(place);
  const bytes = Buffer.from(body, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', found.key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(associatedData(found.id, place))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch (cause) {
    throw new SealBroken(place, cause);
  }
}

/** A sealed value that none of the encryption keys opens. Names the place, never the content. */
export class SealBroken extends Error {
  constructor(place: Place, cause?: unknown) {
    super(`${place.table}.${place.column} of row ${place.row} does not open with the given ENCRYPTION_KEYS`, {
      cause,
    });
    this.name = 'SealBroken';
  }
}

function associatedData(id: string, { table, column, row }: Place): Buffer {
  return Buffer.from(JSON.stringify(['v1', id, table, column, row]));
}
