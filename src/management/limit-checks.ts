import { lease } from '../defense/limits/lease.ts';
import { leaseForAddress } from '../defense/limits/lease-for-address.ts';
import { limitInForce } from '../defense/limits/limit-in-force.ts';
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
  const { key, spent, budget } = proven
    ? await leaseFor(platform, caller.api.clientId)
    : await leaseForAddress(platform, 'unproven', address);
  if (spent.ok) return undefined;
  noteRefused(platform, name, key);
  const { retryAfterSeconds } = spent;
  const sentence = `The gateway asks too often. Wait ${retryAfterSeconds} seconds.`;
  const { windowSeconds } = limitInForce(platform, name);
  const rate = { name, windowSeconds, limit: budget, left: 0, resetSeconds: retryAfterSeconds } as const;
  return deny(429, proven ? 'gateway-request' : 'api-credentials', sentence, { retryAfterSeconds, rate });
}

async function leaseFor(platform: Platform, key: string) {
  const { budget } = limitInForce(platform, 'check');
  return { key, spent: await lease(platform, 'check', key), budget };
}
