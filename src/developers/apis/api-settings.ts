import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import type { AuditDetails } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { judgeWebAddress } from '../web-address.ts';
import { FROZEN } from '../frozen.ts';
import { cleanName } from '../names.ts';
import { type Api, findApi, findApiById, type MinimumAcr, TAKEN, type TokenFormat, viewOf } from './api.ts';
import { isTaken } from './approval.ts';
import { normalizeIdentifier } from './identifier.ts';
import { mayBeNamed } from './identifier-rights.ts';

/** What the owners of an API may change about it; the identifier only until it is approved. */
export interface ApiSettings {
  readonly name: string;
  /** One line, may be empty. */
  readonly description: string;
  /** https, or empty. */
  readonly docsUri: string;
  readonly tokenFormat: TokenFormat;
  /** Null follows decision 18. */
  readonly tokenSeconds: number | null;
  readonly minimumAcr: MinimumAcr | null;
  readonly identifier?: string | undefined;
}

type Field = 'name' | 'description' | 'docsUri' | 'tokenSeconds' | 'identifier';
export type ApiChange = { readonly ok: true; readonly api: Api } | Refused<'api' | 'frozen' | Field>;

export const LEAST_TOKEN_SECONDS = 60;
/** Nothing ends a JWT before it expires, so it lives no longer than a token that nobody chose the lifetime of. */
export const MOST_TOKEN_SECONDS: Readonly<Record<TokenFormat, number>> = { opaque: 3600, jwt: 600 };

/** Changes an API of an organization: all of it, or nothing. */
export async function changeApi(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, ...wishes }: ApiSettings & { apiId: string; organizationId: string },
): Promise<ApiChange> {
  const judged = judgeSettings(wishes);
  if (!judged.ok) return judged;
  const change = inTransaction(platform, async (tx): Promise<ApiChange> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const api = await findApiById(tx, apiId);
    if (!api || api.organizationId !== organizationId) return refused('api', UNKNOWN);
    const names = await settleName(tx, actor, api, wishes.identifier);
    if (!names.ok) return names;
    const data = { ...judged.settings, ...names.data };
    // An identifier is given once: where it was approved in the meantime nothing is written over.
    const unnamed = 'claimedIdentifier' in names.data ? { identifier: null } : {};
    const [row] = await tx.db.api.updateManyAndReturn({
      where: { id: apiId, organizationId, ...unnamed },
      data,
    });
    if (!row) return refused('api', UNKNOWN);
    await recordEvent(tx, actor, 'api.changed', { kind: 'api', id: apiId }, differences(api, viewOf(row)));
    return { ok: true, api: viewOf(row) };
  });
  return change.catch((error) => {
    // The identifier was given to another API a moment before.
    if (isTaken(error)) return refused('identifier', TAKEN);
    throw error;
  });
}

const UNKNOWN = 'The API is gone, or was changed a moment ago. Look at it again.';

export function judgeDescription(
  raw: string,
): { readonly ok: true; readonly text: string } | Refused<'description'> {
  if (raw.trim() === '') return { ok: true, text: '' };
  const cleaned = cleanName(raw, 'The description', 300);
  return cleaned.ok ? { ok: true, text: cleaned.name } : refused('description', cleaned.sentence);
}

export function judgeDocsUri(
  raw: string,
): { readonly ok: true; readonly uri: string | null } | Refused<'docsUri'> {
  if (raw.trim() === '') return { ok: true, uri: null };
  const judged = judgeWebAddress(raw, 'The address of the documentation');
  return judged.ok ? judged : refused('docsUri', judged.sentence);
}

function judgeSettings(wishes: ApiSettings) {
  const name = cleanName(wishes.name);
  if (!name.ok) return refused('name', name.sentence);
  const description = judgeDescription(wishes.description);
  if (!description.ok) return description;
  const docs = judgeDocsUri(wishes.docsUri);
  if (!docs.ok) return docs;
  const { tokenFormat, tokenSeconds, minimumAcr } = wishes;
  const most = MOST_TOKEN_SECONDS[tokenFormat];
  if (tokenSeconds !== null && !(tokenSeconds >= LEAST_TOKEN_SECONDS && tokenSeconds <= most)) {
    const limits = `from ${LEAST_TOKEN_SECONDS} to ${most} seconds, such as 600`;
    return refused('tokenSeconds', `A token of this format lives ${limits}.`);
  }
  const texts = { name: name.name, description: description.text, docsUri: docs.uri };
  return { ok: true, settings: { ...texts, tokenFormat, tokenSeconds, minimumAcr } } as const;
}

type Named = {
  readonly ok: true;
  readonly data: Partial<Record<'identifier' | 'claimedIdentifier', string>>;
};

/** Another identifier for an API that has none yet, judged as for a new one. */
async function settleName(
  tx: Platform,
  actor: Actor,
  api: Api,
  wished: string | undefined,
): Promise<Named | Refused<'identifier'>> {
  if (api.approved || wished === undefined) return { ok: true, data: {} };
  const normalized = normalizeIdentifier(wished);
  if (!normalized.ok) return refused('identifier', normalized.sentence);
  const { identifier } = normalized;
  if (identifier === api.identifier) return { ok: true, data: {} };
  if (identifier === tx.config.issuer || (await findApi(tx, identifier))) return refused('identifier', TAKEN);
  const right = await mayBeNamed(tx, actor, api.organizationId, identifier);
  if (!right.ok) return right;
  const claim = { claimedIdentifier: identifier };
  return { ok: true, data: right.approved ? { ...claim, identifier } : claim };
}

function differences(before: Api, after: Api): AuditDetails {
  const fields = [
    'name',
    'description',
    'docsUri',
    'tokenFormat',
    'tokenSeconds',
    'minimumAcr',
    'identifier',
  ];
  const changed = fields.filter((field) => before[field as keyof Api] !== after[field as keyof Api]);
  return Object.fromEntries(changed.map((field) => [field, after[field as keyof Api] as string | null]));
}
