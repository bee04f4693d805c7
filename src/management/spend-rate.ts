import type { Spent } from '../defense/limits/limit-in-force.ts';
import { slowing } from '../defense/suspensions/slowed.ts';
import { spendCall, spendSlowed } from '../developers/access/access-rate.ts';
import type { Allowed } from '../oidc/judge-token.ts';
import type { Platform } from '../platform/platform.ts';
import { type Denial, deny, type LiveToken, type RateLeft } from './check-answer.ts';

export type SpentRate =
  | { readonly ok: true; readonly left: RateLeft | undefined }
  | { readonly ok: false; readonly denial: Denial };

const UNLIMITED: SpentRate = { ok: true, left: undefined };

/**
 * Counts a call against what is left to its grant and account where these are slowed, and against its access; refuses it
 * where the calls of this minute are used up.
 */
export async function spendRate(
  platform: Platform,
  { token: { clientId, accountId }, grantId }: LiveToken,
  decision: Allowed,
  { reads }: { readonly reads: boolean },
): Promise<SpentRate> {
  const spender = { clientId, accountId, apiId: decision.api.id };
  const { identifier } = decision.api;
  for (const slowed of slowing(platform, { grantId, accountId })) {
    const { budget, spent } = await spendSlowed(platform, decision, spender, slowed);
    if (!spent.ok)
      return denied(`This token may make ${callsAt(budget, identifier)} ${SLOWED}`, budget, spent);
  }
  const spending = spendCall(platform, decision, spender, { writes: !reads });
  if (!spending) return UNLIMITED;
  const { budget: limit } = spending;
  const spent = await spending.spent;
  if (spent.ok) return { ok: true, left: { limit, left: spent.left, resetSeconds: spent.resetSeconds } };
  const slowed = decision.share < 1 || (!reads && decision.writeShare < 1);
  return denied(`This app may make ${callsAt(limit, identifier)}${slowed ? ` ${SLOWED}` : ''}`, limit, spent);
}

const SLOWED = 'while it is slowed down';

function callsAt(calls: number, identifier: string): string {
  return `${calls} calls a minute at ${identifier}`;
}

function denied(may: string, limit: number, { retryAfterSeconds }: Extract<Spent, { ok: false }>): SpentRate {
  const sentence = `${may}, and has made them. Wait ${retryAfterSeconds} seconds.`;
  const rate = { limit, left: 0, resetSeconds: retryAfterSeconds };
  return { ok: false, denial: deny(429, 'rate', sentence, { retryAfterSeconds, rate }) };
}
