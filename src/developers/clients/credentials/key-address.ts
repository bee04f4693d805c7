import type { Actor } from '../../../audit/actor.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { guardedFetch, type Outbound } from '../../../platform/web/guarded-fetch.ts';
import { changeClient } from './auth-method.ts';
import type { CredentialChange, HolderFault } from './credential-holders.ts';
import { tellOfCredential } from './credential-letters.ts';
import { holdForKeys, type KeyFault, liveKeys } from './keys.ts';
import { judgeKeySet, LONGEST_KEYS } from './public-keys.ts';

export type AddressChange =
  | { readonly ok: true; readonly changed: boolean }
  | Refused<HolderFault | KeyFault | 'uri' | 'in-use'>;

/** Says where the public keys of an app are fetched from; null: nowhere, those that were pasted in count again. */
export async function changeKeyAddress(
  platform: Platform,
  actor: Actor,
  input: CredentialChange & { readonly uri: string | null },
): Promise<AddressChange> {
  const judged =
    input.uri === null ? { ok: true as const, uri: null } : await judgeAddress(platform, input.uri);
  if (!judged.ok) return judged;
  const { uri } = judged;
  return inTransaction(platform, async (tx): Promise<AddressChange> => {
    const held = await holdForKeys(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const { holder } = held;
    if (holder.jwksUri === uri) return { ok: true, changed: false };
    const keys = await liveKeys(tx, holder.clientId);
    if (uri === null && holder.authMethod === 'private_key_jwt' && keys.length === 0) {
      return refused('in-use', 'The app proves itself with the keys at that address. Paste a key in first.');
    }
    await changeClient(tx, actor, holder, { jwksUri: uri });
    const what =
      uri === null
        ? ({ key: 'developer-letters.key-address-removed' } as const)
        : ({ key: 'developer-letters.key-address-set', values: { address: uri } } as const);
    await tellOfCredential(tx, actor, holder, input, what);
    return { ok: true, changed: true };
  });
}

const LONGEST_URI = 500;
const PLAIN = /^[\x21-\x7e]+$/;

/** Looks what is there now, so that an app is not switched to keys which nobody can fetch. */
async function judgeAddress(
  platform: Outbound,
  raw: string,
): Promise<{ readonly ok: true; readonly uri: string } | Refused<'uri'>> {
  const url = URL.parse(raw);
  if (url?.hash !== '' || raw.length > LONGEST_URI || !PLAIN.test(raw)) return refused('uri', EXAMPLE);
  const limits = {
    maxBytes: LONGEST_KEYS,
    timeoutMs: 2_500,
    accept: 'application/jwk-set+json, application/json',
  };
  const fetched = await guardedFetch(platform, url.href, limits);
  if (!fetched.ok) return refused('uri', fetched.sentence);
  if (fetched.status !== 200)
    return refused('uri', `The address answers with status ${fetched.status}, not 200.`);
  const judged = judgeKeySet(fetched.body.toString('utf8'));
  return judged.ok ? { ok: true, uri: url.href } : refused('uri', judged.sentence);
}

const EXAMPLE = 'Give the https address of a JSON Web Key Set, such as https://app.example.com/jwks.json.';
