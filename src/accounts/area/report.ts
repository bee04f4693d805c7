import { eventsOfAccount } from '../../audit/account-events.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { forgetBrowsers } from '../../defense/known-browsers.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { revokeOtherGrants } from '../../tokens/revocation.ts';
import { lockFactors } from '../credentials/second-factors.ts';
import { cancelFactorReset } from '../recovery/factor-reset.ts';
import { voidPasswordResets } from '../recovery/shut-out.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { countOtherSessions } from '../sessions/session-list.ts';
import { endSessionsOfAccount } from '../sessions/sessions.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';

/** What a report did. */
export interface Report {
  readonly at: Date;
  readonly sessionsEnded: number;
  readonly grantsRevoked: number;
}

export interface ReportInput {
  readonly accountId: string;
  /** The session the report comes from: it alone goes on. */
  readonly sessionId: string;
  /** What was not the owner's doing, as they said. */
  readonly eventId?: string | undefined;
}

/**
 * "This wasn't me": whatever a stranger may hold is worth nothing afterwards. Ends all other sessions, every grant
 * that was not given in this one (those of apps that may work alone, and personal tokens, too), the trust in
 * browsers, and resets that are under way. The password is the owner's to change next. Of two sessions that report at
 * the same time the first one stays; false where this one was ended.
 */
export async function reportActivity(
  platform: Platform,
  actor: Actor,
  { accountId, sessionId, eventId }: ReportInput,
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, accountId);
    if (!(await holdSession(tx, sessionId))) return false;
    // In the order of shutEverybodyOut(), sessions last: a sign-in under way must not make the report fail.
    await forgetTrustedBrowsers(tx, accountId);
    await forgetBrowsers(tx, accountId);
    const sessionsEnded = await countOtherSessions(tx, { accountId, id: sessionId });
    await endSessionsOfAccount(tx, actor, { accountId, except: sessionId });
    const grantsRevoked = await revokeOtherGrants(tx, accountId, sessionId);
    await cancelFactorReset(tx, actor, { accountId, by: 'session' });
    await voidPasswordResets(tx, accountId);
    const target = { kind: 'account', id: accountId };
    const details = { sessionsEnded, grantsRevoked, event: eventId ?? null };
    await recordEvent(tx, actor, 'account.reported', target, details);
    return true;
  });
}

/** The last report of the account, if there was one. */
export async function findReport(platform: Platform, accountId: string): Promise<Report | undefined> {
  const [event] = await eventsOfAccount(platform, { accountId, actions: ['account.reported'], take: 1 });
  if (!event) return undefined;
  const { sessionsEnded, grantsRevoked } = event.details;
  return { at: event.at, sessionsEnded: Number(sessionsEnded), grantsRevoked: Number(grantsRevoked) };
}
