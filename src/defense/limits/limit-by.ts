import { digestOf, handleKind } from '../../platform/crypto/secrets.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readCookie } from '../../platform/web/cookies.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { noteSignal } from '../signals/note.ts';
import type { LimitName } from './catalogue.ts';
import { rateLimitFields } from './fields.ts';
import { limitInForce, type Spent } from './limit-in-force.ts';
import { noteRefused } from './refused-now.ts';
import { type Spending, spend } from './spend.ts';

/** Names whom a request counts for, where that is neither an address nor a browser; undefined counts the address. */
export type KeyOf = (ctx: Context) => Promise<string | undefined> | string | undefined;

/**
 * Guard of a route: spends one from the limit and refuses with 429, Retry-After and the RateLimit fields when nothing is
 * left. The answer is the same for whatever the request names, so it tells nobody which accounts there are.
 */
export function limitBy(platform: Platform, name: LimitName, keyOf?: KeyOf): Handler {
  return async (ctx, next) => {
    const { key, ...spending } = await whoCounts(platform, ctx, keyOf);
    const spent = await spend(platform, name, key, spending);
    rateLimitFields(ctx, name, limitInForce(platform, name), spent);
    if (!spent.ok) throw refusalFor(platform, ctx, { name, key, spent });
    return next();
  };
}

async function whoCounts(
  { config }: Platform,
  ctx: Context,
  keyOf?: KeyOf,
): Promise<Spending & { key: string }> {
  const key = await keyOf?.(ctx);
  if (key !== undefined) return { key };
  const { narrow: address } = networksOf(ctx.state.address);
  const browser = readCookie(ctx, config, 'browser');
  if (handleKind(browser) !== 'browser') return { key: address };
  const digest = digestOf(browser as string);
  return { key: address, knownBrowser: { digest, key: `browser ${digest.toString('hex')}` } };
}

function refusalFor(
  platform: Platform,
  ctx: Context,
  {
    name,
    key,
    spent,
  }: { readonly name: LimitName; readonly key: string; readonly spent: Extract<Spent, { ok: false }> },
): Refusal {
  noteRefused(platform, name, key);
  noteSignal(platform, { signal: 'limit-refused', subject: { kind: 'address', id: ctx.state.address } });
  const { retryAfterSeconds } = spent;
  const words = { key: 'limits.too-many', values: { seconds: retryAfterSeconds } } as const;
  return new Refusal('too-many', words, { retryAfterSeconds });
}
