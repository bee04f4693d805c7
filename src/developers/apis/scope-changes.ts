import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findApi } from './api.ts';
import {
  type ApiScope,
  type JudgedScope,
  MOST_SCOPES,
  newScope,
  type ScopeKind,
  type ScopeSensitivity,
} from './scopes.ts';

/** What is left out stays as it is; a new scope needs a description. */
export interface ScopeWishes {
  readonly apiIdentifier: string;
  readonly name: string;
  readonly description?: string;
  readonly kind?: ScopeKind;
  readonly sensitivity?: ScopeSensitivity;
  readonly optional?: boolean;
}

export type ScopeChange =
  | {
      readonly ok: true;
      readonly apiId: string;
      readonly identifier: string;
      readonly scope: ApiScope;
      readonly created: boolean;
    }
  | Refused<'api' | 'scope'>;

/** Adds a scope to an API, or changes how one is described, sorted and allowed. */
export async function changeScope(
  platform: Platform,
  actor: Actor,
  wishes: ScopeWishes,
): Promise<ScopeChange> {
  return inTransaction(platform, async (tx): Promise<ScopeChange> => {
    const api = await findApi(tx, wishes.apiIdentifier);
    if (!api) return refused('api', 'No API has this identifier.');
    const { id: apiId, identifier } = api;
    const before = await tx.db.scope.findMany({ where: { apiId } });
    const judged = afterWishes(before as unknown as ApiScope[], wishes);
    if (!judged.ok) return refused('scope', judged.sentence);

    const { scope } = judged;
    const key = { apiId_name: { apiId, name: scope.name } };
    await tx.db.scope.upsert({ where: key, create: { ...scope, apiId }, update: scope });
    const { name, kind, sensitivity, optional } = scope;
    const details = { scope: name, kind, sensitivity, optional };
    await recordEvent(tx, actor, 'scope.changed', { kind: 'api', id: apiId }, details);
    return { ok: true, apiId, identifier, scope, created: !before.some((old) => old.name === name) };
  });
}

function afterWishes(scopes: readonly ApiScope[], wishes: ScopeWishes): JudgedScope {
  const before = scopes.find(({ name }) => name === wishes.name);
  const description = wishes.description ?? before?.description;
  if (description === undefined) {
    return { ok: false, sentence: 'The API has no such scope yet. To add it, write it as name=description.' };
  }
  const judged = newScope(wishes.name, description);
  if (!judged.ok) return judged;
  if (!before && scopes.length >= MOST_SCOPES) {
    return { ok: false, sentence: `An API can have at most ${MOST_SCOPES} scopes.` };
  }
  const { name, kind, sensitivity, optional } = before ?? judged.scope;
  return {
    ok: true,
    scope: {
      name,
      description: judged.scope.description,
      kind: wishes.kind ?? kind,
      sensitivity: wishes.sensitivity ?? sensitivity,
      optional: wishes.optional ?? optional,
    },
  };
}
