import { z } from 'zod';
import type { Place } from '../../platform/crypto/envelope.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Stranger, waitOf } from './strangers.ts';

export type Turn =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfterSeconds: number; readonly ticket?: WaitTicket };

/** A ticket for a browser that has none yet, or none as long, and how many seconds it keeps it. */
export interface WaitTicket extends IssuedSecret {
  readonly maxAgeSeconds: number;
}

/** Milliseconds since the epoch. */
const Ticket = z.object({
  /** The account that is asked for. The ticket is a cookie of one browser, so nobody else can use or spend the wait. */
  account: z.string(),
  since: z.number(),
  until: z.number(),
  /** The wait was made longer once. It is not again. */
  longer: z.boolean(),
});

type Ticket = z.infer<typeof Ticket>;

const PLACE: Place = { table: 'sign-in-wait', column: 'ticket', row: 'any' };
const LONGEST_TICKET = 1024;
/** Seconds that a person who was told to come back may take for it, mistyping the password along the way. */
const GOOD_FOR = 15 * 60;

/**
 * Whose turn it is. The first visit begins a wait, which belongs to the holder of its ticket and to one account; coming early
 * neither shortens nor lengthens it. Where the network went on to try other accounts meanwhile, it is made longer, once:
 * whoever comes back as told is let in at the second time at the latest.
 */
export function turnOf(
  platform: Platform,
  stranger: Stranger,
  { password, ticket }: { password: string; ticket: string | undefined },
): Turn {
  const seconds = waitOf(platform, stranger, password);
  if (seconds === 0) return { ok: true };
  const now = platform.clock.now().getTime();
  const { account } = stranger.tried;
  const held = openTicket(platform, ticket, account);
  if (!held) return issue(platform, { account, since: now, until: now + seconds * 1000, longer: false });
  if (held.until > now) return { ok: false, retryAfterSeconds: secondsUntil(held.until, now) };
  const until = held.since + seconds * 1000;
  if (held.longer || until <= now) return { ok: true };
  return issue(platform, { ...held, until, longer: true });
}

function openTicket(
  { vault, clock }: Platform,
  value: string | undefined,
  account: string,
): Ticket | undefined {
  if (value === undefined || value.length > LONGEST_TICKET) return undefined;
  try {
    const ticket = Ticket.parse(JSON.parse(vault.open(value, PLACE).toString()));
    const isGood = ticket.account === account && ticket.until + GOOD_FOR * 1000 > clock.now().getTime();
    return isGood ? ticket : undefined;
  } catch {
    return undefined;
  }
}

function issue({ vault, clock }: Platform, ticket: Ticket): Turn {
  const secret = vault.seal(JSON.stringify(ticket), PLACE);
  const retryAfterSeconds = secondsUntil(ticket.until, clock.now().getTime());
  return { ok: false, retryAfterSeconds, ticket: { secret, maxAgeSeconds: retryAfterSeconds + GOOD_FOR } };
}

function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
