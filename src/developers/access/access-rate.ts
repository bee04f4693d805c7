import { lease } from '../../defense/limits/lease.ts';
import { leasedNow } from '../../defense/limits/leased-now.ts';
import type { Spent } from '../../defense/limits/limit-in-force.ts';
import type { Slowed } from '../../defense/suspensions/slowed.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessDecision } from './decide-access.ts';
import { PERSONAL_TOKENS_CLIENT } from './personal-access.ts';

type Allowed = Extract<AccessDecision, { allowed: true }>;

/** What a suspension leaves is a share of a number: of an access without one of its own it is this many calls a minute. */
export const UNLIMITED_CALLS = 600;

/** Calls a minute that a decision leaves; null has no limit. A suspension takes its share of it. */
export function callsAMinute(
  { requestsPerMinute, share, writeShare }: Allowed,
  { writes }: { readonly writes: boolean },
): number | null {
  const left = writes ? writeShare : share;
  if (requestsPerMinute === null && left === 1) return null;
  return callsLeft(requestsPerMinute, left);
}

/** The share of a number of calls a minute that a suspension leaves, at least one; null is no number of its own. */
export function callsLeft(requestsPerMinute: number | null, share: number): number {
  return Math.max(1, Math.floor((requestsPerMinute ?? UNLIMITED_CALLS) * share));
}

/** Who spends: a client at an API; of personal access tokens each person, who has nothing to do with the others. */
export interface Spender {
  readonly clientId: string;
  readonly apiId: string;
  readonly accountId: string | undefined;
}

/** Over all processes, by leases: no statement per call. Undefined where there is no limit. */
export function spendCall(
  platform: Platform,
  decision: Allowed,
  spender: Spender,
  { writes }: { readonly writes: boolean },
): { readonly budget: number; readonly spent: Spent | Promise<Spent> } | undefined {
  const budget = callsAMinute(decision, { writes });
  if (budget === null) return undefined;
  // Only where writes are slowed down alone do they have a budget of their own.
  const apart = writes && decision.writeShare < decision.share;
  const key = apart ? `${keyOf(spender)} writes` : keyOf(spender);
  return { budget, spent: lease(platform, 'access', key, { budget }) };
}

/**
 * Spends from what is left to a grant or an account that is slowed, beside the limit of the access: its share is taken of
 * that limit, so that the others at the app keep theirs.
 */
export async function spendSlowed(
  platform: Platform,
  { requestsPerMinute }: Allowed,
  { apiId }: Spender,
  slowed: Slowed,
): Promise<{ readonly budget: number; readonly spent: Spent }> {
  const budget = callsLeft(requestsPerMinute, slowed.share);
  return { budget, spent: await lease(platform, 'access', `slowed ${slowed.id} ${apiId}`, { budget }) };
}

/** How many calls of this minute are spoken for, by client at an API, as processes have taken them. */
export async function callsThisMinute(
  platform: Platform,
  spenders: readonly Spender[],
): Promise<ReadonlyMap<Spender, number>> {
  const keys = spenders.map(keyOf);
  const taken = await leasedNow(platform, 'access', keys);
  return new Map(spenders.map((spender, at) => [spender, taken[at] ?? 0]));
}

function keyOf({ clientId, apiId, accountId }: Spender): string {
  return clientId === PERSONAL_TOKENS_CLIENT ? `${clientId} ${apiId} ${accountId}` : `${clientId} ${apiId}`;
}
