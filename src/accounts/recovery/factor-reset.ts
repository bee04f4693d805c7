import type { FactorReset } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type Account, findAccount } from '../account.ts';
import { sendResetCancelled, sendResetWaiting } from '../credentials/factor-letters.ts';
import { consumeMailCode } from '../mail-codes.ts';
import { hasObligation } from '../obligations.ts';
import { judgeResetCode, type ResetCodeFailure } from './factor-reset-codes.ts';

/** Somebody who proved the password says that the second factor is lost. Due at `dueAt`, void at `expiresAt`. */
export interface WaitingReset {
  readonly id: string;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date;
}

export type StartedReset =
  | { readonly ok: true; readonly reset: WaitingReset }
  | { readonly ok: false; readonly reason: 'refused' }
  | ResetCodeFailure;

/** The owner has this long to see the announcements and to object. */
export const RESET_WAITS_SECONDS = 72 * 3600;

/** Seconds after it is due for which a reset may be completed. */
export const RESET_OPEN_SECONDS = 7 * 86_400;

/**
 * Whether waiting alone may never replace this account's second factor: operators, and whoever an upper floor protects.
 * Asked before a reset is begun and again when it is completed, because an obligation may arrive meanwhile.
 */
export async function refusesSlowReset(
  platform: Platform,
  { id, operator }: Pick<Account, 'id' | 'operator'>,
): Promise<boolean> {
  return operator || (await hasObligation(platform, id, 'no-slow-reset'));
}

/** The reset that waits or is due, for banners and pages. An account has one at most. */
export async function waitingFactorReset(
  { db, clock }: Platform,
  accountId: string,
): Promise<WaitingReset | undefined> {
  const row = await db.factorReset.findFirst({ where: { accountId, ...open(clock.now()) } });
  return row ? waiting(row) : undefined;
}

/**
 * Starts the wait, with the code of a letter typed into the browser that asked for it. A second start finds the first
 * one waiting: it neither shortens nor restarts anything.
 */
export async function startFactorReset(
  platform: Platform,
  actor: Actor,
  input: { account: Account; browser: string | undefined; code: string },
): Promise<StartedReset> {
  const { account } = input;
  if (await refusesSlowReset(platform, account)) return { ok: false, reason: 'refused' };
  const judgement = await judgeResetCode(platform, actor, input);
  if (!judgement.ok) return judgement;
  return inTransaction(platform, async (tx) => {
    // One at a time: of two starts the second must see the first.
    await tx.db.$queryRaw`SELECT id FROM accounts WHERE id = ${account.id}::uuid FOR NO KEY UPDATE`;
    if (!(await consumeMailCode(tx, judgement.codeId))) return { ok: false, reason: 'no-code' };
    const standing = await waitingFactorReset(tx, account.id);
    return { ok: true, reset: standing ?? (await createReset(tx, actor, account)) };
  });
}

/**
 * Ends a wait because its account proved a factor or objected from a session; call it in that transaction. False where
 * nothing waited.
 */
export async function cancelFactorReset(
  platform: Platform,
  actor: Actor,
  { accountId, by }: { accountId: string; by: 'factor' | 'session' | 'undo' },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    // Written out, because it runs in every sign-in and hardly ever finds a row.
    const [row] = await tx.db.$queryRaw<{ id: string }[]>`
      UPDATE factor_resets SET cancelled_at = ${now.toISOString()}::timestamptz
      WHERE account_id = ${accountId}::uuid AND cancelled_at IS NULL AND completed_at IS NULL
        AND expires_at > ${now.toISOString()}::timestamptz
      RETURNING id::text AS id`;
    if (!row) return false;
    const account = await findAccount(tx, accountId);
    if (account) await sendResetCancelled(tx, account);
    const target = { kind: 'factor-reset', id: row.id };
    await recordEvent(tx, actor, 'factor-reset.cancelled', target, { accountId, by });
    return true;
  });
}

/** Job: forgets resets a month after they were void. */
export async function sweepFactorResets({ db, clock }: Platform): Promise<number> {
  const before = secondsAfter(clock.now(), -30 * 86_400);
  const { count } = await db.factorReset.deleteMany({ where: { expiresAt: { lt: before } } });
  return count;
}

async function createReset(tx: Platform, actor: Actor, account: Account): Promise<WaitingReset> {
  const now = tx.clock.now();
  const dueAt = secondsAfter(now, RESET_WAITS_SECONDS);
  const expiresAt = secondsAfter(dueAt, RESET_OPEN_SECONDS);
  const data = { id: newId(), accountId: account.id, createdAt: now, dueAt, expiresAt };
  const row = await tx.db.factorReset.create({ data });
  await sendResetWaiting(tx, account, dueAt);
  const target = { kind: 'factor-reset', id: row.id };
  await recordEvent(tx, actor, 'factor-reset.requested', target, { accountId: account.id });
  return waiting(row);
}

function open(now: Date) {
  return { cancelledAt: null, completedAt: null, expiresAt: { gt: now } };
}

function waiting({ id, createdAt, dueAt, expiresAt }: FactorReset): WaitingReset {
  return { id, createdAt, dueAt, expiresAt };
}
