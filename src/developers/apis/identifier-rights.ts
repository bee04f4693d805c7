import { type Actor, isOperator } from '../../audit/actor.ts';
import { isLoopbackHost } from '../../platform/loopback.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { hostIsProven } from '../organizations/hosts.ts';
import { hostOf } from './identifier.ts';

/** Whether an identifier is its organization's at once, or waits for a proof of its host or for an operator. */
export type NameRight = { readonly ok: true; readonly approved: boolean } | Refused<'identifier'>;

/** An operator may give any name. A name on this machine is anybody's in development, and nobody's in production. */
export async function mayBeNamed(
  tx: Platform,
  actor: Actor,
  organizationId: string,
  identifier: string,
): Promise<NameRight> {
  if (isOperator(actor)) return { ok: true, approved: true };
  const host = hostOf(identifier);
  if (!isLoopbackHost(host)) return { ok: true, approved: await hostIsProven(tx, organizationId, host) };
  if (!tx.config.production) return { ok: true, approved: true };
  return refused(
    'identifier',
    'The identifier of an API must not be on localhost here. Use its public address, such as https://api.example.com.',
  );
}
