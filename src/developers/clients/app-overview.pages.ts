import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { guideFor } from './guide.ts';
import { appOf } from './require-app.ts';

/** GET …/apps/:client: what to configure, and the way to the first token. */
export function showApp(platform: Platform): Handler {
  return (ctx) => {
    const app = appOf(ctx);
    renderPortalPage(ctx, 'developers/clients/app-overview', { app, guide: guideFor(platform, app) });
  };
}
