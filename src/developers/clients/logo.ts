import type { Actor } from '../../audit/actor.ts';
import { drawPicture } from '../../platform/brand/picture.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppOf, holdOwnApp } from './hold-app.ts';
import { type Presented, present } from './presentation.ts';

export const LARGEST_LOGO = 1024 * 1024;
const SIDE = 256;

export type LogoChange =
  | { readonly ok: true; readonly outcome: Presented }
  | Refused<'client' | 'sponsored' | 'file'>;

/** Draws the file anew and gives the app this picture: of the file itself nothing survives. */
export async function changeLogo(
  platform: Platform,
  actor: Actor,
  { file, ...of }: AppOf & { readonly file: Buffer },
): Promise<LogoChange> {
  const drawn = await drawPicture(file, { side: SIDE, largest: LARGEST_LOGO });
  if (!drawn.ok) return refused('file', drawn.sentence);
  const { png, width, height } = drawn;
  return setLogo(platform, actor, of, { png, width, height });
}

/** Leaves the app with its name alone. */
export async function removeLogo(platform: Platform, actor: Actor, of: AppOf): Promise<LogoChange> {
  return setLogo(platform, actor, of, null);
}

async function setLogo(
  platform: Platform,
  actor: Actor,
  of: AppOf,
  logo: Parameters<typeof present>[3]['logo'],
): Promise<LogoChange> {
  return inTransaction(platform, async (tx): Promise<LogoChange> => {
    const held = await holdOwnApp(tx, actor, of);
    if (!held.ok) return held;
    const { app } = held;
    return { ok: true, outcome: await present(tx, actor, app, { logo: logo ?? null }) };
  });
}

const LOGO_NAME = /^[0-9a-f]{64}$/;

/** The picture under the name that its bytes gave it. */
export async function findLogoNamed({ db }: Platform, name: string): Promise<Buffer | undefined> {
  if (!LOGO_NAME.test(name)) return undefined;
  const row = await db.clientLogo.findFirst({ where: { name }, select: { picture: true } });
  return row ? Buffer.from(row.picture) : undefined;
}

/** Where a browser finds it. */
export function logoPath(name: string): string {
  return `/logos/${name}.png`;
}
