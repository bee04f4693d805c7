import { type EncryptionKey, openWith, type Place, sealUnder } from './envelope.ts';

/**
 * Everything secret that is kept. `seal` and `open` work under the operator's ENCRYPTION_KEYS; `secret` returns
 * one of the keys that the installation made for itself (see installation-secrets.ts).
 */
export interface Vault {
  seal(plain: string | Buffer, place: Place): string;
  open(sealed: string, place: Place): Buffer;
  secret(name: InstallationSecretName): Buffer;
}

export const INSTALLATION_SECRETS = [
  'cookie-signing',
  'dpop-nonce',
  'password-pepper',
  'mail-code',
  'recovery-code',
  'form-token',
  'refresh-successor',
  'pairwise-subject',
  'lockout-subject',
  'signal-subject',
  'limit-key',
  'passkey-user',
] as const;

export type InstallationSecretName = (typeof INSTALLATION_SECRETS)[number];

export function vaultOf(keys: readonly EncryptionKey[], secrets: ReadonlyMap<string, Buffer>): Vault {
  const current = keys[0];
  if (!current) throw new TypeError('a vault needs at least one encryption key');
  return {
    seal: (plain, place) => sealUnder(current, plain, place),
    open: (sealed, place) => openWith(keys, sealed, place),
    secret(name) {
      const secret = secrets.get(name);
      if (!secret) throw new TypeError(`the installation has no secret named ${name}`);
      return secret;
    },
  };
}
