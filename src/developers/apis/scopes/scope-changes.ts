import type { Scope as ScopeRow } from '../../../../prisma/generated/client.ts';
import { actsFrozen } from '../../../accounts/recovery/frozen.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { FROZEN } from '../../frozen.ts';
import { roleOf } from '../../organizations/require-member.ts';
import { mayDo } from '../../organizations/roles.ts';
import { findApi } from '../api.ts';
import { type DefinedScope, judgeScope, type ScopeFault, type ScopeWishes } from './scope-wishes.ts';
import { SCOPE_SENSITIVITIES } from './scopes.ts';

export type ScopeChange =
  | {
      readonly ok: true;
      readonly apiId: string;
      readonly identifier: string;
      readonly scope: DefinedScope;
      readonly created: boolean;
    }
  | Refused<'api' | ScopeFault>;

/** Adds a scope to an API that an operator names, or changes it. What is questionable is the operator's to know. */
export async function changeScope(
  platform: Platform,
  actor: Actor,
  { apiIdentifier, ...wishes }: ScopeWishes & { readonly apiIdentifier: string },
): Promise<ScopeChange> {
  return inTransaction(platform, async (tx): Promise<ScopeChange> => {
    const api = await findApi(tx, apiIdentifier);
    if (!api) return refused('api', 'No API has this identifier.');
    const { id: apiId, organizationId } = api;
    return saveScope(tx, actor, { ...wishes, apiId, organizationId, sure: true });
  });
}

export interface ScopeOfApi extends ScopeWishes {
  readonly apiId: string;
  readonly organizationId: string;
}

/** Adds a scope to an API of an organization, or changes how one is described, sorted and allowed. */
export async function saveScope(platform: Platform, actor: Actor, input: ScopeOfApi): Promise<ScopeChange> {
  const { apiId, organizationId, ...wishes } = input;
  return inTransaction(platform, async (tx): Promise<ScopeChange> => {
    const api = await holdApi(tx, apiId, organizationId);
    if (!api) return refused('api', 'No API has this ID.');
    const before = await scopesOf(tx, apiId);
    const judged = judgeScope(before, wishes, tx.clock.now());
    if (!judged.ok) return judged;
    const { scope } = judged;
    const laxer = await judgeLaxer(tx, actor, organizationId, { before, scope });
    if (laxer) return laxer;
    const { name, kind, sensitivity, optional, successor } = scope;
    const row = { ...scope, sentences: { ...scope.sentences } };
    await tx.db.scope.upsert({
      where: { apiId_name: { apiId, name } },
      create: { ...row, apiId },
      update: row,
    });
    const deprecated = scope.deprecatedAt !== null;
    const details = { scope: name, kind, sensitivity, optional, deprecated, successor };
    await recordEvent(tx, actor, 'scope.changed', { kind: 'api', id: apiId }, details);
    const created = !before.some((old) => old.name === name);
    const identifier = api.identifier ?? api.claimedIdentifier ?? '';
    return { ok: true, apiId, identifier, scope, created };
  });
}

/**
 * To make a scope less sensitive opens it to apps that nobody verified, approved or bound to a key: as everywhere, an
 * owner opens an API, and none whose second factor was replaced a few days ago.
 */
async function judgeLaxer(
  tx: Platform,
  actor: Actor,
  organizationId: string,
  { before, scope }: { before: readonly DefinedScope[]; scope: DefinedScope },
): Promise<Refused<'sensitivity'> | undefined> {
  const rank = (one: DefinedScope) => SCOPE_SENSITIVITIES.indexOf(one.sensitivity);
  const old = before.find(({ name }) => name === scope.name);
  if (!old || rank(scope) >= rank(old) || actor.kind !== 'account') return undefined;
  const role = await roleOf(tx, organizationId, String(actor.id));
  if (!role || !mayDo(role, 'govern')) return refused('sensitivity', OWNERS_ONLY);
  return (await actsFrozen(tx, actor)) ? refused('sensitivity', FROZEN) : undefined;
}

const OWNERS_ONLY = 'Only an owner makes a scope less sensitive. Ask one of them.';

/** An API that is held. Its claim is not its name yet, and may be somebody else's. */
export interface HeldApi {
  readonly identifier: string | null;
  readonly claimedIdentifier: string | null;
}

/** Changes of one API's scopes wait for each other here; undefined where it is not the organization's. */
export async function holdApi(
  { db }: Platform,
  apiId: string,
  organizationId: string,
): Promise<HeldApi | undefined> {
  const [api] = await db.$queryRaw<HeldApi[]>`
    SELECT identifier, claimed_identifier AS "claimedIdentifier" FROM apis
     WHERE id = ${apiId}::uuid AND organization_id = ${organizationId}::uuid FOR UPDATE`;
  return api;
}

/** Every scope of an API with all that its owner said about it, by name. */
export async function scopesOf({ db }: Platform, apiId: string): Promise<DefinedScope[]> {
  const rows = await db.scope.findMany({ where: { apiId }, orderBy: { name: 'asc' } });
  return rows.map(definedScope);
}

function definedScope({ apiId: _, ...row }: ScopeRow): DefinedScope {
  return row as unknown as DefinedScope;
}
