import type { Platform } from '../../platform/platform.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { lease } from './lease.ts';
import { budgetOfSite, type Spent } from './limit-in-force.ts';

/** What an address is answered, and the key that decided it. */
export interface AddressSpent {
  readonly key: string;
  readonly spent: Spent;
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
  const own = { key: narrow, spent: await lease(platform, name, narrow) };
  if (!own.spent.ok || !wide.endsWith('/48')) return own;
  const spent = await lease(platform, name, wide, { budget: budgetOfSite(platform, name) });
  return spent.ok ? own : { key: wide, spent };
}
