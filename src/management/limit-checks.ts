import { lease } from '../defense/limits/lease.ts';
import { leaseForAddress } from '../defense/limits/lease-for-address.ts';
import { noteRefused } from '../defense/limits/refused-now.ts';
import type { Platform } from '../platform/platform.ts';
import { type Denial, deny } from './check-answer.ts';
import type { CheckingCaller } from './checking-caller.ts';

/**
 * Spends from the limit of the API that a gateway proved to ask for, or from that of the address where nothing was proven: who
 * merely names an API takes nothing from it. By leases, without a statement per call.
 */
export async function refuseTooMany(
  platform: Platform,
  caller: CheckingCaller | undefined,
  address: string,
): Promise<Denial | undefined> {
  const proven = caller?.proven === true;
  const name = proven ? 'check' : 'unproven';
  const { key, spent } = proven
    ? await leaseFor(platform, caller.api.clientId)
    : await leaseForAddress(platform, 'unproven', address);
  if (spent.ok) return undefined;
  noteRefused(platform, name, key);
  const { retryAfterSeconds } = spent;
  const sentence = `The gateway asks too often. Wait ${retryAfterSeconds} seconds.`;
  return deny(429, proven ? 'gateway-request' : 'api-credentials', sentence, { retryAfterSeconds });
}

async function leaseFor(platform: Platform, key: string) {
  return { key, spent: await lease(platform, 'check', key) };
}
