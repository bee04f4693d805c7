import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { Config } from '../../config.ts';
import { BRAND_NAME } from '../../platform/brand/brand.ts';
import { keyedDigest } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Assertion, Attestation } from './passkey-answers.ts';
import { CHALLENGE_SECONDS } from './passkey-challenges.ts';

/** Both ends of every ceremony: the authenticator has to know its person, so that a passkey is two factors. */
const USER_VERIFICATION = 'required';

/** ES256, EdDSA and RS256 (RFC 9053, RFC 8812), the one that most authenticators have first. */
const ALGORITHMS = [-7, -8, -257];

/** A credential of an account, as the browser has to be told of it. */
export interface KnownCredential {
  readonly credentialId: Uint8Array;
  readonly transports: readonly string[];
}

/** What an authenticator made: checked, but not stored yet. */
export interface NewCredential {
  readonly credentialId: Buffer<ArrayBuffer>;
  readonly publicKey: Buffer<ArrayBuffer>;
  readonly counter: number;
  readonly aaguid: string;
  readonly backedUp: boolean;
}

/** What passkeys are bound to: the host of the issuer. Another host orphans them all. */
export function relyingPartyId({ issuer }: Config): string {
  return new URL(issuer).hostname;
}

/** The handle under which an authenticator keeps an account: says nothing of it (WebAuthn §14.6.1). */
export function userHandle({ vault }: Platform, accountId: string): Buffer<ArrayBuffer> {
  return keyedDigest(vault.secret('passkey-user'), accountId);
}

/** What `navigator.credentials.create()` is asked for: a discoverable passkey, made on no device that has one already. */
export function creationOptions(
  platform: Platform,
  input: {
    readonly account: { readonly id: string; readonly email: string; readonly name: string };
    readonly challenge: Buffer<ArrayBuffer>;
    readonly present: readonly KnownCredential[];
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { account, challenge, present } = input;
  return generateRegistrationOptions({
    rpName: platform.settings.get(BRAND_NAME),
    rpID: relyingPartyId(platform.config),
    userID: userHandle(platform, account.id),
    userName: account.email,
    userDisplayName: account.name,
    challenge,
    timeout: CHALLENGE_SECONDS * 1000,
    attestationType: 'none',
    excludeCredentials: present.map(descriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: USER_VERIFICATION },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/** What `navigator.credentials.get()` is asked for. Without `allowed` the person picks any passkey kept for us. */
export function requestOptions(
  { config }: Platform,
  challenge: Buffer<ArrayBuffer>,
  allowed: readonly KnownCredential[],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: relyingPartyId(config),
    challenge,
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: USER_VERIFICATION,
    allowCredentials: allowed.map(descriptor),
  });
}

/** Checks a new credential against the challenge it answers (WebAuthn §7.1); undefined where anything is amiss. */
export async function verifyAttestation(
  { config }: Platform,
  { credential, client }: Attestation,
): Promise<NewCredential | undefined> {
  try {
    if (!isUnattested(credential.response.attestationObject)) return undefined;
    const { registrationInfo: made } = await verifyRegistrationResponse({
      response: credential,
      expectedChallenge: client.challenge,
      expectedOrigin: config.issuer,
      expectedRPID: relyingPartyId(config),
      requireUserVerification: USER_VERIFICATION === 'required',
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!made) return undefined;
    const { id, publicKey, counter } = made.credential;
    const credentialId = Buffer.from(id, 'base64url');
    if (credentialId.length > LONGEST_CREDENTIAL_ID || publicKey.length > LONGEST_PUBLIC_KEY)
      return undefined;
    const { aaguid, credentialBackedUp: backedUp } = made;
    return { credentialId, publicKey: Buffer.from(publicKey), counter, aaguid, backedUp };
  } catch {
    // The library throws for each rule that is broken, and while it reads what is no CBOR at all.
    return undefined;
  }
}

/**
 * Checks an assertion against the challenge it answers and the stored public key (WebAuthn §7.2); undefined where
 * anything is amiss. The counter is the caller's to judge, in the statement that stores it.
 */
export async function verifyAssertion(
  { config }: Platform,
  { credential, client }: Assertion,
  publicKey: Uint8Array,
): Promise<{ readonly counter: number; readonly backedUp: boolean } | undefined> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential,
      expectedChallenge: client.challenge,
      expectedOrigin: config.issuer,
      expectedRPID: relyingPartyId(config),
      requireUserVerification: USER_VERIFICATION === 'required',
      credential: { id: credential.id, publicKey: Uint8Array.from(publicKey), counter: 0 },
    });
    if (!verified) return undefined;
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  } catch {
    return undefined;
  }
}

/** WebAuthn L3 §6.1. */
const LONGEST_CREDENTIAL_ID = 1023;
/** An RSA key of 8192 bits has room. */
const LONGEST_PUBLIC_KEY = 1200;

/**
 * We ask for no attestation, which leaves format none, or self attestation. A certificate is refused unread: checking
 * one would fetch revocation lists from addresses that whoever sent it has chosen.
 */
function isUnattested(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
  const format = decoded.get('fmt');
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined);
}

function descriptor({ credentialId, transports }: KnownCredential) {
  return { id: Buffer.from(credentialId).toString('base64url'), transports: [...transports] };
}
