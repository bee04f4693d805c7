import type { RouteVerdict } from '../developers/apis/gateway/judge-route.ts';
import type { Allowed } from '../oidc/judge-token.ts';
import type { PresentedToken } from '../oidc/token-conditions.ts';
import type { Platform } from '../platform/platform.ts';
import type { Denial, RateLeft } from './check-answer.ts';

export type SpentRate =
  | { readonly ok: true; readonly left: RateLeft | undefined }
  | { readonly ok: false; readonly denial: Denial };

export async function spendRate(
  _platform: Platform,
  _token: PresentedToken,
  _decision: Allowed,
  _route: Extract<RouteVerdict, { ok: true }>,
): Promise<SpentRate> {
  return { ok: true, left: undefined };
}
