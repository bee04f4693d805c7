import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { forgetBrowsers } from '../../defense/known-browsers.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { eraseHoldings } from '../../tokens/erasure.ts';
import { revokeGrantsOfAccount } from '../../tokens/revocation.ts';
import { hasObligation } from '../obligations.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { endSessionsOfAccount, type LiveSession } from '../sessions/sessions.ts';

/** What a person sees about the end of their account. */
export interface Closing {
  /** Null while nobody asked for it. */
  readonly closesAt: Date | null;
  /** Somebody depends on the account: it cannot be closed now. */
  readonly held: boolean;
}

export type RequestedClosing =
  | { readonly ok: true; readonly closesAt: Date }
  | { readonly ok: false; readonly reason: 'held' | 'session-over' };

/** Seconds in which a person may change their mind. */
export const CLOSING_SECONDS = 7 * 86_400;

export async function findClosing(platform: Platform, accountId: string): Promise<Closing> {
  const { closesAt } = await platform.db.account.findUniqueOrThrow({ where: { id: accountId } });
  return { closesAt, held: await hasObligation(platform, accountId, 'hold-closing') };
}

/**
 * Closes an account in a week. Apps lose their access at once (D13) and other sessions end; signing in still works, so
 * that the person can change their mind. Asked for twice, the first date stands.
 */
export async function requestClosing(
  platform: Platform,
  actor: Actor,
  session: LiveSession,
): Promise<RequestedClosing> {
  const { accountId } = session;
  return inTransaction(platform, async (tx) => {
    if (!(await holdSession(tx, session.id))) return { ok: false, reason: 'session-over' };
    if (await hasObligation(tx, accountId, 'hold-closing')) return { ok: false, reason: 'held' };
    const closesAt = secondsAfter(tx.clock.now(), CLOSING_SECONDS);
    const { count } = await tx.db.account.updateMany({
      where: { id: accountId, closesAt: null },
      data: { closesAt },
    });
    const account = await tx.db.account.findUniqueOrThrow({ where: { id: accountId } });
    if (count === 0) return { ok: true, closesAt: account.closesAt ?? closesAt };
    await endSessionsOfAccount(tx, actor, { accountId, except: session.id });
    const grantsRevoked = await revokeGrantsOfAccount(tx, accountId);
    const target = { kind: 'account', id: accountId };
    await recordEvent(tx, actor, 'account.closing-requested', target, { grantsRevoked });
    const signInAddress = `${tx.config.issuer}/sign-in`;
    const letter = renderLetter(tx, 'closing-waiting', { on: closesAt, signInAddress }, account.locale);
    await queueLetter(tx, { to: account.email, ...letter });
    return { ok: true, closesAt };
  });
}

/** Keeps the account after all. False where nothing waits, or the account is gone already. */
export async function cancelClosing(platform: Platform, actor: Actor, accountId: string): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const { count } = await tx.db.account.updateMany({
      where: { id: accountId, closesAt: { not: null } },
      data: { closesAt: null },
    });
    if (count === 0) return false;
    await recordEvent(tx, actor, 'account.closing-cancelled', { kind: 'account', id: accountId });
    return true;
  });
}

const BATCH = 100;
const ACTOR = { kind: 'job', id: 'close-due-accounts' } as const;

/** What an upper floor holds about a person besides the account, and erases in the same transaction. */
export type ErasurePart = (
  tx: Platform,
  person: { readonly accountId: string; readonly emailKey: string },
) => Promise<void>;

/**
 * Job: erases the accounts whose week is over, with what `parts` know of. One that somebody depends on meanwhile waits
 * until that ends.
 */
export async function closeDueAccounts(
  platform: Platform,
  parts: readonly ErasurePart[] = [],
): Promise<number> {
  const due = await platform.db.account.findMany({
    where: { closesAt: { lte: platform.clock.now() }, obligations: { none: { kind: 'hold-closing' } } },
    select: { id: true },
    take: BATCH,
  });
  let closed = 0;
  for (const { id } of due) if (await eraseAccount(platform, id, parts)) closed += 1;
  return closed;
}

/**
 * Erases one account with all that names it; the audit trail keeps ids. The address is free again, but never the
 * subject: whoever signs up with it gets another id. False where the person kept the account in the last moment,
 * or somebody came to depend on it.
 */
async function eraseAccount(platform: Platform, id: string, parts: readonly ErasurePart[]): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const [account] = await tx.db.$queryRaw<{ email: string; email_key: string; locale: string | null }[]>`
      SELECT email, email_key, locale FROM accounts WHERE id = ${id}::uuid AND closes_at <= ${tx.clock.now()} FOR UPDATE`;
    if (!account) return false;
    // The lock has waited for whoever came to depend on it just now; whoever comes later finds no account.
    if (await hasObligation(tx, id, 'hold-closing')) return false;
    const resources = await eraseHoldings(tx, id);
    await forgetBrowsers(tx, id);
    const person = { accountId: id, emailKey: account.email_key };
    for (const erase of parts) await erase(tx, person);
    await forgetPlansOf(tx, person);
    await tx.db.account.delete({ where: { id } });
    await recordEvent(tx, ACTOR, 'account.closed', { kind: 'account', id }, { resources });
    const signUpAddress = `${tx.config.issuer}/sign-up`;
    const letter = renderLetter(tx, 'account-closed', { signUpAddress }, account.locale);
    await queueLetter(tx, { to: account.email, ...letter });
    return true;
  });
}

/** What is kept beside the account: its codes, sign-ups and passes for its address. */
async function forgetPlansOf(
  { db }: Platform,
  { accountId, emailKey }: { accountId: string; emailKey: string },
): Promise<void> {
  const changes = await db.emailChange.findMany({ where: { accountId }, select: { id: true } });
  const subjectIds = [accountId, ...changes.map(({ id }) => id)];
  await db.mailCode.deleteMany({ where: { OR: [{ subjectId: { in: subjectIds } }, { email: emailKey }] } });
  await db.signUp.deleteMany({ where: { emailKey } });
  await db.signUpPass.deleteMany({ where: { emailKey } });
}
