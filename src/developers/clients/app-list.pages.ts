import { z } from 'zod';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { renderPortalPage } from '../portal-page.ts';
import { glanceAtApps, warningsOf } from './app-glance.ts';
import { type ClientView, listClients } from './client.ts';
import { appPath } from './require-app.ts';

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
    const apps = await withGlances(platform, clients);
    renderPortalPage(ctx, 'developers/clients/app-list', { apps, next, done });
  };
}

async function withGlances(platform: Platform, clients: readonly ClientView[]) {
  const ids = clients.map(({ id }) => id);
  const glances = await glanceAtApps(platform, ids);
  return clients.map((app, i) => {
    const glance = glances[i];
    const suspended = app.suspendedAt !== null;
    return { ...app, ...glance, warnings: glance ? warningsOf({ ...glance, suspended }, appPath(app)) : [] };
  });
}
