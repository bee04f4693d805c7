import type { ApiReportKey } from '../../../../prisma/generated/client.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { newId, UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type {
  CredentialChange,
  CredentialHolder,
  HolderFault,
} from '../../clients/credentials/credential-holders.ts';
import { tellOfCredential } from '../../clients/credentials/credential-letters.ts';
import { judgePublicKeys, type PublicKey } from '../../clients/credentials/public-keys.ts';
import { cleanName } from '../../names.ts';
import { type Api, findApi } from '../api.ts';
import { holdApiForChange } from '../hold-api-for-change.ts';

/** Live ones at a time: the one in use, and the one that follows it. */
export const MOST_REPORT_KEYS = 2;

/** A public key with which an API signs its reports. */
export type ReportKey = Pick<
  ApiReportKey,
  'id' | 'kid' | 'label' | 'thumbprint' | 'createdAt' | 'lastUsedAt'
> & { readonly jwk: Readonly<Record<string, unknown>> };

export interface NewReportKey extends CredentialChange {
  readonly label: string;
  /** A JWK, a JWK Set or PEM, as it was pasted. */
  readonly keys: string;
}

export type ReportKeyAdded =
  | { readonly ok: true; readonly added: readonly PublicKey[] }
  | Refused<HolderFault | 'label' | 'keys' | 'too-many'>;

/** Registers public keys with which an API signs its reports. The holder is the API's client id. */
export async function addReportKey(
  platform: Platform,
  actor: Actor,
  input: NewReportKey,
): Promise<ReportKeyAdded> {
  const cleaned = cleanName(input.label, 'The label', 40);
  if (!cleaned.ok) return refused('label', cleaned.sentence);
  const judged = judgePublicKeys(input.keys, MOST_REPORT_KEYS);
  if (!judged.ok) return judged;
  return inTransaction(platform, async (tx): Promise<ReportKeyAdded> => {
    const held = await holdApiForChange(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const fault = faultAmong(await liveReportKeys(tx, held.holder.id), judged.keys);
    if (fault) return fault;
    for (const key of judged.keys) await insertKey(tx, actor, held.holder, cleaned.name, key);
    for (const { thumbprint } of judged.keys) {
      const values = { label: cleaned.name || thumbprint, thumbprint };
      const what = { key: 'developer-letters.report-key-added', values } as const;
      await tellOfCredential(tx, actor, held.holder, input, what, 'reports');
    }
    return { ok: true, added: judged.keys };
  });
}

function faultAmong(
  live: readonly ReportKey[],
  keys: readonly PublicKey[],
): Refused<'too-many' | 'keys'> | undefined {
  if (live.length + keys.length > MOST_REPORT_KEYS) {
    return refused('too-many', `An API has at most ${MOST_REPORT_KEYS} such keys at a time. End one first.`);
  }
  if (keys.some(({ thumbprint }) => live.some((one) => one.thumbprint === thumbprint))) {
    return refused('keys', 'The API has that key already. Paste another one.');
  }
  return keys.some(({ kid }) => live.some((one) => one.kid === kid))
    ? refused('keys', 'Another key of the API has the same kid. Give this one a name of its own.')
    : undefined;
}

async function insertKey(
  tx: Platform,
  actor: Actor,
  { id: apiId }: CredentialHolder,
  label: string,
  { jwk, kid, thumbprint }: PublicKey,
): Promise<void> {
  const createdBy = actor.kind === 'account' ? actor.id : null;
  const row = { id: newId(), apiId, kid, label, jwk: { ...jwk }, thumbprint, createdBy };
  await tx.db.apiReportKey.create({ data: { ...row, createdAt: tx.clock.now() } });
  const details = { key: row.id, label, thumbprint };
  await recordEvent(tx, actor, 'report-key.added', { kind: 'api', id: apiId }, details);
}

/** Ends a key at once: what it signs from then on is refused. */
export async function endReportKey(
  platform: Platform,
  actor: Actor,
  input: CredentialChange & { readonly keyId: string },
): Promise<{ readonly ok: true } | Refused<HolderFault | 'key'>> {
  return inTransaction(platform, async (tx) => {
    const held = await holdApiForChange(tx, actor, input, 'takes');
    if (!held.ok) return held;
    const key = await findReportKey(tx, held.holder.id, input.keyId);
    if (!key) return refused('key', 'That key has ended already.');
    const { id, label, thumbprint } = key;
    await tx.db.apiReportKey.updateMany({
      where: { id, apiId: held.holder.id, endedAt: null },
      data: { endedAt: tx.clock.now() },
    });
    const details = { key: id, label, thumbprint };
    await recordEvent(tx, actor, 'report-key.ended', { kind: 'api', id: held.holder.id }, details);
    const values = { label: label || thumbprint, thumbprint };
    const what = { key: 'developer-letters.report-key-ended', values } as const;
    await tellOfCredential(tx, actor, held.holder, input, what, 'reports');
    return { ok: true };
  });
}

/** Newest first. */
export async function liveReportKeys({ db }: Platform, apiId: string): Promise<ReportKey[]> {
  const rows = await db.apiReportKey.findMany({ where: { apiId, endedAt: null }, orderBy: { id: 'desc' } });
  return rows.map(({ apiId: _, createdBy: __, endedAt: ___, jwk, ...row }) => ({
    ...row,
    jwk: jwk as Record<string, unknown>,
  }));
}

/** The live key of this API with this id. */
export async function findReportKey(
  platform: Platform,
  apiId: string,
  keyId: string,
): Promise<ReportKey | undefined> {
  if (!UUID.test(keyId)) return undefined;
  return (await liveReportKeys(platform, apiId)).find(({ id }) => id === keyId);
}

/** Who a report says it is from, with the keys it may be signed with; an API that is not approved reports nothing. */
export interface Reporter {
  readonly api: Api;
  readonly keys: readonly ReportKey[];
}

export async function findReporter(platform: Platform, issuer: string): Promise<Reporter | undefined> {
  const api = await findApi(platform, issuer);
  return api && { api, keys: await liveReportKeys(platform, api.id) };
}

/** Part of what the key was used for. */
export async function noteReportKeyUse({ db, clock }: Platform, keyId: string): Promise<void> {
  await db.apiReportKey.updateMany({ where: { id: keyId }, data: { lastUsedAt: clock.now() } });
}
