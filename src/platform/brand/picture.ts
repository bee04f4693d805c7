import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { type Refused, refused } from '../refused.ts';

/** A picture as it is stored: PNG of our own making, at most `side` (512) pixels wide and high. */
export interface Drawing {
  readonly ok: true;
  readonly png: Buffer;
  readonly digest: string;
  readonly width: number;
  readonly height: number;
}

export const LARGEST_FILE = 2 * 1024 * 1024;
/** A small file may unfold to a huge picture; this much is never decoded. */
const MOST_PIXELS = 4096 * 4096;
const SIDE = 512;

/** The first bytes of the formats we read. Nothing else reaches the decoder, which knows many more. */
const SIGNATURES: readonly RegExp[] = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF[\s\S]{4}WEBP/];

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'],
});

/**
 * Decodes a PNG, JPEG or WebP picture and draws it anew, so that nothing of the file itself survives: no metadata, no
 * appended bytes, no second meaning.
 */
export async function drawPicture(
  file: Buffer,
  { side = SIDE, largest = LARGEST_FILE }: { readonly side?: number; readonly largest?: number } = {},
): Promise<Drawing | Refused<'picture'>> {
  if (file.byteLength > largest) {
    return refused('picture', `The picture must be smaller than ${largest / 1024 / 1024} MB.`);
  }
  const start = file.subarray(0, 16).toString('latin1');
  if (!SIGNATURES.some((signature) => signature.test(start)))
    return refused('picture', 'The picture must be a PNG, JPEG or WebP file.');
  try {
    const options = { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 } as const;
    const { data, info } = await sharp(file, options)
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 9 })
      .toBuffer({ resolveWithObject: true });
    const digest = createHash('sha256').update(data).digest('hex').slice(0, 16);
    return { ok: true, png: data, digest, width: info.width, height: info.height };
  } catch {
    return refused('picture', 'The picture cannot be read, or has more than 16 million pixels.');
  }
}
