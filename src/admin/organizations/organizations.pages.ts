import { z } from 'zod';
import { searchOrganizations } from '../../developers/organizations/organization-search.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';

const Query = z.object({
  q: z.string().trim().max(320).catch(''),
  before: z.string().regex(UUID).optional().catch(undefined),
});

/** GET /admin/organizations: all of them, or those that a name, an ID or a member's address finds. */
export function showOrganizations(platform: Platform): Handler {
  return async (ctx) => {
    const { q, before } = Query.parse({ q: '', ...ctx.query });
    const page = await searchOrganizations(platform, { wish: q, before });
    const next = page.next && `/admin/organizations?${new URLSearchParams({ q, before: page.next })}`;
    const { organizations } = page;
    renderConsolePage(ctx, 'admin/organizations/organizations', { organizations, next, entered: { q } });
  };
}
