import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { accountActor } from '../actor.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { type DataPart, DOWNLOAD_PAUSE_SECONDS, downloadData } from './personal-data.ts';

/** GET /account/data: what we hold, as a file; and the way out. */
export function showData(): Handler {
  return (ctx) => renderAccountPage(ctx, 'accounts/area/data');
}

/** POST /account/data/download: the file. */
export function submitDownload(platform: Platform, parts: readonly DataPart[]): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId } = await sessionOf(platform, ctx);
    const outcome = await downloadData(platform, accountActor(ctx, accountId), { accountId, parts });
    if (outcome.ok) return sendFile(ctx, platform, outcome.data);
    ctx.set('Retry-After', String(DOWNLOAD_PAUSE_SECONDS));
    const problems = { form: 'data.too-soon' };
    await renderAccountPage(ctx, 'accounts/area/data', { problems }, { status: 429 });
  };
}

/** Never shown in the browser and never kept on the way: it is a person's life in one file. */
function sendFile(ctx: Context, { clock }: Platform, data: object): void {
  const day = clock.now().toISOString().slice(0, 10);
  ctx.type = 'application/json; charset=utf-8';
  ctx.set('Content-Disposition', `attachment; filename="account-${day}.json"`);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = JSON.stringify(data, null, 2);
}
