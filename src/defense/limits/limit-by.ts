import { digestOf, handleKind } from '../../platform/crypto/secrets.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readCookie } from '../../platform/web/cookies.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { waitInWords } from '../../platform/words/wait-in-words.ts';
import { noteSignal } from '../signals/note.ts';
import type { LimitName } from './catalogue.ts';
import { rateLimitFields } from './fields.ts';
import { budgetOfSite, limitInForce, type Spent } from './limit-in-force.ts';
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
    for (const { key, isSite, ...spending } of await whoCounts(platform, ctx, keyOf)) {
      const { budget: usual, windowSeconds } = limitInForce(platform, name);
      const budget = isSite ? budgetOfSite(platform, name) : usual;
      const spent = await spend(platform, name, key, { budget, ...spending });
      // Of the site only a refusal is told: what is left of it is the neighbours' affair.
      if (!spent.ok || !isSite) rateLimitFields(ctx, name, { budget, windowSeconds }, spent);
      if (!spent.ok) throw refusalFor(platform, ctx, { name, key, spent });
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

/** What whoever is beyond a limit gets; operators and the watch are told of it. */
export function refusalFor(
  platform: Platform,
  ctx: Context,
  {
    name,
    key,
    spent,
  }: { readonly name: LimitName; readonly key: string; readonly spent: Extract<Spent, { ok: false }> },
): Refusal {
  noteRefused(platform, name, key);
  // As everywhere a /64 counts as one address: whoever has one can use any of it.
  const { narrow } = networksOf(ctx.state.address);
  noteSignal(platform, { signal: 'limit-refused', subject: { kind: 'address', id: narrow } });
  const { retryAfterSeconds } = spent;
  const words = { key: 'limits.too-many', values: { wait: waitInWords(retryAfterSeconds) } } as const;
  return new Refusal('too-many', words, { retryAfterSeconds });
}
