import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Account } from '../account.ts';
import { holdSession } from '../sessions/hold-session.ts';
import { forgetTrustedBrowsers } from '../sessions/trusted-browsers.ts';
import { sendFactorChanged } from './factor-letters.ts';
import { knownTransports, readAttestation } from './passkey-answers.ts';
import { creationOptions, type NewCredential, verifyAttestation } from './passkey-ceremonies.ts';
import { issueChallenge, spendChallenge } from './passkey-challenges.ts';
import { providerName } from './passkey-names.ts';
import { findCredentials, listPasskeys, type Passkey, passkeyOf } from './passkeys.ts';
import type { IssuedRecoveryCodes } from './recovery-codes.ts';
import { firstRecoveryCodes } from './renew-recovery-codes.ts';
import { lockFactors } from './second-factors.ts';

/** Whoever registers: their account, and the session, half or whole, in the browser that asks. */
export interface Registrant {
  readonly account: Account;
  readonly sessionId: string;
  readonly browser: string;
}

/** What the browser made: checked, but not kept yet. */
export interface MadePasskey extends NewCredential {
  readonly transports: string[];
  readonly name: string;
}

export interface RegistrationFailure {
  readonly ok: false;
  readonly reason: 'unreadable' | 'expired' | 'refused' | 'already-here' | 'too-many';
}

type Kept = { readonly ok: true; readonly passkey: Passkey } | RegistrationFailure;

/** `recoveryCodes` where this is the first second factor of the account. */
export type RegistrationOutcome =
  | ({ readonly ok: true; readonly passkey: Passkey } & Partial<IssuedRecoveryCodes>)
  | RegistrationFailure
  | { readonly ok: false; readonly reason: 'session-over' };

/** More than anybody has devices; fewer than a stolen session could flood an account with. */
export const MOST_PASSKEYS = 20;

/** What the browser needs to make a passkey: a challenge for this session alone, and which ones exist already. */
export async function beginRegistration(
  platform: Platform,
  { account, sessionId, browser }: Registrant,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const present = await findCredentials(platform, account.id);
  const challenge = await issueChallenge(platform, { purpose: 'registration', browser, sessionId });
  return creationOptions(platform, { account, challenge, present });
}

/** Keeps the passkey that the browser made in answer to our challenge. */
export async function registerPasskey(
  platform: Platform,
  actor: Actor,
  registrant: Registrant,
  answer: { readonly answer: string; readonly unnamed: string },
): Promise<RegistrationOutcome> {
  const judged = await judgeNewPasskey(platform, registrant, answer);
  if (!judged.ok) return judged;
  const { account, sessionId } = registrant;
  return inTransaction(platform, async (tx) => {
    await lockFactors(tx, account.id);
    // Whoever ends this session, because it was stolen, leaves no passkey of it behind.
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'session-over' };
    const kept = await keepPasskey(tx, actor, account, judged.made);
    return kept.ok ? { ...kept, ...(await firstRecoveryCodes(tx, actor, account.id)) } : kept;
  });
}

/** Checks the browser's answer. The passkey is named after its provider, or `unnamed`. The challenge is spent. */
export async function judgeNewPasskey(
  platform: Platform,
  { sessionId, browser }: Registrant,
  { answer, unnamed }: { readonly answer: string; readonly unnamed: string },
): Promise<{ readonly ok: true; readonly made: MadePasskey } | RegistrationFailure> {
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
  return { ok: true, made: { ...credential, transports, name } };
}

/** In the open transaction, after lockFactors. A credential that we keep already, whoever's it is, is refused (WebAuthn §7.1, step 26). */
export async function keepPasskey(
  tx: Platform,
  actor: Actor,
  account: Account,
  made: MadePasskey,
): Promise<Kept> {
  const { id: accountId } = account;
  const present = await listPasskeys(tx, accountId);
  if (present.length >= MOST_PASSKEYS) return { ok: false, reason: 'too-many' };
  const name = freeName(made.name, present);
  const [row] = await tx.db.passkey.createManyAndReturn({
    data: [{ ...made, name, id: newId(), accountId, createdAt: tx.clock.now() }],
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
