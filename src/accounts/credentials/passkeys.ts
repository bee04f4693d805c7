import type { Passkey as PasskeyRow } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type KnownCredential, relyingPartyId, userHandle } from './passkey-ceremonies.ts';
import { providerName } from './passkey-names.ts';

/** A passkey as its owner sees it. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** Who keeps it, such as "iCloud Keychain", where we know. */
  readonly provider: string | undefined;
  /** Kept on all devices of its owner, not on one alone. */
  readonly synced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** The passkeys of an account, oldest first. */
export async function listPasskeys({ db }: Platform, accountId: string): Promise<Passkey[]> {
  const rows = await db.passkey.findMany({ where: { accountId }, orderBy: { id: 'asc' } });
  return rows.map(passkeyOf);
}

/** A passkey of this account; one of somebody else is as unknown as one that never was. */
export async function findPasskey(
  { db }: Platform,
  { accountId, id }: { readonly accountId: string; readonly id: string },
): Promise<Passkey | undefined> {
  const row = await db.passkey.findFirst({ where: { id, accountId } });
  return row ? passkeyOf(row) : undefined;
}

/** What a browser has to know to use the passkeys of an account. */
export function findCredentials({ db }: Platform, accountId: string): Promise<KnownCredential[]> {
  const select = { credentialId: true, transports: true };
  return db.passkey.findMany({ where: { accountId }, orderBy: { id: 'asc' }, select });
}

/** Which passkeys are still good, for whoever keeps them: others can be forgotten (WebAuthn L3 §5.1.10.2). */
export async function acceptedCredentials(
  platform: Platform,
  accountId: string,
): Promise<{ readonly rpId: string; readonly userId: string; readonly allAcceptedCredentialIds: string[] }> {
  const credentials = await findCredentials(platform, accountId);
  return {
    rpId: relyingPartyId(platform.config),
    userId: userHandle(platform, accountId).toString('base64url'),
    allAcceptedCredentialIds: credentials.map(({ credentialId }) =>
      Buffer.from(credentialId).toString('base64url'),
    ),
  };
}

/** False where the account has no such passkey. */
export async function renamePasskey(
  platform: Platform,
  actor: Actor,
  { accountId, id, name }: { readonly accountId: string; readonly id: string; readonly name: string },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const { count } = await tx.db.passkey.updateMany({ where: { id, accountId }, data: { name } });
    if (count === 0) return false;
    await recordEvent(tx, actor, 'passkey.renamed', { kind: 'passkey', id }, { accountId });
    return true;
  });
}

export function passkeyOf(row: PasskeyRow): Passkey {
  const { id, name, aaguid, backedUp, createdAt, lastUsedAt } = row;
  return { id, name, provider: providerName(aaguid), synced: backedUp, createdAt, lastUsedAt };
}
