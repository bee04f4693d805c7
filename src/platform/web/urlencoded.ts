import getRawBody from 'raw-body';
import { Refusal } from '../errors.ts';
import type { Context } from './context.ts';

const LARGEST = 64 * 1024;
const MOST_FIELDS = 200;

/**
 * The fields of an `application/x-www-form-urlencoded` body (URL standard §5.1), each at most once. Throws a Refusal
 * for another media type or encoding (415), more than `limit` (413), and for repeated fields, invalid UTF-8 or NUL (400).
 */
export async function readUrlencoded(ctx: Context, limit = LARGEST): Promise<ReadonlyMap<string, string>> {
  expectForm(ctx);
  const fields = new Map<string, string>();
  const text = decodeUtf8(await readBytes(ctx, limit));
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > MOST_FIELDS) throw new Refusal('bad-request', 'errors.form-too-many-fields');
  for (const pair of pairs) {
    const [name, value] = decodePair(pair);
    if (fields.has(name)) throw new Refusal('bad-request', 'errors.form-repeated-field');
    fields.set(name, value);
  }
  return fields;
}

function expectForm(ctx: Context): void {
  const [type = '', ...parameters] = ctx.get('Content-Type').toLowerCase().split(';');
  const urlencoded = type.trim() === 'application/x-www-form-urlencoded';
  const utf8 = parameters.every((parameter) => /^\s*(?:charset\s*=\s*"?utf-?8"?\s*)?$/.test(parameter));
  if (urlencoded && utf8 && ctx.get('Content-Encoding') === '') return;
  // Nobody reads on, but the connection must be emptied before the answer can be read.
  ctx.req.resume();
  throw new Refusal('wrong-media-type', 'errors.form-expected');
}

/** The body, at most so many bytes. Throws a Refusal for more (413) or less than was announced (400). */
export async function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.get('Content-Length') || null });
  } catch (cause) {
    ctx.req.resume();
    const tooLarge = cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large';
    if (tooLarge) throw new Refusal('too-large', 'errors.form-too-large');
    throw new Refusal('bad-request', 'errors.form-incomplete', { cause });
  }
}

export function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('bad-request', 'errors.form-unreadable', { cause });
  }
}

function decodePair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  return [decodePart(name), decodePart(value)];
}

function decodePart(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part.replaceAll('+', ' '));
  } catch (cause) {
    throw new Refusal('bad-request', 'errors.form-unreadable', { cause });
  }
  if (text.includes('\0')) throw new Refusal('bad-request', 'errors.form-unreadable');
  return text;
}
