import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { type AuthMethod, usesSecret } from '../app-types.ts';
import type { CredentialChange, CredentialHolder, HolderFault } from './credential-holders.ts';
import { tellOfCredential } from './credential-letters.ts';
import { holdForKeys, type KeyFault, liveKeys } from './keys.ts';
import { liveOf } from './secrets.ts';

/** How an app that can keep a secret may prove itself: one of them at a time (decision 20). */
export const SERVER_METHODS = ['private_key_jwt', 'client_secret_basic', 'client_secret_post'] as const;

export type MethodChange =
  | { readonly ok: true; readonly changed: boolean }
  | Refused<HolderFault | KeyFault | 'no-key' | 'no-secret'>;

/** Lets an app prove itself in another way from now on. What it used before stays, so that it can be changed back. */
export async function changeAuthMethod(
  platform: Platform,
  actor: Actor,
  input: CredentialChange & { readonly authMethod: (typeof SERVER_METHODS)[number] },
): Promise<MethodChange> {
  const { authMethod } = input;
  return inTransaction(platform, async (tx): Promise<MethodChange> => {
    const held = await holdForKeys(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const { holder } = held;
    const missing = await whatIsMissing(tx, holder, authMethod);
    if (missing) return missing;
    if (holder.authMethod === authMethod) return { ok: true, changed: false };
    await changeClient(tx, actor, holder, { authMethod });
    // Where a secret is sent is no change of what the app proves itself with.
    if (usesSecret(holder.authMethod) !== usesSecret(authMethod)) {
      const key = usesSecret(authMethod)
        ? 'developer-letters.method-secret'
        : 'developer-letters.method-keys';
      await tellOfCredential(tx, actor, holder, input, { key });
    }
    return { ok: true, changed: true };
  });
}

async function whatIsMissing(
  tx: Platform,
  { clientId, jwksUri }: CredentialHolder,
  authMethod: AuthMethod,
): Promise<Refused<'no-key' | 'no-secret'> | undefined> {
  if (usesSecret(authMethod)) {
    const secrets = await tx.db.clientSecret.count({ where: liveOf(clientId, tx.clock.now()) });
    return secrets > 0 ? undefined : refused('no-secret', 'The app has no live secret. Make one first.');
  }
  const keys = jwksUri === null ? (await liveKeys(tx, clientId)).length : 1;
  return keys > 0 ? undefined : refused('no-key', 'The app has no public key. Add one first.');
}

/** Part of a change of what an app proves itself with. */
export async function changeClient(
  tx: Platform,
  actor: Actor,
  { id, organizationId }: CredentialHolder,
  change: { readonly authMethod: AuthMethod } | { readonly jwksUri: string | null },
): Promise<void> {
  const data = { ...change, updatedAt: tx.clock.now() };
  await tx.db.client.updateMany({ where: { id, organizationId }, data });
  await recordEvent(tx, actor, 'client.changed', { kind: 'client', id }, change);
}
