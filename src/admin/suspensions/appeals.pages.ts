import { z } from 'zod';
import { listAppeals } from '../../defense/suspensions/appeals.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { listWaitingActs } from '../waiting-acts.ts';
import { shown } from './suspension-words.ts';

const Query = z.object({
  view: z.enum(['waiting', 'decided']).catch('waiting'),
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.enum(['granted', 'refused']).optional().catch(undefined),
});

/** GET /admin/appeals: those that wait, the oldest first, or those that were decided. */
export function showAppeals(platform: Platform): Handler {
  return async (ctx) => {
    const { view, after, done } = Query.parse({ view: 'waiting', ...ctx.query });
    const { appeals, next: last } = await listAppeals(platform, { waiting: view === 'waiting', after });
    const suspensions = await shown(
      platform,
      appeals.map(({ suspension }) => suspension),
    );
    const acts = await listWaitingActs(platform);
    const asked = new Set(acts.map(({ input }) => (input as { appeal?: unknown }).appeal));
    const rows = appeals.map((appeal, i) => ({
      ...appeal,
      ...{ suspension: suspensions[i], asked: asked.has(appeal.id) },
    }));
    const next = last && `/admin/appeals?${new URLSearchParams({ view, after: last })}`;
    renderConsolePage(ctx, 'admin/suspensions/appeals', { rows, view, next, done });
  };
}
