import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

/** What an app signs its assertions with (RFC 7523). */
export interface SigningKey {
  readonly alg: 'ES256' | 'PS256' | 'RS256' | 'EdDSA' | 'Ed25519';
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function aSigningKey(alg: SigningKey['alg'] = 'ES256', bits = 2048): SigningKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'PS256' || alg === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: bits })
        : generateKeyPairSync('ed25519');
  return { alg, privateKey: pair.privateKey, jwk: { ...pair.publicKey.export({ format: 'jwk' }) } };
}

/** As a developer pastes it. */
export function aPublicKey(alg: SigningKey['alg'] = 'ES256'): Readonly<Record<string, unknown>> {
  return aSigningKey(alg).jwk;
}

/** A compact JWS over whatever header and claims. */
export function signed(
  { alg, privateKey }: SigningKey,
  claims: unknown,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg, ...header })}.${part(claims)}`;
  return `${input}.${signature(alg, privateKey, Buffer.from(input)).toString('base64url')}`;
}

function signature(alg: SigningKey['alg'], key: KeyObject, data: Buffer): Buffer {
  if (alg === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  if (alg === 'RS256') return sign('sha256', data, key);
  if (alg === 'PS256') {
    return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  }
  return sign(null, data, key);
}

/** The claims of a good assertion; `changes` make it another one. */
export function assertionClaims(
  clientId: string,
  issuer: string,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...{ iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 },
    ...changes,
  };
}

/** The two parameters that carry an assertion. */
export function asParams(assertion: string): Record<string, string> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
