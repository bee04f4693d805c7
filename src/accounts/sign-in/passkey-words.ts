import type { Words } from '../../platform/words/text-keys.ts';
import type { PasskeyFault } from '../credentials/passkey-proof.ts';
import { MOST_PASSKEYS, type RegistrationFailure } from '../credentials/passkey-registration.ts';

/** Why a passkey did not sign in. */
export const REFUSED_PASSKEY: Readonly<Record<PasskeyFault, Words>> = {
  unreadable: 'passkeys.unreadable',
  expired: 'passkeys.expired',
  unknown: 'passkeys.unknown',
  'wrong-account': 'passkeys.wrong-account',
  refused: 'passkeys.refused',
  cloned: 'passkeys.cloned',
};

/** Why a passkey was not added. */
export const REFUSED_REGISTRATION: Readonly<Record<RegistrationFailure['reason'], Words>> = {
  unreadable: 'passkeys.unreadable',
  expired: 'passkeys.expired',
  refused: 'passkeys.not-added',
  'already-here': 'passkeys.present',
  'too-many': { key: 'passkeys.too-many', values: { count: MOST_PASSKEYS } },
};
