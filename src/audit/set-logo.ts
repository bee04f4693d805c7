import { BRAND_LOGO, type Logo } from '../platform/brand/brand.ts';
import { drawPicture } from '../platform/brand/picture.ts';
import { storeLogo } from '../platform/brand/pictures.ts';
import type { Platform } from '../platform/platform.ts';
import type { Refused } from '../platform/refused.ts';
import { writeSetting } from '../platform/settings.ts';
import { inTransaction } from '../platform/transaction.ts';
import type { Actor } from './actor.ts';
import { recordEvent } from './trail.ts';

/** Draws the picture in `file` anew and shows it in the head of every page from now on, recorded. */
export async function setLogo(
  platform: Platform,
  actor: Actor,
  file: Buffer,
): Promise<{ readonly ok: true; readonly logo: Logo } | Refused<'picture'>> {
  const drawing = await drawPicture(file);
  if (!drawing.ok) return drawing;
  const { png, digest, width, height } = drawing;
  const logo = { digest, width, height };
  await inTransaction(platform, async (tx) => {
    await storeLogo(tx, png);
    await writeSetting(tx, BRAND_LOGO.name, logo);
    const target = { kind: 'setting', id: BRAND_LOGO.name };
    await recordEvent(tx, actor, 'setting.changed', target, { value: JSON.stringify(logo) });
  });
  await platform.settings.refresh();
  return { ok: true, logo };
}
