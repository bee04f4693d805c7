import type { SignalName } from '../defense/signals/catalogue.ts';
import type { RouteVerdict } from '../developers/apis/gateway/judge-route.ts';

/** What somebody tried at an API and may try again and again: which signal it is, and what it was tried on. */
export interface Tried {
  readonly signal: Extract<SignalName, 'route-refused' | 'route-unlisted'>;
  readonly member: string;
}

/**
 * What a call that was refused for its method and path says of whoever made it. `most` is the verdict on the same call
 * with every scope that the access allows: where that is enough, a deployment asked for too little, and nobody tried
 * anything.
 */
export function triedBy(
  verdict: Extract<RouteVerdict, { ok: false }>,
  most: RouteVerdict,
): Tried | undefined {
  const { reason, strayed, route } = verdict;
  if (reason === 'not-listed') return { signal: 'route-unlisted', member: String(strayed) };
  if (reason === 'odd-path') return { signal: 'route-unlisted', member: `spelling ${route?.path ?? ''}` };
  if (reason !== 'insufficient-scope' || most.ok) return undefined;
  return { signal: 'route-refused', member: most.missing ?? 'no scope' };
}
