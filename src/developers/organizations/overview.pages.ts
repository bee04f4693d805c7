import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';

/** GET /developers/organizations/:organization */
export const showOverview: Handler = (ctx) => renderPortalPage(ctx, 'developers/organizations/overview');
