import type { Handler } from '../platform/web/context.ts';
import { renderConsolePage } from './console-page.ts';

/** GET /admin: what needs attention first. */
export const showHome: Handler = (ctx) => {
  renderConsolePage(ctx, 'admin/home');
};
