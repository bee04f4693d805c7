import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { ExternalSigningKey } from 'oidc-provider';
import type { PrivateJwk } from './signing-keys.ts';

const signElsewhere = promisify(sign) as (
  algorithm: string,
  data: Uint8Array,
  key: KeyObject,
) => Promise<Buffer>;

/**
 * A signing key as the engine uses it. ES256 signs on the spot: it takes less time than handing the work to another
 * thread, where it would also wait behind password hashes. RSA is ten times as much work and goes there.
 */
class EngineKey extends ExternalSigningKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(jwk: PrivateJwk) {
    super();
    this.#private = createPrivateKey({ key: jwk, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    // The engine's class has setters for both; its published type shows the getters alone.
    Object.assign(this, { kid: jwk.kid, alg: jwk.alg });
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Promise<Uint8Array> | Uint8Array {
    if (this.alg !== 'ES256') return signElsewhere('sha256', data, this.#private);
    return sign('sha256', data, { key: this.#private, dsaEncoding: 'ieee-p1363' });
  }
}

export function engineKeys(jwks: readonly PrivateJwk[]): ExternalSigningKey[] {
  return jwks.map((jwk) => new EngineKey(jwk));
}
