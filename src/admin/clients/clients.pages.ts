import { z } from 'zod';
import { searchClients } from '../../developers/clients/client-search.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';

const Query = z.object({
  q: z.string().trim().max(320).catch(''),
  after: z.string().regex(PUBLIC_ID).optional().catch(undefined),
});

/** GET /admin/clients: all apps, or those that a name, a client ID or a redirect host finds. */
export function showClients(platform: Platform): Handler {
  return async (ctx) => {
    const { q, after } = Query.parse({ q: '', ...ctx.query });
    const page = await searchClients(platform, { wish: q, after });
    const next = page.next && `/admin/clients?${new URLSearchParams({ q, after: page.next })}`;
    renderConsolePage(ctx, 'admin/clients/clients', { clients: page.clients, next, entered: { q } });
  };
}
