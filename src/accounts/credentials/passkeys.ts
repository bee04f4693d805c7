import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import type { Passkey as PasskeyRow } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { sendFactorChanged } from '../factor-letters.ts';
import { lockFactors } from '../second-factors.ts';
import { forgetTrustedBrowsers } from '../trusted-browsers.ts';
import { knownTransports, readAttestation } from './passkey-answers.ts';
import {
  creationOptions,
  type KnownCredential,
  type NewCredential,
  relyingPartyId,
  userHandle,
  verifyAttestation,
} from './passkey-ceremonies.ts';
import { issueChallenge, spendChallenge } from './passkey-challenges.ts';
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

/** Whoever registers: their account, and the whole session in the browser that asks. */
export interface Registrant {
  readonly account: Account;
  readonly sessionId: string;
  readonly browser: string;
}

export type RegistrationOutcome =
  | { readonly ok: true; readonly passkey: Passkey }
  | {
      readonly ok: false;
      readonly reason: 'unreadable' | 'expired' | 'refused' | 'already-here' | 'too-many';
    };

/** More than anybody has devices; fewer than a stolen session could flood an account with. */
export const MOST_PASSKEYS = 20;

/** What the browser needs to make a passkey: a challenge for this session alone, and which ones exist already. */
export async function beginRegistration(
  platform: Platform,
  { account, sessionId, browser }: Registrant,
  serviceName: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const present = await findCredentials(platform, account.id);
  const challenge = await issueChallenge(platform, { purpose: 'registration', browser, sessionId });
  return creationOptions(platform, { account, serviceName, challenge, present });
}

/**
 * Checks the browser's answer and keeps the passkey under the name of its provider, or `unnamed`. A credential that
 * is registered already, whoever's it is, is refused (WebAuthn §7.1, step 26).
 */
export async function registerPasskey(
  platform: Platform,
  actor: Actor,
  { account, sessionId, browser }: Registrant,
  { answer, unnamed }: { readonly answer: string; readonly unnamed: string },
): Promise<RegistrationOutcome> {
  const attestation = readAttestation(answer);
  if (!attestation) return { ok: false, reason: 'unreadable' };
  const ceremony = { purpose: 'registration', browser, sessionId } as const;
  if (!(await spendChallenge(platform, ceremony, attestation.client.challenge))) {
    return { ok: false, reason: 'expired' };
  }
  const credential = await verifyAttestation(platform, attestation);
  if (!credential) return { ok: false, reason: 'refused' };
  const transports = knownTransports(attestation.credential.response.transports);
  const name = providerName(credential.aaguid) ?? unnamed;
  return inTransaction(platform, (tx) =>
    keepPasskey(tx, actor, account, { ...credential, transports, name }),
  );
}

async function keepPasskey(
  tx: Platform,
  actor: Actor,
  account: Account,
  input: NewCredential & { readonly transports: string[]; readonly name: string },
): Promise<RegistrationOutcome> {
  const { id: accountId } = account;
  await lockFactors(tx, accountId);
  const present = await listPasskeys(tx, accountId);
  if (present.length >= MOST_PASSKEYS) return { ok: false, reason: 'too-many' };
  const name = freeName(input.name, present);
  const [row] = await tx.db.passkey.createManyAndReturn({
    data: [{ ...input, name, id: newId(), accountId, createdAt: tx.clock.now() }],
    skipDuplicates: true,
  });
  if (!row) return { ok: false, reason: 'already-here' };
  await forgetTrustedBrowsers(tx, accountId);
  const details = { accountId, aaguid: row.aaguid, synced: row.backedUp };
  await recordEvent(tx, actor, 'passkey.added', { kind: 'passkey', id: row.id }, details);
  await sendFactorChanged(tx, { account, change: 'passkey-added', name });
  return { ok: true, passkey: passkeyOf(row) };
}

/** "iCloud Keychain", then "iCloud Keychain 2": two of one name could not be told apart. */
function freeName(name: string, present: readonly Passkey[]): string {
  const taken = new Set(present.map((passkey) => passkey.name));
  let free = name;
  for (let n = 2; taken.has(free); n += 1) free = `${name} ${n}`;
  return free;
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

function passkeyOf(row: PasskeyRow): Passkey {
  const { id, name, aaguid, backedUp, createdAt, lastUsedAt } = row;
  return { id, name, provider: providerName(aaguid), synced: backedUp, createdAt, lastUsedAt };
}
