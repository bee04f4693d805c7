import type { ClientKey } from '../../../../prisma/generated/client.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { newId, UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { cleanName } from '../../names.ts';
import { keepsSecrets } from '../app-types.ts';
import {
  type CredentialChange,
  type CredentialHolder,
  type HolderFault,
  holdForChange,
} from './credential-holders.ts';
import { tellOfCredential } from './credential-letters.ts';
import { judgePublicKeys, type PublicKey } from './public-keys.ts';

/** Live ones at a time: the one in use, and the one that follows it. */
export const MOST_KEYS = 2;

export type KeyView = Omit<ClientKey, 'clientId' | 'jwk' | 'endedAt'> & {
  /** In words of the standard, such as EC P-256. */
  readonly kind: string;
};

export interface NewKeys extends CredentialChange {
  readonly label: string;
  /** One JWK or a JWK Set, as it was pasted. */
  readonly keys: string;
}

export type KeysAdded =
  | { readonly ok: true; readonly added: readonly PublicKey[] }
  | Refused<HolderFault | KeyFault | 'label' | 'keys' | 'too-many'>;

export type KeyFault = 'auth-method';

/** Registers public keys that an app may sign its assertions with. */
export async function addKeys(platform: Platform, actor: Actor, input: NewKeys): Promise<KeysAdded> {
  const cleaned = cleanName(input.label, 'The label', 40);
  if (!cleaned.ok) return refused('label', cleaned.sentence);
  const judged = judgePublicKeys(input.keys, MOST_KEYS);
  if (!judged.ok) return judged;
  const { keys } = judged;
  return inTransaction(platform, async (tx): Promise<KeysAdded> => {
    const held = await holdForKeys(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const live = await liveKeys(tx, held.holder.clientId);
    if (live.length + keys.length > MOST_KEYS) {
      return refused('too-many', `An app has at most ${MOST_KEYS} keys at a time. End one first.`);
    }
    if (keys.some(({ thumbprint }) => live.some((one) => one.thumbprint === thumbprint))) {
      return refused('keys', 'The app has that key already. Paste another one.');
    }
    if (keys.some(({ kid }) => live.some((one) => one.kid === kid))) {
      return refused('keys', 'Another key of the app has the same kid. Give this one a name of its own.');
    }
    for (const key of keys) await insertKey(tx, actor, held.holder, { ...input, label: cleaned.name }, key);
    return { ok: true, added: keys };
  });
}

async function insertKey(
  tx: Platform,
  actor: Actor,
  holder: CredentialHolder,
  change: NewKeys,
  { jwk, kid, thumbprint }: PublicKey,
): Promise<void> {
  const { label } = change;
  const createdBy = actor.kind === 'account' ? actor.id : null;
  const row = { id: newId(), clientId: holder.clientId, kid, label, jwk: { ...jwk }, thumbprint, createdBy };
  await tx.db.clientKey.create({ data: { ...row, createdAt: tx.clock.now() } });
  const details = { key: row.id, label, thumbprint };
  await recordEvent(tx, actor, 'client-key.added', { kind: 'client', id: holder.id }, details);
  const values = { label, thumbprint };
  await tellOfCredential(tx, actor, holder, change, { key: 'developer-letters.key-added', values });
}

/** Ends one key at once. */
export async function endKey(
  platform: Platform,
  actor: Actor,
  input: CredentialChange & { readonly keyId: string },
): Promise<{ readonly ok: true } | Refused<HolderFault | KeyFault | 'key'>> {
  return inTransaction(platform, async (tx) => {
    const held = await holdForKeys(tx, actor, input, 'takes');
    if (!held.ok) return held;
    const { holder } = held;
    const key = (await liveKeys(tx, holder.clientId)).find(({ id }) => id === input.keyId);
    if (!key) return refused('key', 'That key has ended already.');
    const { id, label, thumbprint } = key;
    const where = { id, clientId: holder.clientId };
    await tx.db.clientKey.updateMany({ where, data: { endedAt: tx.clock.now() } });
    const details = { key: id, label, thumbprint };
    await recordEvent(tx, actor, 'client-key.ended', { kind: 'client', id: holder.id }, details);
    const values = { label: label || thumbprint, thumbprint };
    await tellOfCredential(tx, actor, holder, input, { key: 'developer-letters.key-ended', values });
    return { ok: true };
  });
}

/** The app, locked, where its kind may have keys. */
export async function holdForKeys(
  tx: Platform,
  actor: Actor,
  input: CredentialChange,
  change: 'gives' | 'takes',
) {
  const held = await holdForChange(tx, actor, input, change);
  if (!held.ok) return held;
  if (held.holder.kind === 'client' && keepsSecrets(held.holder.type)) return held;
  return refused('auth-method', NO_KEYS);
}

const NO_KEYS = 'Only an app that runs on a server of its own proves itself with keys.';

/** Newest first. */
export async function liveKeys({ db }: Platform, clientId: string): Promise<KeyView[]> {
  const rows = await db.clientKey.findMany({ where: { clientId, endedAt: null }, orderBy: { id: 'desc' } });
  return rows.map(viewOf);
}

/** The live key of this app with this id. */
export async function findKey(
  platform: Platform,
  clientId: string,
  keyId: string,
): Promise<KeyView | undefined> {
  if (!UUID.test(keyId)) return undefined;
  return (await liveKeys(platform, clientId)).find(({ id }) => id === keyId);
}

function viewOf({ clientId: _, jwk, endedAt: __, ...view }: ClientKey): KeyView {
  const { kty, crv, n } = jwk as { kty?: string; crv?: string; n?: string };
  const size = crv ?? (n ? `${Buffer.from(n, 'base64url').length * 8} bits` : '');
  return { ...view, kind: `${kty ?? ''} ${size}`.trim() };
}
