import type { Platform } from '../../platform/platform.ts';
import { networksOf } from '../../platform/web/networks.ts';
import { lease } from './lease.ts';
import { budgetOfSite, type Spent } from './limit-in-force.ts';

/** What an address that proves nothing is answered, and the key that decided it. */
export interface UnprovenSpent {
  readonly key: string;
  readonly spent: Spent;
}

/**
 * Spends one from the limit of an address where a program proved nothing: of the address, and of the site whose /64 it could
 * use one after the other. The narrow one first: whoever is refused there takes nothing from the neighbours.
 */
export async function leaseUnproven(platform: Platform, address: string): Promise<UnprovenSpent> {
  const { narrow, wide } = networksOf(address);
  const own = { key: narrow, spent: await lease(platform, 'unproven', narrow) };
  if (!own.spent.ok || !wide.endsWith('/48')) return own;
  const spent = await lease(platform, 'unproven', wide, { budget: budgetOfSite(platform, 'unproven') });
  return spent.ok ? own : { key: wide, spent };
}
