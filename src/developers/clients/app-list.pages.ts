import { z } from 'zod';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { renderPortalPage } from '../portal-page.ts';
import { listClients } from './client.ts';

const PAGE = 50;

const Query = z.object({
  after: z.string().regex(PUBLIC_ID).optional().catch(undefined),
  done: z.literal('deleted').optional().catch(undefined),
});

/** GET …/apps */
export function showApps(platform: Platform): Handler {
  return async (ctx) => {
    const { organization } = memberOf(ctx);
    const { after, done } = Query.parse({ ...ctx.query });
    const page = { organizationId: organization.id, limit: PAGE, ...(after && { after }) };
    const { clients, next } = await listClients(platform, page);
    renderPortalPage(ctx, 'developers/clients/app-list', { apps: clients, next, done });
  };
}
