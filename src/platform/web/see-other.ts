import type { Context } from './context.ts';

/** Sends the browser on by GET: 303, never 307, because the request may have carried a password (RFC 9700 §4.12). */
export function seeOther(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}
