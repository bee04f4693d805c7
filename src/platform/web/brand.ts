import { BRAND_LOGO } from '../brand/brand.ts';
import { findLogo } from '../brand/pictures.ts';
import { styleSheetOf } from '../brand/style-sheet.ts';
import { Refusal } from '../errors.ts';
import type { Handler } from './context.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Answers `/brand/style.<digest>.css` and `/brand/logo.<digest>.png`. Under the digest of something older or newer, as
 * a process may ask for that is a second behind, comes what there is now, kept by nobody.
 */
export const serveBrand: Handler = async (ctx) => {
  const { platform } = ctx.state;
  const { settings } = platform;
  if (/^\/brand\/style\.[0-9a-f]{16}\.css$/.test(ctx.path)) {
    const sheet = styleSheetOf(settings);
    answer(ctx, { path: sheet?.path, type: 'text/css; charset=utf-8', body: sheet?.css ?? '' });
  } else if (/^\/brand\/logo\.[0-9a-f]{16}\.png$/.test(ctx.path)) {
    const logo = settings.get(BRAND_LOGO);
    const body = logo && (await findLogo(platform));
    if (!body) throw new Refusal('not-found', 'errors.nothing-here');
    answer(ctx, {
      path: `/brand/logo.${logo.digest}.png`,
      type: 'image/png',
      body,
    });
  } else throw new Refusal('not-found', 'errors.nothing-here');
};

function answer(
  ctx: Parameters<Handler>[0],
  file: { readonly path: string | undefined; readonly type: string; readonly body: string | Buffer },
): void {
  ctx.set('Cache-Control', file.path === ctx.path ? FOR_EVER : 'no-store');
  ctx.set('Content-Type', file.type);
  ctx.body = file.body;
}
