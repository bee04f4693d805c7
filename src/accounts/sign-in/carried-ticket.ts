import { Refusal } from '../../platform/errors.ts';
import type { Context } from '../../platform/web/context.ts';
import type { SignInDemand } from './complete-session.ts';
import { HOME, openTicket, type SignInTicket, sealTicket } from './sign-in-ticket.ts';

/** The ticket of this request, opened. Every page of a sign-in carries it in its query, forms included. */
export function ticketOf(ctx: Context): SignInTicket | undefined {
  return openTicket(ctx.state.platform, carried(ctx));
}

/** What whoever sent the visitor here demands of the sign-in that completes. */
export function demandOf(ctx: Context): SignInDemand {
  const { accountId, acr, clientId } = ticketOf(ctx) ?? {};
  return { accountId, acr, clientId };
}

/** The path of another step with the same ticket, and what else its query is to say. */
export function carryTicket(ctx: Context, path: string, also: Record<string, string> = {}): string {
  const ticket = carried(ctx);
  const query = new URLSearchParams({ ...(ticket && { ticket }), ...also });
  return query.size > 0 ? `${path}?${query}` : path;
}

/** The path of another step whose form finds this address filled in (WCAG 3.3.7). Sealed: no address in a URL. */
export function carryHint(ctx: Context, path: string, hint: string | undefined): string {
  if (!hint) return carryTicket(ctx, path);
  const ticket = sealTicket(ctx.state.platform, { returnTo: HOME, ...ticketOf(ctx), hint });
  return `${path}?${new URLSearchParams({ ticket })}`;
}

function carried(ctx: Context): string | undefined {
  const { ticket } = ctx.query;
  if (Array.isArray(ticket)) throw new Refusal('bad-request', 'errors.two-tickets');
  return ticket;
}
