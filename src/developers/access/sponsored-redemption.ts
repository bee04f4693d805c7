import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppType, keepsSecrets } from '../clients/app-types.ts';
import type { ClientView } from '../clients/client.ts';
import { MOST_KEYS } from '../clients/credentials/keys.ts';
import { judgePublicKeys, type PublicKey } from '../clients/credentials/public-keys.ts';
import { createClient } from '../clients/registration.ts';
import { tellApiOwners } from './access-letters.ts';
import type { Api } from '../apis/api.ts';
import { provesKey } from './key-proof.ts';
import { type HeldCode, holdCode, useCode } from './redemption.ts';
import { acceptTerms, findTerms } from '../apis/terms.ts';

/** Whoever has no account registers an app with a code: what it is called, where it goes, how it proves itself. */
export interface SponsoredRedemption {
  readonly code: string;
  readonly name: string;
  readonly type: AppType;
  readonly redirectUris: readonly string[];
  /** A JWK Set, as JSON; undefined for a public client. */
  readonly jwks?: string | undefined;
  /** A JWT signed with one of its keys (key-proof.ts), where the code is for the holder of a key. */
  readonly proof?: string | undefined;
  /** The version of the API's terms that is accepted. */
  readonly termsVersion?: number | undefined;
}

export type SponsoredFault = 'code' | 'proof' | 'keys' | 'name' | 'redirect-uri' | 'client' | 'terms';

export type Sponsored =
  | {
      readonly ok: true;
      readonly client: ClientView;
      readonly keys: readonly PublicKey[];
      readonly api: Api;
      readonly access: {
        readonly scopes: readonly string[];
        readonly until: Date | null;
        readonly peoplePerDay: number | null;
        readonly requestsPerMinute: number | null;
      };
    }
  | (Refused<SponsoredFault> & {
      /** Those to be accepted, where that is what is missing. */
      readonly terms?: { readonly version: number; readonly text: string };
    });

/**
 * Registers an app in the organization of the API, which sponsors it, and gives it what the code opens. All of it is
 * judged as if the app had come through the portal; nothing is kept where anything of it is refused.
 */
export async function redeemWithoutAccount(
  platform: Platform,
  actor: Actor,
  input: SponsoredRedemption,
): Promise<Sponsored> {
  const judged = judgeKeys(input);
  if (!judged.ok) return judged;
  const { keys } = judged;
  return inTransaction(platform, async (tx): Promise<Sponsored> => {
    const held = await holdCode(tx, input.code);
    if (!held.ok) return held;
    const fault = judgeCode(tx, held, input, keys) ?? (await missingTerms(tx, held.api, input));
    if (fault) return fault;
    const created = await register(tx, actor, input, held);
    if (!created.ok) return created;
    const { client } = created;
    if (client.authMethod === 'private_key_jwt') await addKeys(tx, actor, client.id, keys);
    const termsVersion = await accept(tx, actor, client.id, held.api);
    const { until } = await useCode(tx, actor, held, client, termsVersion);
    await tellApiOwners(tx, 'sponsored', { client, api: held.api }, 'accesses');
    const { peoplePerDay, requestsPerMinute } = held.code;
    const access = { scopes: held.scopes, until, peoplePerDay, requestsPerMinute };
    return { ok: true, client, keys, api: held.api, access };
  });
}

type JudgedKeySet = { readonly ok: true; readonly keys: readonly PublicKey[] } | Refused<'keys'>;

/** What keeps a secret proves itself with a key here: there is nobody to show a secret to. */
function judgeKeys({ type, jwks }: SponsoredRedemption): JudgedKeySet {
  if (jwks !== undefined) return judgePublicKeys(jwks, MOST_KEYS);
  if (type !== 'web' && type !== 'machine') return { ok: true, keys: [] };
  return refused('keys', `An app of type ${type} proves itself with a key. Send its public key in jwks.`);
}

function judgeCode(
  tx: Platform,
  { code, sensitive }: HeldCode,
  { code: presented, proof }: SponsoredRedemption,
  keys: readonly PublicKey[],
): Refused<'code' | 'proof'> | undefined {
  if (code.organizationId !== null) {
    return refused(
      'code',
      'This code is for the apps of one organization. A member redeems it in the portal, for an app that is there.',
    );
  }
  if (sensitive[0] !== undefined) {
    return refused(
      'code',
      `${sensitive[0]} is for apps of verified publishers alone. Register the app in the portal, have its publisher verified, and redeem the code there.`,
    );
  }
  if (code.keyThumbprint === null) return undefined;
  const key = keys.find(({ thumbprint }) => thumbprint === code.keyThumbprint);
  if (key && proof !== undefined && provesKey(tx, proof, presented.trim(), key)) return undefined;
  return refused(
    'proof',
    `This code is for the holder of the key ${code.keyThumbprint}. Send that key in jwks, and as proof a JWT that it signed: typ access-code+jwt, aud this issuer, iat now, code_hash the SHA-256 of the code.`,
  );
}

async function missingTerms(
  tx: Platform,
  { id, termsVersion: inForce }: Api,
  { termsVersion }: SponsoredRedemption,
): Promise<Extract<Sponsored, { ok: false }> | undefined> {
  if (inForce === 0 || termsVersion === inForce) return undefined;
  const terms = await findTerms(tx, id);
  if (!terms) return undefined;
  const { version, text } = terms;
  const sentence = `The API has terms. Read them, and accept them by sending "terms_version": ${version}.`;
  return { ...refused('terms', sentence), terms: { version, text } };
}

/** Live, because nobody else could use it: there are no members and testers to develop it with. */
async function register(
  tx: Platform,
  actor: Actor,
  { name, type, redirectUris }: SponsoredRedemption,
  { api, scopes }: HeldCode,
): Promise<{ readonly ok: true; readonly client: ClientView } | Refused<SponsoredFault>> {
  const { organizationId, trustDomainId, identifier } = api;
  const created = await createClient(tx, actor, {
    ...{ organizationId, trustDomainId, name, type, redirectUris, scopes: identityScopes(type, scopes) },
    ...{ resources: [identifier], sponsored: true, stage: 'live' },
    authMethod: keepsSecrets(type) && type !== 'agent' ? 'private_key_jwt' : 'none',
  });
  if (created.ok) return created;
  const reason = created.reason === 'name' || created.reason === 'redirect-uri' ? created.reason : 'client';
  return refused(reason, created.sentence);
}

/** Whoever signs people in may also ask to stay connected. */
function identityScopes(type: AppType, scopes: readonly string[]): string[] {
  return type === 'machine' ? [...scopes] : ['openid', 'offline_access', ...scopes];
}

async function addKeys(
  tx: Platform,
  actor: Actor,
  clientId: string,
  keys: readonly PublicKey[],
): Promise<void> {
  for (const { jwk, kid, thumbprint } of keys) {
    const row = { id: newId(), clientId, kid, label: 'Access code', jwk: { ...jwk }, thumbprint };
    await tx.db.clientKey.create({ data: { ...row, createdAt: tx.clock.now() } });
    const details = { key: row.id, label: row.label, thumbprint };
    await recordEvent(tx, actor, 'client-key.added', { kind: 'client', id: clientId }, details);
  }
}

/** Judged before: what is in force was named. */
async function accept(
  tx: Platform,
  actor: Actor,
  clientId: string,
  { id: apiId, termsVersion: version }: Api,
): Promise<number> {
  if (version > 0) await acceptTerms(tx, actor, { apiId, version, clientId, accountId: null });
  return version;
}
