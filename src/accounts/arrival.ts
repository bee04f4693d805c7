import type { Platform } from '../platform/platform.ts';
import type { Context } from '../platform/web/context.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { ticketOf } from './carried-ticket.ts';
import { writeBrowser, writeSession } from './session-cookie.ts';
import type { SignedIn } from './sign-in.ts';
import { HOME } from './sign-in-ticket.ts';

/** The end of every way in: the browser gets its session and goes where the ticket says. */
export function arrive(ctx: Context, { config }: Platform, { session, handle, browser }: SignedIn): void {
  writeSession(ctx, config, session, handle);
  if (browser) writeBrowser(ctx, config, browser);
  seeOther(ctx, ticketOf(ctx)?.returnTo ?? HOME);
}
