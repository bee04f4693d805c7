import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { guideFor } from './guide.ts';
import { suspensionsInForceOf } from '../suspensions/own-suspensions.ts';
import { inWords } from '../suspensions/suspension-words.ts';
import { appOf } from './require-app.ts';

/** GET …/apps/:client: what to configure, and the way to the first token. */
export function showApp(platform: Platform): Handler {
  return async (ctx) => {
    const app = appOf(ctx);
    const suspensions = (await suspensionsInForceOf(platform, app)).map(inWords);
    renderPortalPage(ctx, 'developers/clients/app-overview', {
      ...{ app, suspensions, guide: guideFor(platform, app) },
    });
  };
}
