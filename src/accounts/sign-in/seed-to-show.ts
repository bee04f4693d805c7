import type { IssuedSeed } from '../credentials/totp.ts';
import { drawQrCode } from './qr-code.ts';

/** A seed as the pages show it: drawn for a camera, as a link for the same device, and as a key to type. */
export interface SeedToShow {
  readonly otpauthUri: string;
  readonly key: string;
  readonly qrCode: string;
}

export function seedToShow({ seed, otpauthUri }: IssuedSeed): SeedToShow {
  const key = (seed.match(/.{1,4}/g) ?? []).join(' ');
  return { otpauthUri, key, qrCode: drawQrCode(otpauthUri) };
}
