import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context } from '../../platform/web/context.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { waitInWords } from '../../platform/words/wait-in-words.ts';
import { noteSignal } from '../signals/note.ts';
import type { LimitName } from './catalogue.ts';
import { rateLimitFields } from './fields.ts';
import { limitInForce, type Spent } from './limit-in-force.ts';
import { noteRefused } from './refused-now.ts';

/** What was asked of a limit that has nothing left. */
export interface Overspent {
  readonly name: LimitName;
  /** Whom it counted: an address, a client id, an account. */
  readonly key: string;
  /** Where it is another than the limit has in force for everybody. */
  readonly budget?: number | undefined;
  readonly spent: Extract<Spent, { ok: false }>;
}

/**
 * Remembers a refusal for operators and writes what every answer to one says: 429 (RFC 6585 §4), Retry-After in seconds
 * (RFC 9110 §10.2.3) and the RateLimit fields. What stands in the body is the caller's affair.
 */
export function refuse(platform: Platform, ctx: Context, { name, key, spent, budget }: Overspent): void {
  const limit = limitInForce(platform, name);
  noteRefused(platform, name, key);
  rateLimitFields(ctx, name, { ...limit, budget: budget ?? limit.budget }, spent);
  ctx.set('Retry-After', String(spent.retryAfterSeconds));
  ctx.status = 429;
}

/** The same for whoever is to get a page or problem details, which are the error edge's; the watch is told of it. */
export function refusalOf(platform: Platform, ctx: Context, overspent: Overspent): Refusal {
  refuse(platform, ctx, overspent);
  // As everywhere a /64 counts as one address: whoever has one can use any of it.
  const { narrow } = networksOf(ctx.state.address);
  noteSignal(platform, { signal: 'limit-refused', subject: { kind: 'address', id: narrow } });
  const wait = waitInWords(overspent.spent.retryAfterSeconds);
  return new Refusal('too-many', { key: 'limits.too-many', values: { wait } });
}
