import type { Platform } from '../../platform/platform.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { lease } from './lease.ts';
import { budgetOfSite, limitInForce, type Spent } from './limit-in-force.ts';

/** What an address is answered, and the key that decided it. */
export interface AddressSpent {
  readonly key: string;
  readonly spent: Spent;
  /** What the key has for a window. */
  readonly budget: number;
}

/**
 * Spends one from a leased limit of an address where nothing was proven: of the address, and of the site whose /64 it could
 * use one after the other. The narrow one first: whoever is refused there takes nothing from the neighbours.
 */
export async function leaseForAddress(
  platform: Platform,
  name: 'unproven' | 'starts',
  address: string,
): Promise<AddressSpent> {
  const { narrow, wide } = networksOf(address);
  const { budget } = limitInForce(platform, name);
  const own = { key: narrow, spent: await lease(platform, name, narrow), budget };
  if (!own.spent.ok || !wide.endsWith('/48')) return own;
  const site = { key: wide, budget: budgetOfSite(platform, name) };
  const spent = await lease(platform, name, wide, { budget: site.budget });
  return spent.ok ? own : { ...site, spent };
}
