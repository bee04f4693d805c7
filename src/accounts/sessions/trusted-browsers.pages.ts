import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { renderAccountPage } from '../area/account-page.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { deviceInWords } from './device-in-words.ts';
import { listTrustedBrowsers, removeTrustedBrowser } from './trusted-browsers.ts';

const PAGE = '/account/sign-in-methods/trusted-browsers';
const REMOVAL = `${PAGE}/removal`;

/** GET /account/sign-in-methods/trusted-browsers: where the second factor is not asked for. */
export function showTrustedBrowsers(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const browsers = await listTrustedBrowsers(platform, accountId);
    await renderAccountPage(ctx, 'accounts/sessions/trusted-browsers', {
      removal: REMOVAL,
      removed: ctx.query.done === 'removed',
      browsers: browsers.map(({ userAgent, ...browser }) => ({
        ...browser,
        device: deviceInWords(userAgent),
      })),
    });
  };
}

/** POST …/:id/removal: that browser is asked for the second factor again. */
export function submitTrustedBrowserRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    await readForm(ctx, z.object({}), { formPurpose: REMOVAL });
    const id = String(ctx.params.id);
    await removeTrustedBrowser(platform, accountActor(ctx, accountId), { accountId, id });
    seeOther(ctx, `${PAGE}?done=removed`);
  };
}
