import { z } from 'zod';
import { countWaiting, listWaiting, WAITING_KINDS, type WaitingKind } from '../../developers/waiting.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';

const Query = z.object({
  kind: z.enum(WAITING_KINDS).optional().catch(undefined),
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.enum(['approved', 'refused', 'asked']).optional().catch(undefined),
});

/** GET /admin/reviews: what waits for a decision, the oldest first. */
export function showReviews(platform: Platform): Handler {
  return async (ctx) => {
    const { kind, after, done } = Query.parse({ ...ctx.query });
    const [{ waiting, next }, counts] = await Promise.all([
      listWaiting(platform, { kind, after }),
      countWaiting(platform),
    ]);
    const kinds = WAITING_KINDS.map((name) => ({ name, count: counts.get(name) ?? 0 }));
    const all = kinds.reduce((sum, { count }) => sum + count, 0);
    const rows = waiting.map((row) => ({ ...row, href: reviewPath(row) }));
    renderConsolePage(ctx, 'admin/reviews/reviews', { rows, next, kind, kinds, all, done });
  };
}

function reviewPath({ kind, id }: { readonly kind: WaitingKind; readonly id: string }): string {
  return kind === 'api' ? `/admin/reviews/apis/${id}` : `/admin/reviews/${id}`;
}
