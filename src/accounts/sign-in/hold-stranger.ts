import { isKnownBrowser } from '../../defense/known-browsers.ts';
import { campaignNow } from '../../defense/sign-in-watch/campaign.ts';
import { networksOf } from '../../platform/web/networks.ts';
import {
  noteRightPassword,
  noteVainTry,
  type Stranger,
  waitOf,
} from '../../defense/sign-in-watch/strangers.ts';
import { turnOf } from '../../defense/sign-in-watch/wait-ticket.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Asker } from '../credentials/hash-queue.ts';
import { hashThreads } from '../credentials/hash-threads.ts';
import { isTrustedBrowser } from '../sessions/trusted-browsers.ts';
import type { Credentials, MustWait } from './sign-in.ts';

/** A sign-in whose password may be looked at. */
export interface Visit {
  readonly ok: true;
  readonly stranger: Stranger;
  readonly asker: Asker;
}

/** Stands in for an account that does not exist, so that the same is looked for. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Turns somebody away at once, before anything is done for them, who would find no place in the line anyway. */
export function turnAwayIfFull(platform: Platform, { browser, origin }: Credentials): void {
  if (campaignNow(platform) || browser !== undefined) return;
  hashThreads.line.turnAwayIfFull({ network: networksOf(origin.address).narrow });
}

/**
 * Lets a sign-in go on, or tells a stranger to wait while passwords are being tried in masses. Whether the browser is
 * known is asked only where that matters: where strangers wait, or where there is a line for hashing. Nothing here
 * depends on whether there is such an account or the password is right. Throws Refusal 'busy' as the line says.
 */
export async function holdStranger(
  platform: Platform,
  input: Credentials,
  { stranger, accountId = NOBODY }: { stranger: Stranger; accountId: string | undefined },
): Promise<Visit | MustWait> {
  const { password, waitTicket, origin } = input;
  const { line } = hashThreads;
  const matters = waitOf(platform, stranger, password) > 0 || line.isCrowded();
  const known = matters && (await isFamiliar(platform, input, accountId));
  if (!known) {
    const turn = turnOf(platform, stranger, { password, ticket: waitTicket });
    if (!turn.ok) {
      noteVainTry(platform, stranger, { password, wrong: false });
      return { ...turn, reason: 'must-wait' };
    }
  }
  const asker = { network: networksOf(origin.address).narrow, known };
  line.turnAwayIfFull(asker);
  return { ok: true, stranger, asker };
}

/** The watch hears how it went for a stranger. */
export function noteOutcome(
  platform: Platform,
  { stranger, asker }: Visit,
  { password, right }: { password: string; right: boolean },
): void {
  if (right) noteRightPassword(platform, stranger);
  else if (!asker.known) noteVainTry(platform, stranger, { password, wrong: true });
}

/** A browser that this account was on before, as nobody can be who merely knows its address and password. */
async function isFamiliar(
  platform: Platform,
  { browser, trusted: value, signedInAs, origin }: Credentials,
  accountId: string,
): Promise<boolean> {
  if (signedInAs === accountId) return true;
  if (await isKnownBrowser(platform, { accountId, browser })) return true;
  return isTrustedBrowser(platform, { accountId, value, userAgent: origin.userAgent });
}
