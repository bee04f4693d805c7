import { findAccount } from '../../accounts/account.ts';
import { resetFactors } from '../../accounts/recovery/reset-factors.ts';
import { endSessionsOfAccount } from '../../accounts/sessions/sessions.ts';
import { type Actor, isOperator } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { forgiveFailures } from '../../defense/lockouts.ts';
import { endSuspension } from '../../defense/suspensions/end.ts';
import { suspensionsOf } from '../../defense/suspensions/list.ts';
import { startSuspension } from '../../defense/suspensions/start.ts';
import { BY_OPERATOR, type Suspension } from '../../defense/suspensions/suspension.ts';
import { normalizeAddress } from '../../accounts/addresses.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { roleOfOperator } from '../operators.ts';
import { mayOperate } from '../roles.ts';

type Fault = 'not-allowed' | 'account' | 'own' | 'operator';
type Judged = { readonly ok: true; readonly email: string } | Refused<Fault>;

/** Hours for which an account may be suspended at once; without them until people end it. */
export const SUSPENSION_HOURS = [1, 24, 7 * 24, 30 * 24] as const;

/** Pauses an account until a time, or until people end it; the person reads the reason. Nothing is destroyed. */
export async function suspendAccount(
  platform: Platform,
  actor: Actor,
  input: {
    readonly accountId: string;
    readonly reason: string;
    readonly hours?: number | undefined;
  },
): Promise<{ readonly ok: true; readonly suspension: Suspension } | Refused<string>> {
  const { accountId, reason, hours } = input;
  const judged = await judge(platform, actor, accountId);
  if (!judged.ok) return judged;
  if (!isReason(reason)) return REASON;
  const until = hours === undefined ? undefined : secondsAfter(platform.clock.now(), hours * 3600);
  const wish = { kind: 'account', ids: { accountId }, note: reason.trim(), until } as const;
  return startSuspension(platform, actor, wish);
}

/**
 * Ends what an operator began. What waits for a human takes two people (/admin/suspensions), and what a rule began ends by
 * itself or there.
 */
export async function resumeAccount(
  platform: Platform,
  actor: Actor,
  { accountId }: { readonly accountId: string },
): Promise<{ readonly ok: true } | Refused<string>> {
  const judged = await judge(platform, actor, accountId);
  if (!judged.ok) return judged;
  const { suspensions } = await suspensionsOf(platform, { accountId, live: true });
  const own = suspensions.find(({ kind, rule }) => kind === 'account' && rule === BY_OPERATOR);
  if (!own) return refused('suspension', 'No operator has suspended this account, or it has ended.');
  return endSuspension(platform, actor, { id: own.id });
}

/** Signs every browser of the person out; apps that live as long as a session lose their access with it. */
export async function endAllSessions(
  platform: Platform,
  actor: Actor,
  { accountId }: { readonly accountId: string },
): Promise<{ readonly ok: true; readonly ended: number } | Refused<string>> {
  const judged = await judge(platform, actor, accountId);
  if (!judged.ok) return judged;
  return { ok: true, ended: await endSessionsOfAccount(platform, actor, { accountId }) };
}

/** Takes lost second factors away, as the command line does; the person is told and sets up a new one. */
export async function takeFactors(
  platform: Platform,
  actor: Actor,
  { accountId, reason }: { readonly accountId: string; readonly reason: string },
): Promise<{ readonly ok: true } | Refused<string>> {
  const judged = await judge(platform, actor, accountId);
  if (!judged.ok) return judged;
  if (!isReason(reason)) return REASON;
  return resetFactors(platform, actor, { email: judged.email, reason: reason.trim() });
}

/** Forgets the failures of today that make unknown browsers wait; known browsers have their own. */
export async function forgiveAccount(
  platform: Platform,
  actor: Actor,
  { accountId }: { readonly accountId: string },
): Promise<{ readonly ok: true } | Refused<string>> {
  const judged = await judge(platform, actor, accountId);
  if (!judged.ok) return judged;
  return inTransaction(platform, async (tx) => {
    const emailKey = normalizeAddress(judged.email)?.emailKey ?? '';
    const forgiven = await forgiveFailures(tx, [
      { factor: 'password', subject: emailKey },
      { factor: 'second-factor', subject: accountId },
    ]);
    const details = { limit: 'sign-in-failures', forgiven };
    await recordEvent(tx, actor, 'limit.reset', { kind: 'account', id: accountId }, details);
    return { ok: true };
  });
}

/** Whether `actor` may do something to this account. */
async function judge(platform: Platform, actor: Actor, accountId: string): Promise<Judged> {
  if (!isOperator(actor)) return NOT_ALLOWED;
  const account = await findAccountById(platform, accountId);
  if (!account) return refused('account', 'No account has this ID.');
  if (actor.kind === 'cli') return { ok: true, email: account.email };
  const role = await roleOfOperator(platform, String(actor.id));
  if (!role || !mayOperate(role, 'accounts.change')) return NOT_ALLOWED;
  return (await spareOperators(platform, actor, accountId)) ?? { ok: true, email: account.email };
}

/**
 * Why `actor` may not do to this account what they may do to others; undefined where nothing is in the way. To operators
 * only administrators do anything, or whoever answers the phone could shut out those who watch, or step into their place;
 * and nobody does it to themselves.
 */
export async function spareOperators(
  platform: Platform,
  actor: Actor,
  accountId: string,
): Promise<Refused<'own' | 'operator'> | undefined> {
  if (actor.kind === 'cli') return undefined;
  if (actor.id === accountId) return OWN;
  const account = await findAccountById(platform, accountId);
  if (!account?.operator && !(await roleOfOperator(platform, accountId))) return undefined;
  const role = await roleOfOperator(platform, String(actor.id));
  return role && mayOperate(role, 'operators.change') ? undefined : OPERATOR;
}

async function findAccountById(platform: Platform, id: string) {
  return UUID.test(id) ? findAccount(platform, id) : undefined;
}

function isReason(reason: string): boolean {
  const { length } = reason.trim();
  return length >= 10 && length <= 500;
}

const NOT_ALLOWED = refused('not-allowed', 'Your role does not allow this.');
const OWN = refused('own', 'This is your own account. Your account pages do this, or another operator.');
const OPERATOR = refused('operator', 'This account belongs to an operator. Only administrators change it.');
const REASON = refused('reason', 'Say why in 10 to 500 characters.');
