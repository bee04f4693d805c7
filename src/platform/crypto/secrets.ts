import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * A handle is what a holder presents: `gate_<kind>_<day><random><checksum>`.
 * The kind makes it readable and lets secret scanners match it, the day tag (days since 2025-01-01, base 36)
 * allows partitions by day, the random part has 256 bits, the checksum (CRC-32) refuses typing errors
 * and truncation before any lookup. Only `digestOf(handle)` is ever stored.
 */
export type HandleKind =
  | 'access'
  | 'service'
  | 'refresh'
  | 'code'
  | 'request'
  | 'session'
  | 'browser'
  | 'trusted'
  | 'reset'
  | 'pass'
  | 'invitation'
  | 'secret'
  | 'accesscode';

/** A secret on its way to its owner, shown once. Nothing else may carry a handle out of a function. */
export interface IssuedSecret {
  readonly secret: string;
}

const DAY_ZERO = Date.UTC(2025, 0, 1);
const DAY = 86_400_000;
const HANDLE = /^gate_([a-z]+)_([0-9a-z]{3})([A-Za-z0-9_-]{43})([0-9a-z]{7})$/;

export function newHandle(kind: HandleKind, at: Date): string {
  return formatHandle(kind, dayTag(at), randomBytes(32));
}

/** The kind of a well-formed handle; undefined for anything else, the checksum included. */
export function handleKind(value: unknown): HandleKind | undefined {
  const match = typeof value === 'string' ? HANDLE.exec(value) : null;
  if (!match) return undefined;
  const [, kind, , , sum] = match as unknown as [string, string, string, string, string];
  return sum === checksum((value as string).slice(0, -7)) ? (kind as HandleKind) : undefined;
}

/**
 * The one refresh token that may follow `presented`, computed instead of stored (decision 6).
 * It keeps the day tag of its predecessor, because a repeat after midnight must find the same successor.
 */
export function successorOf(presented: string, key: Buffer): string {
  const tag = HANDLE.exec(presented)?.[2];
  if (tag === undefined) throw new TypeError('only a handle has a successor');
  return formatHandle('refresh', tag, createHmac('sha256', key).update(presented).digest());
}

/** What is stored of a handle: SHA-256. 256 random bits need no slower hash (decision 3). */
export function digestOf(handle: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(handle).digest();
}

/** A keyed digest for values that could be guessed, such as typed codes. */
export function keyedDigest(key: Buffer, ...parts: string[]): Buffer<ArrayBuffer> {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
  return mac.digest();
}

/** Compares without telling where two values differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

function formatHandle(kind: HandleKind, tag: string, random: Buffer): string {
  const body = `gate_${kind}_${tag}${random.toString('base64url')}`;
  return body + checksum(body);
}

function dayTag(at: Date): string {
  return Math.floor((at.getTime() - DAY_ZERO) / DAY)
    .toString(36)
    .padStart(3, '0');
}

function checksum(body: string): string {
  return crc32(body).toString(36).padStart(7, '0');
}
