import type { Actor } from '../../audit/actor.ts';
import { forgetBrowsers } from '../../defense/known-browsers.ts';
import type { Platform } from '../../platform/platform.ts';
import { voidMailCodes } from '../mail-codes.ts';
import { endSessionsOfAccount } from '../sessions/sessions.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';

/**
 * Whoever was in is out, in the open transaction of what makes them strangers: every session with its grants, half
 * ones included, every known and every trusted browser, every reset and undo that is under way. `except` is the
 * session that brings this about. Sessions come last, as in a sign-in, so that none and this wait for each other.
 */
export async function shutEverybodyOut(
  tx: Platform,
  actor: Actor,
  accountId: string,
  { except }: { except?: string | undefined } = {},
): Promise<void> {
  await forgetTrustedBrowsers(tx, accountId);
  await forgetBrowsers(tx, accountId);
  await endSessionsOfAccount(tx, actor, { accountId, except });
  await voidPasswordResets(tx, accountId);
}

/** Codes that were sent for a new password and proofs that wait to be used: another mailbox or browser may hold them. */
export async function voidPasswordResets(tx: Platform, accountId: string): Promise<void> {
  // The codes first: one that is becoming a proof at this moment is waited for, and its proof is then seen here.
  await voidMailCodes(tx, { purposes: ['password-reset'], subjectIds: [accountId] });
  await tx.db.passwordReset.updateMany({
    where: { accountId, consumedAt: null },
    data: { consumedAt: tx.clock.now() },
  });
}
