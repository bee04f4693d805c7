import { z } from 'zod';
import { epochSeconds } from '../../platform/clock.ts';
import type { Place } from '../../platform/crypto/envelope.ts';
import type { Platform } from '../../platform/platform.ts';
import { safeReturnTo } from '../../platform/web/return-to.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import { ACR_VALUES, type Acr, reaches, strengthFor } from './strength.ts';

/** What whoever sends a visitor to sign in wants: where to return, and how strict to be. */
export interface SignInTicket {
  /** An absolute path on our own origin. */
  readonly returnTo: string;
  /** The name of the app that the visitor comes from, for the headline. */
  readonly title?: string | undefined;
  readonly locale?: string | undefined;
  /** The address to prefill. */
  readonly hint?: string | undefined;
  /** Milliseconds since the epoch: only an authentication after that moment is enough. */
  readonly freshAfter?: number | undefined;
  /** Show the form even to a visitor who is signed in. */
  readonly switchAccount?: boolean | undefined;
  /** Only this account may sign in here: "Confirm it's you". */
  readonly accountId?: string | undefined;
  /** At least this strong: a step-up, for `clientId` where an app asked for it. */
  readonly acr?: Acr | undefined;
  readonly clientId?: string | undefined;
  /** Where a form goes that gives up, and a link for whoever wants to be somebody else; paths on our own origin. */
  readonly cancelPath?: string | undefined;
  readonly switchPath?: string | undefined;
}

/** Where a visitor goes who signs in without a ticket, or with one that does not open. */
export const HOME = '/account';

const TICKET_SECONDS = 3600;
const LONGEST_TICKET = 8192;
const PLACE: Place = { table: 'sign-in-ticket', column: 'ticket', row: 'any' };

const Sealed = z.object({
  expires: z.number(),
  ticket: z.object({
    returnTo: z.string(),
    title: z.string().optional(),
    locale: z.string().optional(),
    hint: z.string().optional(),
    freshAfter: z.number().optional(),
    switchAccount: z.boolean().optional(),
    accountId: z.string().optional(),
    acr: z.enum(ACR_VALUES).optional(),
    clientId: z.string().optional(),
    cancelPath: z.string().optional(),
    switchPath: z.string().optional(),
  }),
});

/** `/sign-in?ticket=…`, good for an hour. Sealed, so that a visitor can neither read nor change what it demands. */
export function signInPath(platform: Platform, ticket: SignInTicket): string {
  return `/sign-in?ticket=${encodeURIComponent(sealTicket(platform, ticket))}`;
}

export function sealTicket({ vault, clock }: Platform, ticket: SignInTicket): string {
  const expires = epochSeconds(clock.now()) + TICKET_SECONDS;
  return vault.seal(JSON.stringify({ expires, ticket }), PLACE);
}

/** The ticket behind a query parameter; undefined when it is missing, altered or expired. */
export function openTicket({ vault, clock }: Platform, value: unknown): SignInTicket | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_TICKET) return undefined;
  try {
    const { expires, ticket } = Sealed.parse(JSON.parse(vault.open(value, PLACE).toString()));
    if (expires <= epochSeconds(clock.now()) || !safeReturnTo(ticket.returnTo)) return undefined;
    return ticket;
  } catch {
    return undefined;
  }
}

/** True where a visitor with this session need not sign in again for this ticket. */
export function satisfies(
  session: LiveSession | undefined,
  ticket: SignInTicket | undefined,
  now: Date,
): boolean {
  if (!session || ticket?.switchAccount) return false;
  if (ticket?.accountId !== undefined && ticket.accountId !== session.accountId) return false;
  if (ticket?.acr && !reaches(strengthFor(session, ticket.clientId, now).acr, ticket.acr)) return false;
  return session.authenticatedAt.getTime() > (ticket?.freshAfter ?? 0);
}
