import { ticketOf } from '../accounts/sign-in/carried-ticket.ts';
import type { Context } from '../platform/web/context.ts';

/**
 * Whether somebody who is signed in proves anew who they are for the console: what they change there must not wait until
 * the load that they look into is over. Only the guards of the console seal tickets for an account that lead there, and
 * only after they found an operator. Asks nothing of the database.
 */
export function isOnTheWayToConsole(ctx: Context): boolean {
  if (!/^\/sign-in(\/|$)/.test(ctx.path)) return false;
  const { accountId, returnTo = '' } = ticketOf(ctx) ?? {};
  return accountId !== undefined && /^\/admin([/?]|$)/.test(returnTo);
}
