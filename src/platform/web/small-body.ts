import { Refusal } from '../errors.ts';
import type { Context } from './context.ts';
import { decodeUtf8, readBytes, readUrlencoded } from './urlencoded.ts';

/**
 * The body of a request that programs and people at a terminal send: a form or a JSON object, for a schema to judge.
 * Throws a Refusal for another media type or encoding (415), more than `limit` bytes (413), and what cannot be read (400).
 */
export async function readSmallBody(ctx: Context, limit: number): Promise<Record<string, unknown>> {
  const [type = ''] = ctx.get('Content-Type').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return Object.fromEntries(await readUrlencoded(ctx, limit));
  if (ctx.get('Content-Encoding') !== '') throw new Refusal('wrong-media-type', 'errors.json-unreadable');
  const value = parsed(decodeUtf8(await readBytes(ctx, limit)));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Refusal('bad-request', 'errors.json-unreadable');
}

/** What the parser says of a body may quote it: the cause is not kept. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('bad-request', 'errors.json-unreadable');
  }
}
