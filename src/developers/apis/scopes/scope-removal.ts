import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { forgetConsentedScope } from '../../../tokens/consents.ts';
import { type HeldApi, holdApi } from './scope-changes.ts';

/** How many apps a scope is part of: those that an access gives it to, and the organization's own that registered it. */
export async function appsUsingScope(
  { db, clock }: Platform,
  { apiId, name }: { apiId: string; name: string },
): Promise<number> {
  const now = clock.now();
  const [row] = await db.$queryRaw<{ apps: number }[]>`
    SELECT count(*)::int AS apps FROM (
      SELECT x.client_id FROM accesses x
       WHERE x.api_id = ${apiId}::uuid AND ${name} = ANY (x.scopes)
         AND x.ended_at IS NULL AND (x.until IS NULL OR x.until > ${now})
      UNION
      SELECT c.id FROM clients c JOIN apis a ON a.organization_id = c.organization_id
       WHERE a.id = ${apiId}::uuid AND ${name} = ANY (c.scopes) AND a.identifier = ANY (c.resources)) AS used`;
  return row?.apps ?? 0;
}

export type ScopeRemoval = { readonly ok: true } | Refused<'api' | 'scope' | 'apps'>;

/**
 * Removes a scope, and from everything that would give it: should the name come back with another meaning, nobody has
 * it yet. `apps` is how many use it, as it was shown; where it is another number by now the question is asked anew.
 */
export async function removeScope(
  platform: Platform,
  actor: Actor,
  input: { apiId: string; organizationId: string; name: string; apps: number },
): Promise<ScopeRemoval> {
  const { apiId, organizationId, name, apps } = input;
  return inTransaction(platform, async (tx): Promise<ScopeRemoval> => {
    const api = await holdApi(tx, apiId, organizationId);
    if (!api) return refused('api', 'No API has this ID.');
    const using = await appsUsingScope(tx, { apiId, name });
    if (using !== apps) {
      return refused('apps', `By now ${using} apps use this scope. Look again, then decide.`);
    }
    const { count } = await tx.db.scope.deleteMany({ where: { apiId, name } });
    if (count === 0) return refused('scope', 'The API has no such scope any more.');
    await tx.db.scope.updateMany({ where: { apiId, successor: name }, data: { successor: null } });
    await takeEverywhere(tx, api, apiId, name);
    const details = { scope: name, apps: using };
    await recordEvent(tx, actor, 'scope.removed', { kind: 'api', id: apiId }, details);
    return { ok: true };
  });
}

async function takeEverywhere(
  tx: Platform,
  { identifier }: HeldApi,
  apiId: string,
  name: string,
): Promise<void> {
  const { db } = tx;
  await db.$executeRaw`
    UPDATE accesses SET scopes = array_remove(scopes, ${name})
     WHERE api_id = ${apiId}::uuid AND ${name} = ANY (scopes)`;
  await db.$executeRaw`
    UPDATE api_openings SET scopes = array_remove(scopes, ${name})
     WHERE api_id = ${apiId}::uuid AND ${name} = ANY (scopes)`;
  await db.$executeRaw`
    UPDATE access_codes SET scopes = array_remove(scopes, ${name})
     WHERE api_id = ${apiId}::uuid AND ${name} = ANY (scopes)`;
  if (identifier !== null) await forgetConsentedScope(tx, identifier, name);
}
