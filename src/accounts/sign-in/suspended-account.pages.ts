import { effectOf } from '../../defense/suspensions/ladder.ts';
import { suspensionsOf } from '../../defense/suspensions/list.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findAccount } from '../account.ts';
import { readSuspendedSession } from '../sessions/session-cookie.ts';
import { HOME } from './sign-in-ticket.ts';

/**
 * GET /suspended-account: why and until when, for whoever proved both factors and for nobody else, so that an address
 * and a guessed password tell nothing. Everybody else, and whoever is released meanwhile, goes on as usual.
 */
export function showSuspendedAccount(platform: Platform): Handler {
  return async (ctx) => {
    const session = await readSuspendedSession(platform, ctx);
    const account = session && (await findAccount(platform, session.accountId));
    if (!account) return seeOther(ctx, HOME);
    const suspension = await strictest(platform, account.id);
    const data = { email: account.email, until: suspension?.until, note: suspension?.note };
    renderPage(ctx, 'accounts/sign-in/suspended-account', data, { status: 403 });
  };
}

/** Of several the one that lasts longest: without an end, or with the latest. */
async function strictest(
  platform: Platform,
  accountId: string,
): Promise<{ until: Date | null; note: string | null } | undefined> {
  const now = platform.clock.now();
  const { suspensions } = await suspensionsOf(platform, { accountId, live: true });
  const stopping = suspensions
    .filter(({ kind }) => kind === 'account')
    .map((suspension) => ({ ...effectOf(suspension, now), note: suspension.note }))
    .filter(({ share }) => share === 0);
  const end = ({ until }: { until: Date | null }) => until?.getTime() ?? Number.POSITIVE_INFINITY;
  return stopping.sort((one, other) => end(other) - end(one))[0];
}
