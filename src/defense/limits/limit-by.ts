import { digestOf, handleKind } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readCookie } from '../../platform/web/cookies.ts';
import { networksOf } from '../../platform/web/networks.ts';
import type { LimitName } from './catalogue.ts';
import { rateLimitFields } from './fields.ts';
import { budgetOfSite, limitInForce } from './limit-in-force.ts';
import { refusalOf } from './refuse.ts';
import { type Spending, spend } from './spend.ts';

/** Names whom a request counts for, where that is neither an address nor a browser; undefined counts the address. */
export type KeyOf = (ctx: Context) => Promise<string | undefined> | string | undefined;

/**
 * Guard of a route: spends one from the limit and refuses with 429, Retry-After and the RateLimit fields when nothing is
 * left. The answer is the same for whatever the request names, so it tells nobody which accounts there are.
 */
export function limitBy(platform: Platform, name: LimitName, keyOf?: KeyOf): Handler {
  return async (ctx, next) => {
    for (const { key, isSite, ...spending } of await whoCounts(platform, ctx, keyOf)) {
      const limit = limitInForce(platform, name);
      const budget = isSite ? budgetOfSite(platform, name) : limit.budget;
      const spent = await spend(platform, name, key, { budget, ...spending });
      if (!spent.ok) throw refusalOf(platform, ctx, { name, key, budget, spent });
      // What is left of a site is the neighbours' affair; only a refusal is told of it.
      if (!isSite) rateLimitFields(ctx, name, limit, spent);
    }
    return next();
  };
}

async function whoCounts(
  { config }: Platform,
  ctx: Context,
  keyOf?: KeyOf,
): Promise<(Spending & { key: string; isSite?: true })[]> {
  const key = await keyOf?.(ctx);
  if (key !== undefined) return [{ key }];
  const { narrow, wide } = networksOf(ctx.state.address);
  const browser = readCookie(ctx, config, 'browser');
  const digest = handleKind(browser) === 'browser' ? digestOf(browser as string) : undefined;
  const known = (of: string) =>
    digest && { knownBrowser: { digest, key: `${of} ${digest.toString('hex')}` } };
  // The narrow one first: whoever is refused there takes nothing from the neighbours.
  const visitor = { key: narrow, ...known('browser') };
  if (!wide.endsWith('/48')) return [visitor];
  return [visitor, { key: wide, isSite: true, ...known('browser at a site') }];
}
