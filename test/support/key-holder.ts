import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Somebody with a key of their own, who proves to hold it (RFC 9449 §4.2). */
export interface KeyHolder {
  readonly thumbprint: string;
  prove(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function newKeyHolder(): Promise<KeyHolder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    prove: (claims) => {
      const sound = { jti: randomUUID(), iat: Math.floor(Date.now() / 1000) };
      return new SignJWT({ ...sound, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(privateKey);
    },
  };
}

export const athOf = (token: string) => createHash('sha256').update(token).digest('base64url');
