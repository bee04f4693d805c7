import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { SealBroken } from '../platform/crypto/envelope.ts';
import type { Platform } from '../platform/platform.ts';
import type { PrivateJwk } from './signing-keys.ts';

const Head = z.object({ typ: z.string(), alg: z.literal('ES256'), kid: z.string() });
const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  sub: z.string(),
  jti: z.string(),
  client_id: z.string(),
  scope: z.string().default(''),
  acr: z.string().optional(),
  cnf: z.object({ jkt: z.string() }).optional(),
  grant_ref: z.string().optional(),
});

export type AccessClaims = z.infer<typeof Claims>;

/** A text of the form of an access token that is a JWT (RFC 9068). Nothing in it is to be believed yet. */
export interface AccessJwt {
  readonly kid: string;
  readonly body: string;
  readonly signed: string;
  readonly signature: Buffer;
}

export function readAccessJwt(token: string): AccessJwt | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const header = Head.safeParse(decoded(head));
  if (more.length > 0 || !header.success || header.data.typ.toLowerCase() !== 'at+jwt') return undefined;
  return {
    kid: header.data.kid,
    body,
    signed: `${head}.${body}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** As RFC 7518 §3.4 writes signatures. */
export function isSignedBy(key: KeyObject, { signed, signature }: AccessJwt): boolean {
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** Ask isSignedBy first. Undefined where it is not an access token for one API. */
export function claimsOf({ body }: AccessJwt): AccessClaims | undefined {
  return Claims.safeParse(decoded(body)).data;
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** By their ids, without their private parts. */
export function verifyingKeys(jwks: readonly PrivateJwk[]): Map<string, KeyObject> {
  const keys = jwks.filter(({ alg }) => alg === 'ES256');
  return new Map(
    keys.map(({ kid, kty, crv, x, y }) => [
      kid,
      createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' } as JsonWebKeyInput),
    ]),
  );
}

/** Whose a JWT is, in words that only we read: an API could tell people and their grants apart by them. */
export interface GrantReference {
  readonly grantId: string;
  readonly accountId: string;
}

export function sealGrant({ vault }: Platform, { grantId, accountId }: GrantReference, jti: string): string {
  return vault.seal(`${grantId} ${accountId}`, placeOf(jti));
}

/** Undefined where the key is gone that it was sealed under. */
export function openGrant({ vault }: Platform, reference: string, jti: string): GrantReference | undefined {
  try {
    const [grantId = '', accountId = ''] = vault.open(reference, placeOf(jti)).toString().split(' ');
    return { grantId, accountId };
  } catch (fault) {
    if (fault instanceof SealBroken) return undefined;
    throw fault;
  }
}

function placeOf(jti: string) {
  return { table: 'jwt', column: 'grant_ref', row: jti };
}
