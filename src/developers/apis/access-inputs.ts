import type { Statement } from '../../platform/database/statements.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { normalizeIdentifier } from './identifier.ts';
import type { ApiScope } from './scopes.ts';

/** Everything decideAccess looks at, as of one moment. */
export interface AccessInputs {
  readonly client: {
    readonly id: string;
    /** Null: of no organization, as personal access tokens are for a person who is no member (personal-access.ts). */
    readonly organizationId: string | null;
    readonly registeredScopes: readonly string[];
    readonly suspended: boolean;
  };
  readonly api: {
    readonly id: string;
    readonly clientId: string;
    readonly identifier: string;
    readonly name: string;
    readonly organizationId: string;
    readonly organizationName: string;
    readonly tokenFormat: 'opaque' | 'jwt';
    /** Ordered by name. */
    readonly scopes: readonly ApiScope[];
  };
  /** Ended ones included, so that a refusal can say since when. */
  readonly accesses: readonly { readonly scopes: readonly string[]; readonly until: Date | null }[];
}

/** Loads the inputs for a client and a resource indicator; undefined when either does not exist. One statement. */
export async function loadAccessInputs(
  { sql }: Pick<Platform, 'sql'>,
  clientId: string,
  resource: string,
): Promise<AccessInputs | undefined> {
  const normalized = normalizeIdentifier(resource);
  if (!normalized.ok || !PUBLIC_ID.test(clientId)) return undefined;
  const [row] = await sql.run<AccessRow>(ACCESS_INPUTS, [clientId, normalized.identifier]);
  return row && inputsOf(row);
}

/** An access closed early ends when it was closed. Instants travel as milliseconds since 1970. */
export const ACCESS_COLUMNS = `
           c.id AS "clientId", c.organization_id AS "clientOrganizationId", c.scopes AS "registeredScopes",
           c.suspended_at IS NOT NULL AS "suspended",
           a.id AS "apiId", a.client_id AS "apiClientId", a.identifier, a.name AS "apiName",
           a.organization_id AS "apiOrganizationId", o.name AS "apiOrganizationName", a.token_format AS "tokenFormat",
           (SELECT coalesce(json_agg(json_build_object('name', s.name, 'description', s.description, 'kind', s.kind,
                                       'sensitivity', s.sensitivity, 'optional', s.optional) ORDER BY s.name), '[]')
              FROM scopes s WHERE s.api_id = a.id) AS "apiScopes",
           (SELECT coalesce(json_agg(json_build_object('scopes', x.scopes,
                              'until', extract(epoch FROM least(x.until, x.ended_at)) * 1000)), '[]')
              FROM accesses x WHERE x.client_id = c.id AND x.api_id = a.id) AS "accesses"`;

const ACCESS_INPUTS: Statement = {
  name: 'find_access_inputs',
  reads: true,
  text: `
    SELECT ${ACCESS_COLUMNS}
      FROM clients c CROSS JOIN apis a JOIN organizations o ON o.id = a.organization_id
     WHERE c.id = $1 AND a.identifier = $2`,
};

export interface AccessRow {
  clientId: string;
  clientOrganizationId: string | null;
  registeredScopes: string[];
  suspended: boolean;
  apiId: string;
  apiClientId: string;
  identifier: string;
  apiName: string;
  apiOrganizationId: string;
  apiOrganizationName: string;
  tokenFormat: 'opaque' | 'jwt';
  apiScopes: ApiScope[];
  accesses: { scopes: string[]; until: number | null }[];
}

export function inputsOf(row: AccessRow): AccessInputs {
  return {
    client: {
      id: row.clientId,
      organizationId: row.clientOrganizationId,
      registeredScopes: row.registeredScopes,
      suspended: row.suspended,
    },
    api: {
      id: row.apiId,
      clientId: row.apiClientId,
      identifier: row.identifier,
      name: row.apiName,
      organizationId: row.apiOrganizationId,
      organizationName: row.apiOrganizationName,
      tokenFormat: row.tokenFormat,
      scopes: row.apiScopes,
    },
    accesses: row.accesses.map(({ scopes, until }) => ({
      scopes,
      until: until === null ? null : new Date(until),
    })),
  };
}
