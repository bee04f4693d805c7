import type { z } from 'zod';
import { Refusal } from '../errors.ts';
import type { Context } from './context.ts';
import { type FormResult, judgeForm } from './forms.ts';
import { readBytes } from './urlencoded.ts';

export interface UploadLimits {
  /** The name of the form's one file. */
  readonly file: string;
  /** A larger file comes back empty-handed with `tooLarge`; what is larger by far is refused outright (413). */
  readonly maxBytes: number;
}

/** What was chosen as the file of a form. Its name and type are whatever the browser says: nothing is read from them. */
export interface Upload {
  readonly bytes: Buffer;
  readonly tooLarge: boolean;
}

export type UploadResult<T> = FormResult<T> & { readonly upload: Upload | undefined };

/** Who chose too large a file mostly gets their page back, with a sentence beside the field. */
const BY_FAR = 3;
/** Room for the other fields and the lines between them. */
const BESIDE_FILE = 64 * 1024;
const MOST_PARTS = 50;

/**
 * Reads the one form of this request where it brings a file (`enctype="multipart/form-data"`, RFC 7578); as readForm
 * otherwise. A form sent without choosing a file has no upload.
 */
export async function readUpload<S extends z.ZodType>(
  ctx: Context,
  schema: S,
  { file, maxBytes }: UploadLimits,
): Promise<UploadResult<z.output<S>>> {
  const parts = await readParts(ctx, BY_FAR * maxBytes + BESIDE_FILE);
  const fields = new Map<string, string>();
  let upload: Upload | undefined;
  for (const [name, value] of parts) {
    if (fields.has(name) || (name === file && upload)) {
      throw new Refusal('bad-request', 'errors.form-repeated-field');
    }
    if (typeof value === 'string') fields.set(name, readable(value));
    else if (name === file && value.size > 0) upload = await uploadOf(value, maxBytes);
  }
  return { ...judgeForm(ctx, fields, schema), upload };
}

async function uploadOf(value: Blob, maxBytes: number): Promise<Upload> {
  const tooLarge = value.size > maxBytes;
  return { bytes: tooLarge ? Buffer.alloc(0) : Buffer.from(await value.arrayBuffer()), tooLarge };
}

async function readParts(ctx: Context, limit: number): Promise<[string, string | Blob][]> {
  const type = ctx.get('Content-Type');
  if (!/^multipart\/form-data\s*;/i.test(type) || ctx.get('Content-Encoding') !== '') {
    ctx.req.resume();
    throw new Refusal('wrong-media-type', 'errors.form-expected');
  }
  const body = await readBytes(ctx, limit);
  try {
    // The platform's own parser, which browsers' tests hold to the standard.
    const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData();
    const parts = [...form] as [string, string | Blob][];
    if (parts.length <= MOST_PARTS) return parts;
  } catch (cause) {
    throw new Refusal('bad-request', 'errors.form-unreadable', { cause });
  }
  throw new Refusal('bad-request', 'errors.form-too-many-fields');
}

function readable(text: string): string {
  if (text.includes('\0')) throw new Refusal('bad-request', 'errors.form-unreadable');
  return text;
}
