import { z } from 'zod';
import { countWaiting, listWaiting, WAITING_KINDS, type WaitingKind } from '../../developers/waiting.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { listWaitingActs } from '../waiting-acts.ts';

const Query = z.object({
  kind: z.enum(WAITING_KINDS).optional().catch(undefined),
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.enum(['approved', 'refused']).optional().catch(undefined),
});

/** GET /admin/reviews: what waits for a decision, the oldest first. */
export function showReviews(platform: Platform): Handler {
  return async (ctx) => {
    const { kind, after, done } = Query.parse({ ...ctx.query });
    const [{ waiting, next }, counts, acts] = await Promise.all([
      listWaiting(platform, { kind, after }),
      countWaiting(platform),
      listWaitingActs(platform),
    ]);
    const asked = new Set(acts.map(({ input }) => (input as { review?: unknown }).review));
    const kinds = WAITING_KINDS.map((name) => ({ name, count: counts.get(name) ?? 0 }));
    const all = kinds.reduce((sum, { count }) => sum + count, 0);
    const rows = waiting.map((row) => ({ ...row, href: reviewPath(row), asked: asked.has(row.id) }));
    renderConsolePage(ctx, 'admin/reviews/reviews', { rows, next, kind, kinds, all, done });
  };
}

function reviewPath({ kind, id }: { readonly kind: WaitingKind; readonly id: string }): string {
  return kind === 'api' ? `/admin/reviews/apis/${id}` : `/admin/reviews/${id}`;
}
