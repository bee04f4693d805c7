import { suspensionsBetween } from '../../defense/suspensions/in-force.ts';
import type { Times } from '../../defense/suspensions/ladder.ts';
import type { Statement } from '../../platform/database/statements.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { normalizeIdentifier } from '../apis/identifier.ts';
import type { ApiScope } from '../apis/scopes/scopes.ts';

/** Everything decideAccess looks at, as of one moment. */
export interface AccessInputs {
  readonly client: {
    readonly id: string;
    /** Null: of no organization, as personal access tokens are for a person who is no member (personal-access.ts). */
    readonly organizationId: string | null;
    readonly trustDomainId: string;
    readonly registeredScopes: readonly string[];
    readonly suspended: boolean;
    readonly stage: 'development' | 'live';
    /** Registered with an access code: it never counts as an app of its organization's own. */
    readonly sponsored: boolean;
    /** By a publisher that an operator verified. */
    readonly verified: boolean;
  };
  readonly api: {
    readonly id: string;
    readonly clientId: string;
    readonly identifier: string;
    readonly name: string;
    readonly organizationId: string;
    readonly organizationName: string;
    readonly trustDomainId: string;
    readonly tokenFormat: 'opaque' | 'jwt';
    /** Null follows decision 18. */
    readonly tokenSeconds: number | null;
    /** How strongly people must have signed in; null asks for nothing. */
    readonly minimumAcr: string | null;
    /** 0 where there are none. */
    readonly termsVersion: number;
    /** From then on, accesses that accepted older terms count for nothing. */
    readonly termsDueAt: Date | null;
    /** Ordered by name. */
    readonly scopes: readonly AccessScope[];
  };
  /** Ended ones included, so that a refusal can say since when. */
  readonly accesses: readonly AccessGiven[];
  /** Those in the way of this client at this API that nobody ended; what they do follows from their times. */
  readonly suspensions: readonly SuspensionInTheWay[];
}

export interface SuspensionInTheWay extends Times {
  readonly kind: 'access-writes' | 'access' | 'client' | 'api' | 'organization';
}

export interface AccessScope extends ApiScope {
  readonly deprecated: boolean;
}

/** By what an access came to be. An operator answers alone for what it lets in. */
export type AccessOrigin = 'operator' | 'open' | 'request' | 'list' | 'code';

export interface AccessGiven {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  /** Where it was closed early, that moment. */
  readonly until: Date | null;
  readonly origin: AccessOrigin;
  readonly termsVersion: number;
  /** Null has no limit. */
  readonly peoplePerDay: number | null;
  readonly requestsPerMinute: number | null;
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
           json_build_object('id', c.id, 'organizationId', c.organization_id, 'trustDomainId', c.trust_domain_id,
                             'registeredScopes', c.scopes, 'suspended', c.suspended_at IS NOT NULL, 'stage', c.stage,
                             'sponsored', c.sponsored, 'verified', c.verified_at IS NOT NULL) AS "client",
           json_build_object('id', a.id, 'clientId', a.client_id, 'identifier', a.identifier, 'name', a.name,
                             'organizationId', a.organization_id, 'organizationName', o.name,
                             'trustDomainId', a.trust_domain_id, 'tokenFormat', a.token_format,
                             'tokenSeconds', a.token_seconds, 'minimumAcr', a.minimum_acr,
                             'termsVersion', a.terms_version,
                             'termsDueAt', extract(epoch FROM a.terms_due_at) * 1000) AS "api",
           (SELECT coalesce(json_agg(json_build_object('name', s.name, 'description', s.description, 'kind', s.kind,
                                       'sensitivity', s.sensitivity, 'optional', s.optional, 'sentences', s.sentences,
                                       'deprecated', s.deprecated_at IS NOT NULL) ORDER BY s.name), '[]')
              FROM scopes s WHERE s.api_id = a.id) AS "scopes",
           (SELECT coalesce(json_agg(json_build_object('id', x.id, 'scopes', x.scopes, 'origin', x.origin,
                              'createdAt', extract(epoch FROM x.created_at) * 1000,
                              'until', extract(epoch FROM least(x.until, x.ended_at)) * 1000,
                              'termsVersion', x.terms_version, 'peoplePerDay', x.people_per_day,
                              'requestsPerMinute', x.requests_per_minute) ORDER BY x.id), '[]')
              FROM accesses x WHERE x.client_id = c.id AND x.api_id = a.id) AS "accesses",
           ${suspensionsBetween(
             { client: 'c.id', organization: 'c.organization_id' },
             { api: 'a.id', organization: 'a.organization_id' },
           )} AS "suspensions"`;

const ACCESS_INPUTS: Statement = {
  name: 'find_access_inputs',
  reads: true,
  text: `
    SELECT ${ACCESS_COLUMNS}
      FROM clients c CROSS JOIN apis a JOIN organizations o ON o.id = a.organization_id
     WHERE c.id = $1 AND a.identifier IN ($2, $2 || '/')`,
};

type Api = Omit<AccessInputs['api'], 'scopes' | 'termsDueAt'>;

export interface AccessRow {
  client: AccessInputs['client'];
  api: Api & { termsDueAt: number | null };
  scopes: AccessScope[];
  accesses: (Omit<AccessGiven, 'createdAt' | 'until'> & { createdAt: number; until: number | null })[];
  suspensions: (Pick<SuspensionInTheWay, 'kind' | 'state' | 'level'> & {
    stateSince: number;
    pausedUntil: number | null;
    until: number | null;
  })[];
}

export function inputsOf({ client, api, scopes, accesses, suspensions }: AccessRow): AccessInputs {
  return {
    client,
    api: { ...api, termsDueAt: instant(api.termsDueAt), scopes },
    accesses: accesses.map(({ createdAt, until, ...access }) => ({
      ...access,
      createdAt: new Date(createdAt),
      until: instant(until),
    })),
    suspensions: suspensions.map(({ stateSince, pausedUntil, until, ...suspension }) => ({
      ...suspension,
      stateSince: new Date(stateSince),
      pausedUntil: instant(pausedUntil),
      until: instant(until),
    })),
  };
}

function instant(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}
