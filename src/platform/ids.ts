import { randomInt, randomUUIDv7 } from 'node:crypto';

/** The millisecond of the last id, and how many were made in it before. */
let moment = '';
let before = 0;

/**
 * A row id: UUID version 7 (RFC 9562 §5.7), sortable by creation, also of those that this process makes within one
 * millisecond: the twelve bits after the version count them (§6.2, method 1). 62 bits are random. Not a secret.
 */
export function newId(): string {
  const id = randomUUIDv7();
  const at = id.slice(0, 13);
  before = at === moment ? before + 1 : 0;
  moment = at;
  return `${id.slice(0, 15)}${(before % 0x1000).toString(16).padStart(3, '0')}${id.slice(18)}`;
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
