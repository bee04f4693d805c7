import type { LimitName } from '../../defense/limits/catalogue.ts';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readSession } from './session-cookie.ts';

/** Guard like limitBy that counts the person who is signed in, wherever they are; whoever is not counts as a visitor. */
export function limitPerson(platform: Platform, name: LimitName): Handler {
  return limitBy(platform, name, async (ctx) => (await readSession(platform, ctx))?.accountId);
}

/** For all pages below an address: what is looked at counts for one limit, if for any, and what is sent for the other. */
export function limitPages(
  platform: Platform,
  { looks, changes }: { readonly looks?: LimitName; readonly changes: LimitName },
): Handler {
  const look = looks && limitPerson(platform, looks);
  const change = limitPerson(platform, changes);
  return (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return change(ctx, next);
    return look ? look(ctx, next) : next();
  };
}
