import { z } from 'zod';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { renderPortalPage } from '../portal-page.ts';
import { listApis } from './api.ts';

const Query = z.object({ after: z.string().regex(UUID).optional().catch(undefined) });

/** GET …/apis: what the organization registered, approved or waiting. */
export function showApis(platform: Platform): Handler {
  return async (ctx) => {
    const { organization } = memberOf(ctx);
    const { after } = Query.parse({ ...ctx.query });
    const page = await listApis(platform, { organizationId: organization.id, ...(after && { after }) });
    renderPortalPage(ctx, 'developers/apis/api-list', page);
  };
}
