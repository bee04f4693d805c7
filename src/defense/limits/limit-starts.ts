import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readCookie } from '../../platform/web/cookies.ts';
import { browserKnownToAnybody } from '../known-browsers.ts';
import { type AddressSpent, leaseForAddress } from './lease-for-address.ts';
import { lease } from './lease.ts';
import { limitInForce } from './limit-in-force.ts';
import { refusalOf } from './refuse.ts';

const NAME = 'starts';

/** Where anybody may begin: each authorization request costs the engine's work and a row, each page its drawing. */
const STARTS =
  /^\/(authorize|session\/end|sign-in|sign-up|sign-out|password-reset|invitations|access-codes|docs)(\/|$)/i;

/**
 * Counts what anybody may ask for without proving anything, before the engine or a page has any work with it: for the
 * address, by leases, so that no request costs a statement. Only where an address has nothing left it is looked whether
 * some account knows the browser: that has a budget of its own, so that nobody is shut out by a neighbour. What forms send
 * has limits of its own.
 */
export function limitStarts(platform: Platform): Handler {
  return async (ctx, next) => {
    if (!isStart(ctx)) return next();
    const ofAddress = await leaseForAddress(platform, NAME, ctx.state.address);
    if (ofAddress.spent.ok) return next();
    const { key, spent, budget } = (await leaseForKnownBrowser(platform, ctx)) ?? ofAddress;
    if (spent.ok) return next();
    throw refusalOf(platform, ctx, { name: NAME, key, budget, spent });
  };
}

/** A posted authorization request is asked again by GET and counts then. */
function isStart({ method, path }: Context): boolean {
  return (method === 'GET' || method === 'HEAD') && STARTS.test(path);
}

async function leaseForKnownBrowser(platform: Platform, ctx: Context): Promise<AddressSpent | undefined> {
  const digest = await browserKnownToAnybody(platform, readCookie(ctx, platform.config, 'browser'));
  if (!digest) return undefined;
  const key = `browser ${digest.toString('hex')}`;
  const { budget } = limitInForce(platform, NAME);
  return { key, spent: await lease(platform, NAME, key), budget };
}
