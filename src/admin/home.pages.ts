import type { Platform } from '../platform/platform.ts';
import type { Handler } from '../platform/web/context.ts';
import { renderConsolePage } from './console-page.ts';
import { figuresFor } from './home.ts';
import { operatorOf } from './require-operator.ts';

/** GET /admin: what needs attention first. */
export function showHome(platform: Platform): Handler {
  return async (ctx) => {
    const { attention, today } = await figuresFor(platform, operatorOf(ctx).role);
    const waiting = attention.filter(({ count }) => count > 0);
    const calm = attention.filter(({ count }) => count === 0);
    renderConsolePage(ctx, 'admin/home', { waiting, calm, today });
  };
}
