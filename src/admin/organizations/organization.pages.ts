import { z } from 'zod';
import { suspensionsOf } from '../../defense/suspensions/list.ts';
import { listApis } from '../../developers/apis/api.ts';
import { listClients } from '../../developers/clients/client.ts';
import { listActivity } from '../../developers/organizations/activity.ts';
import { listHosts } from '../../developers/organizations/hosts.ts';
import { listMembers } from '../../developers/organizations/member-list.ts';
import { findOrganizationFacts } from '../../developers/organizations/organization-search.ts';
import { Refusal } from '../../platform/errors.ts';
import { PUBLIC_ID, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { shown } from '../suspensions/suspension-words.ts';

const Query = z.object({
  /** Where the next members, apps or events begin. */
  member: z.string().regex(UUID).optional().catch(undefined),
  app: z.string().regex(PUBLIC_ID).optional().catch(undefined),
  before: z.string().regex(UUID).optional().catch(undefined),
});

const SHOWN = { apps: 20, events: 10 };

/** GET /admin/organizations/:organization: its people, what it owns, and what happened to it lately. */
export function showOrganization(platform: Platform): Handler {
  return async (ctx) => {
    const { member, app } = Query.parse({ ...ctx.query });
    const organization = await organizationOf(ctx, platform);
    const { id: organizationId } = organization;
    const [members, apps, apis, hosts, activity, inForce] = await Promise.all([
      listMembers(platform, { organizationId, after: member }),
      listClients(platform, { organizationId, limit: SHOWN.apps, ...(app && { after: app }) }),
      listApis(platform, { organizationId, limit: 100 }),
      listHosts(platform, organizationId),
      listActivity(platform, { organizationId }),
      suspensionsOf(platform, { organizationId, live: true }),
    ]);
    const clientIds = apps.clients.map(({ id }) => id);
    const ofApps = await suspensionsOf(platform, { clientIds, live: true });
    const suspensions = await shown(platform, [...inForce.suspensions, ...ofApps.suspensions]);
    const activities = activity.activities.slice(0, SHOWN.events);
    const moreEvents = activity.activities.length > SHOWN.events;
    const data = { organization, members, apps, apis: apis.apis, hosts, activities, moreEvents, suspensions };
    renderConsolePage(ctx, 'admin/organizations/organization', data);
  };
}

/** GET /admin/organizations/:organization/events */
export function showOrganizationEvents(platform: Platform): Handler {
  return async (ctx) => {
    const { before } = Query.parse({ ...ctx.query });
    const organization = await organizationOf(ctx, platform);
    const page = await listActivity(platform, { organizationId: organization.id, before });
    renderConsolePage(ctx, 'admin/organizations/organization-events', { organization, ...page });
  };
}

async function organizationOf(ctx: Context, platform: Platform) {
  const organization = await findOrganizationFacts(platform, String(ctx.params.organization));
  if (!organization) throw new Refusal('not-found', 'errors.nothing-here');
  return organization;
}
