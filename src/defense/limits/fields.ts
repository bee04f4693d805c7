import type { Context } from '../../platform/web/context.ts';
import type { Limit, LimitName } from './catalogue.ts';
import type { Spent } from './limit-in-force.ts';

/** Says in the answer what the limit is and what is left of it (draft-ietf-httpapi-ratelimit-headers-11). */
export function rateLimitFields(
  ctx: Pick<Context, 'set'>,
  name: LimitName | 'people',
  { budget, windowSeconds }: Pick<Limit, 'budget' | 'windowSeconds'>,
  spent: Spent,
): void {
  ctx.set('RateLimit-Policy', `"${name}";q=${budget};w=${windowSeconds}`);
  const [left, seconds] = spent.ok ? [spent.left, spent.resetSeconds] : [0, spent.retryAfterSeconds];
  ctx.set('RateLimit', `"${name}";r=${left};t=${seconds}`);
}
