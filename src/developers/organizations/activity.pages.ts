import { z } from 'zod';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPortalPage } from '../portal-page.ts';
import { listActivity } from './activity.ts';
import { memberOf } from './require-member.ts';

const Query = z.object({ before: z.string().regex(UUID).optional().catch(undefined) });

/** GET …/activity */
export function showActivity(platform: Platform): Handler {
  return async (ctx) => {
    const { id: organizationId } = memberOf(ctx).organization;
    const { before } = Query.parse({ ...ctx.query });
    const page = await listActivity(platform, { organizationId, before });
    renderPortalPage(ctx, 'developers/organizations/activity', page);
  };
}
