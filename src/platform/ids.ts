import { randomInt, randomUUIDv7 } from 'node:crypto';

/** A row id: UUID version 7 (RFC 9562 §5.7), sortable by creation. Not a secret. */
export function newId(): string {
  return randomUUIDv7();
}

/** The first id of that moment: every id of before is smaller. */
export function firstIdAt(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
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
