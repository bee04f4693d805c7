import { domainIdsOf } from '../../accounts/trust-domains.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { ACCESS_COLUMNS, type AccessInputs, type AccessRow, inputsOf } from './access-inputs.ts';
import { type AccessDecision, decideAccess } from './decide-access.ts';
import { normalizeIdentifier } from '../apis/identifier.ts';

/**
 * The built-in client that personal access tokens are issued to. It has no row, no secret, no grant type and no redirect,
 * so that it is unknown at every endpoint; the letter l keeps it apart from every id that is made (ids.ts).
 */
export const PERSONAL_TOKENS_CLIENT = 'app_personalaccesstokens';

/** The inputs of the access decision for one person's tokens at one API; undefined where there is no such API. */
export async function loadPersonalInputs(
  { sql }: Pick<Platform, 'sql'>,
  accountId: string,
  resource: string,
): Promise<AccessInputs | undefined> {
  const normalized = normalizeIdentifier(resource);
  if (!normalized.ok) return undefined;
  const [row] = await sql.run<AccessRow>(ONE_API, [PERSONAL_TOKENS_CLIENT, accountId, normalized.identifier]);
  return row && inputsOf(row);
}

/** The same for every API that may be open to the person, by name. */
export async function listPersonalInputs(
  { sql }: Pick<Platform, 'sql'>,
  accountId: string,
): Promise<AccessInputs[]> {
  const rows = await sql.run<AccessRow>(APIS_WITHIN_REACH, [PERSONAL_TOKENS_CLIENT, accountId]);
  return rows.map(inputsOf);
}

/**
 * What a person's own tokens may do at an API: where they are a member of its organization all but what only bound tokens
 * may, elsewhere what an operator opened to everybody, and of that nothing sensitive and nothing administrative. `permitted` is false while the
 * operator forbids such tokens.
 */
export function decidePersonalAccess(
  inputs: AccessInputs | undefined,
  permitted: boolean,
  now: Date,
): AccessDecision {
  const judged = inputs && { ...inputs, client: { ...inputs.client, suspended: !permitted } };
  const decision = decideAccess(judged, undefined, now);
  if (!decision.allowed) return decision;
  if (decision.api.tokenFormat !== 'opaque') return { ...NO_OPAQUE_TOKENS };
  if (decision.api.minimumAcr !== null) return { ...NO_PROOF_OF_STRENGTH };
  const own = inputs?.client.organizationId === decision.api.organizationId;
  const harmless = decision.api.scopes.filter(({ kind, sensitivity }) => {
    return own ? sensitivity !== 'restricted' : kind !== 'admin' && sensitivity === 'basic';
  });
  const names = new Set(harmless.map(({ name }) => name));
  return { ...decision, scopes: decision.scopes.filter((name) => names.has(name)) };
}

const NO_OPAQUE_TOKENS = {
  allowed: false,
  reason: 'no-access',
  sentence: 'This API takes no opaque tokens, so there are no personal access tokens for it.',
} as const;

const NO_PROOF_OF_STRENGTH = {
  allowed: false,
  reason: 'no-access',
  sentence: 'This API asks how people signed in, so there are no personal access tokens for it.',
} as const;

/** The client belongs to the organization of the API, and to its trust domain, exactly for those who do. */
const PERSONAL_INPUTS = `
    SELECT ${ACCESS_COLUMNS}
      FROM apis a JOIN organizations o ON o.id = a.organization_id
     CROSS JOIN LATERAL (
       SELECT $1::text AS id, '{}'::text[] AS scopes, NULL::timestamptz AS suspended_at, 'live' AS stage,
              false AS sponsored, NULL::timestamptz AS verified_at,
              CASE WHEN a.trust_domain_id = ANY(mine.ids) THEN a.trust_domain_id ELSE mine.ids[1] END AS trust_domain_id,
              (SELECT m.organization_id FROM organization_members m
                WHERE m.organization_id = a.organization_id AND m.account_id = $2::uuid) AS organization_id
         FROM (SELECT ${domainIdsOf('$2::uuid')} AS ids) mine) c`;

const ONE_API: Statement = {
  name: 'find_personal_access_inputs',
  reads: true,
  text: `${PERSONAL_INPUTS} WHERE a.identifier IN ($3, $3 || '/')`,
};

const APIS_WITHIN_REACH: Statement = {
  name: 'list_personal_access_inputs',
  reads: true,
  text: `${PERSONAL_INPUTS}
     WHERE a.id IN (SELECT own.id FROM organization_members m JOIN apis own USING (organization_id)
                     WHERE m.account_id = $2::uuid
                     UNION SELECT x.api_id FROM accesses x WHERE x.client_id = $1)
     ORDER BY a.name, a.id LIMIT 200`,
};
