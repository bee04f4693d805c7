import type { Actor } from '../../audit/actor.ts';
import type { AuditDetails } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { judgeWebAddress } from '../web-address.ts';
import { judgeAppName, NAME_TAKEN, nameIsTaken } from './app-names.ts';
import type { IdTokenAlgorithm } from './app-types.ts';
import type { ClientView } from './client.ts';
import { type AppOf, holdOwnApp } from './hold-app.ts';
import { metadataWith } from './id-token-algorithm.ts';
import { type Presented, present } from './presentation.ts';
import { settleScopes } from './requested-scopes.ts';

/** Addresses that people read about the app at; empty takes one away. */
export interface AppSettings {
  readonly name: string;
  readonly homepageUri: string;
  readonly privacyUri: string;
  readonly termsUri: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  /** Unless given, it stays. */
  readonly idTokenAlgorithm?: IdTokenAlgorithm | undefined;
}

export type AddressField = 'homepageUri' | 'privacyUri' | 'termsUri';

export type SettingsChange =
  | { readonly ok: true; readonly outcome: Presented }
  | Refused<'client' | 'sponsored' | 'name' | 'scope' | 'resource' | AddressField>;

const ADDRESSES: Readonly<Record<AddressField, string>> = {
  homepageUri: 'The homepage',
  privacyUri: 'The privacy notice',
  termsUri: 'The address of the terms',
};

/** One of the addresses as it is stored; null where it is empty. */
export function judgeAddress(
  field: AddressField,
  raw: string,
): { readonly ok: true; readonly uri: string | null } | Refused<AddressField> {
  if (raw.trim() === '') return { ok: true, uri: null };
  const judged = judgeWebAddress(raw, ADDRESSES[field]);
  return judged.ok ? judged : refused(field, judged.sentence);
}

/** Changes what an app says of itself and what it may ask for: all of it, or nothing. */
export async function changeAppSettings(
  platform: Platform,
  actor: Actor,
  { organizationId, clientId, ...wishes }: AppOf & AppSettings,
): Promise<SettingsChange> {
  const named = judgeAppName(platform, actor, wishes.name);
  if (!named.ok) return named;
  const addresses = judgeAddresses(wishes);
  if (!addresses.ok) return addresses;

  return inTransaction(platform, async (tx): Promise<SettingsChange> => {
    const held = await holdOwnApp(tx, actor, { organizationId, clientId });
    if (!held.ok) return held;
    const { app } = held;
    const { name, nameKey } = named;
    const renamed = name !== app.name;
    if (renamed && (await nameIsTaken(tx, actor, { nameKey, organizationId }))) return NAME_TAKEN;
    const settled = await settleScopes(tx, { organizationId, type: app.type, ...scopesOf(wishes) });
    if (!settled.ok) return settled;
    const { idTokenAlgorithm = app.idTokenAlgorithm } = wishes;
    const others = await changeOthers(tx, actor, app, {
      ...addresses.uris,
      ...settled.registered,
      idTokenAlgorithm,
    });
    const outcome = await present(tx, actor, app, renamed ? { name: { name, nameKey } } : {});
    return { ok: true, outcome: outcome === 'same' && others ? 'changed' : outcome };
  });
}

function scopesOf({ scopes, resources }: AppSettings) {
  return { scopes, resources };
}

function judgeAddresses(wishes: AppSettings) {
  const uris: Record<AddressField, string | null> = { homepageUri: null, privacyUri: null, termsUri: null };
  for (const field of ['homepageUri', 'privacyUri', 'termsUri'] as const) {
    const judged = judgeAddress(field, wishes[field]);
    if (!judged.ok) return judged;
    uris[field] = judged.uri;
  }
  return { ok: true, uris } as const;
}

type Others = Pick<ClientView, AddressField | 'scopes' | 'resources' | 'idTokenAlgorithm'>;

/** What says nothing of who the app is. False where it stays as it was. */
async function changeOthers(tx: Platform, actor: Actor, app: ClientView, wishes: Others): Promise<boolean> {
  const changed = Object.fromEntries(
    Object.entries(wishes).filter(
      ([field, value]) => JSON.stringify(app[field as keyof Others]) !== JSON.stringify(value),
    ),
  );
  if (Object.keys(changed).length === 0) return false;
  const { id, organizationId } = app;
  const { idTokenAlgorithm, ...columns } = changed;
  const metadata = idTokenAlgorithm && (await metadataWith(tx, id, wishes.idTokenAlgorithm));
  const data = { ...columns, ...(metadata && { metadata }), updatedAt: tx.clock.now() };
  await tx.db.client.updateMany({ where: { id, organizationId }, data });
  await recordEvent(tx, actor, 'client.changed', { kind: 'client', id }, changed as AuditDetails);
  return true;
}
