import type { Actor } from '../../audit/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { refused } from '../../platform/refused.ts';
import { type CredentialChange, holdForChange } from '../clients/credentials/credential-holders.ts';

/** An API, locked, for a change of what it proves itself with or is told with. The holder is its client id. */
export async function holdApiForChange(
  tx: Platform,
  actor: Actor,
  input: CredentialChange,
  change: 'gives' | 'takes',
) {
  const held = await holdForChange(tx, actor, input, change);
  return held.ok && held.holder.kind !== 'api' ? refused('holder', 'No API has this ID.') : held;
}
