import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { sameBytes } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { readAssertion } from './passkey-answers.ts';
import { requestOptions, userHandle, verifyAssertion } from './passkey-ceremonies.ts';
import { type Ceremony, issueChallenge, spendChallenge } from './passkey-challenges.ts';
import { findCredentials } from './passkeys.ts';

/** Whose passkey is asked for; undefined where the passkey itself says who signs in. */
type Whose = string | undefined;

/** A passkey that answered its challenge rightly, and what it said of itself. */
export interface PasskeyProof {
  readonly passkeyId: string;
  readonly accountId: string;
  readonly counter: number;
  readonly backedUp: boolean;
}

export type PasskeyFault = 'unreadable' | 'expired' | 'unknown' | 'wrong-account' | 'refused' | 'cloned';

export type PasskeyJudgement = { readonly ok: true; readonly proof: PasskeyProof } | PasskeyFailure;

export interface PasskeyFailure {
  readonly ok: false;
  readonly reason: PasskeyFault;
  /** Whose passkey was presented, where it is one of ours. */
  readonly accountId?: string | undefined;
  /** The id of a passkey that nobody has here, so that whoever keeps it can forget it. */
  readonly unknown?: string | undefined;
}

/** What the browser needs to ask its person for a passkey. */
export async function askForPasskey(
  platform: Platform,
  ceremony: Ceremony,
  whose: Whose,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const allowed = whose ? await findCredentials(platform, whose) : [];
  return requestOptions(platform, await issueChallenge(platform, ceremony), allowed);
}

/**
 * Judges the browser's answer. The challenge is spent before anything else of it is looked at; the passkey's counter
 * is judged by recordPasskeyUse, in the transaction of what the proof is for.
 */
export async function judgePasskey(
  platform: Platform,
  ceremony: Ceremony,
  { answer, whose }: { readonly answer: string; readonly whose: Whose },
): Promise<PasskeyJudgement> {
  const assertion = readAssertion(answer);
  if (!assertion) return { ok: false, reason: 'unreadable' };
  if (!(await spendChallenge(platform, ceremony, assertion.client.challenge))) {
    return { ok: false, reason: 'expired' };
  }
  const { id, response } = assertion.credential;
  const credentialId = Buffer.from(id, 'base64url');
  const passkey = await platform.db.passkey.findUnique({ where: { credentialId } });
  if (!passkey) return { ok: false, reason: 'unknown', unknown: id };
  const { accountId } = passkey;
  if (whose !== undefined && whose !== accountId) return { ok: false, reason: 'wrong-account', accountId };
  const proven =
    isHandleOf(platform, accountId, response.userHandle, whose) &&
    (await verifyAssertion(platform, assertion, passkey.publicKey));
  if (!proven) return { ok: false, reason: 'refused', accountId };
  return { ok: true, proof: { passkeyId: passkey.id, accountId, ...proven } };
}

/**
 * Records that the passkey was used. Undefined where all is well; `cloned` where its counter did not move on, so that
 * somebody else may have a copy (WebAuthn §6.1.1); `unknown` where it was removed meanwhile.
 */
export async function recordPasskeyUse(
  { db, clock }: Platform,
  { passkeyId: id, counter, backedUp }: PasskeyProof,
): Promise<'cloned' | 'unknown' | undefined> {
  const { count } = await db.passkey.updateMany({
    where: { id, counter: counter === 0 ? 0 : { lt: counter } },
    data: { counter, backedUp, lastUsedAt: clock.now() },
  });
  if (count === 1) return undefined;
  return (await db.passkey.count({ where: { id } })) > 0 ? 'cloned' : 'unknown';
}

/** The handle has to be the account's (WebAuthn §7.2, step 6); it may be missing where the account was named before. */
function isHandleOf(
  platform: Platform,
  accountId: string,
  handle: string | undefined,
  whose: Whose,
): boolean {
  if (handle === undefined) return whose !== undefined;
  return sameBytes(Buffer.from(handle, 'base64url'), userHandle(platform, accountId));
}
