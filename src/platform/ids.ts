import { randomInt, randomUUIDv7 } from 'node:crypto';

/** A row id: UUID version 7 (RFC 9562 §5.7), sortable by creation. Not a secret. */
export function newId(): string {
  return randomUUIDv7();
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A public id that people read and copy, such as `app_7k2m…`: 20 characters without look-alikes. Not a secret. */
export function newPublicId(prefix: 'app' | 'api'): string {
  let id = `${prefix}_`;
  for (let i = 0; i < 20; i += 1) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}

export const PUBLIC_ID = /^(?:app|api)_[a-z2-9]{20}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
