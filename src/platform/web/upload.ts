import getRawBody from 'raw-body';
import { Refusal } from '../errors.ts';
import type { Context } from './context.ts';
import { checkFormToken, FORM_TOKEN_FIELD } from './csrf.ts';

/** What may come along with a file: boundaries, the form token, a few short fields. */
const FRAME = 16 * 1024;
const MOST_PARTS = 20;

/** A form with one file, of which nothing is known but its bytes: neither its name nor its type is believed. */
export interface Upload {
  readonly file: Buffer | undefined;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Reads a multipart/form-data body (RFC 7578) whose file stands in the field `file`. Throws a Refusal for another media
 * type (415), more than `largest` bytes (413), and what cannot be read (400); 403 for a missing or foreign form token.
 */
export async function readUpload(ctx: Context, largest: number): Promise<Upload> {
  const type = ctx.get('Content-Type');
  if (!/^multipart\/form-data\s*;/i.test(type) || ctx.get('Content-Encoding') !== '') {
    ctx.req.resume();
    throw new Refusal('wrong-media-type', 'errors.form-expected');
  }
  const body = await readBytes(ctx, largest + FRAME);
  const parts = await partsOf(type, body);
  const fields = new Map(
    [...parts].flatMap(([name, part]) => (typeof part === 'string' ? [[name, part]] : [])),
  );
  checkFormToken(ctx, fields.get(FORM_TOKEN_FIELD));
  const file = parts.get('file');
  const isFile = file !== undefined && typeof file !== 'string' && file.size > 0;
  return { file: isFile ? Buffer.from(await file.arrayBuffer()) : undefined, fields };
}

async function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.get('Content-Length') || null });
  } catch (cause) {
    ctx.req.resume();
    const tooLarge = cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large';
    if (tooLarge) throw new Refusal('too-large', 'errors.form-too-large');
    throw new Refusal('bad-request', 'errors.form-incomplete', { cause });
  }
}

/** Parsed by the runtime's own fetch. A field that comes twice is refused, as in every form of ours. */
async function partsOf(type: string, body: Buffer): Promise<ReadonlyMap<string, string | File>> {
  const parts = new Map<string, string | File>();
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData();
    for (const [name, part] of form) {
      if (parts.has(name) || parts.size >= MOST_PARTS) throw new TypeError('repeated or too many fields');
      parts.set(name, part as string | File);
    }
  } catch (cause) {
    throw new Refusal('bad-request', 'errors.form-unreadable', { cause });
  }
  return parts;
}
