import { spendCall } from '../developers/access/access-rate.ts';
import type { Allowed } from '../oidc/judge-token.ts';
import type { PresentedToken } from '../oidc/token-conditions.ts';
import type { Platform } from '../platform/platform.ts';
import { type Denial, deny, type RateLeft } from './check-answer.ts';

export type SpentRate =
  | { readonly ok: true; readonly left: RateLeft | undefined }
  | { readonly ok: false; readonly denial: Denial };

const UNLIMITED: SpentRate = { ok: true, left: undefined };

/** Counts a call against its access, and refuses it where the calls of this minute are used up. */
export async function spendRate(
  platform: Platform,
  { clientId, accountId }: PresentedToken,
  decision: Allowed,
  { reads }: { readonly reads: boolean },
): Promise<SpentRate> {
  const spender = { clientId, accountId, apiId: decision.api.id };
  const spending = spendCall(platform, decision, spender, { writes: !reads });
  if (!spending) return UNLIMITED;
  const { budget: limit } = spending;
  const spent = await spending.spent;
  if (spent.ok) return { ok: true, left: { limit, left: spent.left, resetSeconds: spent.resetSeconds } };
  const { retryAfterSeconds } = spent;
  const slowed = decision.share < 1 || (!reads && decision.writeShare < 1);
  const sentence = `This app may make ${limit} calls a minute at ${decision.api.identifier}${slowed ? ' while it is slowed down' : ''}, and has made them. Wait ${retryAfterSeconds} seconds.`;
  const rate = { limit, left: 0, resetSeconds: retryAfterSeconds };
  return { ok: false, denial: deny(429, 'rate', sentence, { retryAfterSeconds, rate }) };
}
