import type { Platform } from '../platform.ts';

const LOGO = 'logo';

/** Keeps the logo, in place of an older one. */
export async function storeLogo({ db, clock }: Platform, png: Buffer): Promise<void> {
  const row = { type: 'image/png', body: new Uint8Array(png), updatedAt: clock.now() };
  await db.picture.upsert({ where: { name: LOGO }, create: { name: LOGO, ...row }, update: row });
}

export async function findLogo({ db }: Platform): Promise<Buffer | undefined> {
  const row = await db.picture.findUnique({ where: { name: LOGO } });
  return row ? Buffer.from(row.body) : undefined;
}
