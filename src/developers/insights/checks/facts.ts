import { PUBLIC_ID, UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { scopesAllowed } from '../../../tokens/scopes-allowed.ts';
import type { ReferenceDocument } from '../../apis/reference/document.ts';
import { lintReference } from '../../apis/reference/lint.ts';
import type { ApiFacts } from './api-checks.ts';
import { type CheckedScope, DAY, type LiveCredential } from './check.ts';
import type { ClientFacts } from './client-checks.ts';

export interface Loaded<Facts> {
  readonly organizationId: string;
  readonly facts: Facts;
}

/** Credentials and scopes come as JSON, where an instant is a text. */
type AsJson<T> = {
  [Key in keyof T]: T[Key] extends Date ? string : T[Key] extends Date | null ? string | null : T[Key];
};

type ClientRow = Omit<ClientFacts, 'now' | 'secrets' | 'keys' | 'scopes' | 'allowedScopes'> & {
  organizationId: string;
  secrets: AsJson<LiveCredential>[];
  keys: AsJson<LiveCredential>[];
  scopes: AsJson<CheckedScope>[];
};

/** Gathers what the checks of an app look at: one statement, and one for what people allowed. */
export async function loadClientFacts(
  platform: Platform,
  clientId: string,
): Promise<Loaded<ClientFacts> | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const now = platform.clock.now();
  const yesterday = new Date(now.getTime() - DAY);
  const [rows, allowedScopes] = await Promise.all([
    platform.db.$queryRaw<ClientRow[]>`
      SELECT c.organization_id AS "organizationId", c.type, c.auth_method AS "authMethod", c.stage,
             c.redirect_uris AS "redirectUris", c.resources, c.homepage_uri AS "homepageUri",
             c.privacy_uri AS "privacyUri", c.terms_uri AS "termsUri", c.logo IS NOT NULL AS "hasLogo",
             c.verified_at IS NOT NULL AS verified, c.created_at AS "createdAt",
             (SELECT count(*)::int FROM organization_members m
               WHERE m.organization_id = c.organization_id AND m.role = 'owner') AS owners,
             (SELECT coalesce(json_agg(json_build_object('label', s.label, 'createdAt', s.created_at,
                       'expiresAt', s.expires_at, 'lastUsedAt', s.last_used_at, 'replacedAt', s.replaced_at)
                       ORDER BY s.id), '[]')
                FROM client_secrets s
               WHERE s.holder_id = c.id AND (s.expires_at IS NULL OR s.expires_at > ${now})) AS secrets,
             (SELECT coalesce(json_agg(json_build_object('label', k.label, 'createdAt', k.created_at,
                       'expiresAt', NULL, 'lastUsedAt', k.last_used_at, 'replacedAt', NULL) ORDER BY k.id), '[]')
                FROM client_keys k WHERE k.client_id = c.id AND k.ended_at IS NULL) AS keys,
             (SELECT coalesce(json_agg(DISTINCT jsonb_build_object('name', s.name, 'kind', s.kind,
                       'sensitivity', s.sensitivity, 'details', s.details, 'deprecatedAt', s.deprecated_at,
                       'successor', s.successor)), '[]')
                FROM apis a JOIN scopes s ON s.api_id = a.id
               WHERE a.identifier = ANY (c.resources) AND s.name = ANY (c.scopes)) AS scopes,
             (SELECT max(u.hour) FROM usage_hours u WHERE u.client_id = c.id) AS "lastCall",
             (SELECT coalesce(sum(u.requests), 0)::int FROM usage_hours u
               WHERE u.client_id = c.id AND u.hour > ${yesterday}) AS requests,
             (SELECT coalesce(sum(u.requests), 0)::int FROM usage_hours u
               WHERE u.client_id = c.id AND u.hour > ${yesterday} AND u.error <> '') AS failures
        FROM clients c WHERE c.id = ${clientId}`,
    scopesAllowed(platform, clientId),
  ]);
  const [row] = rows;
  if (!row) return undefined;
  const { organizationId, secrets, keys, scopes, ...facts } = row;
  return {
    organizationId,
    facts: {
      ...{ ...facts, now, allowedScopes },
      secrets: secrets.map(credentialOf),
      keys: keys.map(credentialOf),
      scopes: scopes.map(scopeOf),
    },
  };
}

type ApiRow = Omit<ApiFacts, 'now' | 'secrets' | 'scopes' | 'referenceFaults' | 'hasReference'> & {
  organizationId: string;
  secrets: AsJson<LiveCredential>[];
  scopes: AsJson<CheckedScope>[];
  reference: ReferenceDocument | null;
};

/** Gathers what the checks of an API look at, in one statement. */
export async function loadApiFacts(platform: Platform, apiId: string): Promise<Loaded<ApiFacts> | undefined> {
  if (!UUID.test(apiId)) return undefined;
  const now = platform.clock.now();
  const [row] = await platform.db.$queryRaw<ApiRow[]>`
    SELECT a.organization_id AS "organizationId", a.identifier IS NOT NULL AS approved, a.description,
           a.token_format AS "tokenFormat", a.token_seconds AS "tokenSeconds", a.minimum_acr AS "minimumAcr",
           a.terms_version AS "termsVersion", a.created_at AS "createdAt",
           (SELECT r.document FROM api_references r WHERE r.api_id = a.id) AS reference,
           (SELECT count(*)::int FROM organization_members m
             WHERE m.organization_id = a.organization_id AND m.role = 'owner') AS owners,
           (SELECT coalesce(json_agg(json_build_object('name', s.name, 'kind', s.kind, 'sensitivity', s.sensitivity,
                     'details', s.details, 'deprecatedAt', s.deprecated_at, 'successor', s.successor)
                     ORDER BY s.name), '[]') FROM scopes s WHERE s.api_id = a.id) AS scopes,
           (SELECT coalesce(json_agg(json_build_object('label', s.label, 'createdAt', s.created_at,
                     'expiresAt', s.expires_at, 'lastUsedAt', s.last_used_at, 'replacedAt', s.replaced_at)
                     ORDER BY s.id), '[]') FROM client_secrets s
             WHERE s.holder_id = a.client_id AND (s.expires_at IS NULL OR s.expires_at > ${now})) AS secrets,
           ARRAY(SELECT DISTINCT unnest(o.scopes) FROM api_openings o
                  WHERE o.api_id = a.id AND o.kind = 'all' AND o.ended_at IS NULL) AS "openScopes",
           (SELECT count(*)::int FROM accesses x WHERE x.api_id = a.id AND x.people_per_day IS NULL
               AND x.ended_at IS NULL AND (x.until IS NULL OR x.until > ${now})) AS uncapped,
           ARRAY(SELECT DISTINCT unnest(x.scopes) FROM accesses x WHERE x.api_id = a.id
                  AND x.ended_at IS NULL AND (x.until IS NULL OR x.until > ${now})) AS "accessedScopes"
      FROM apis a WHERE a.id = ${apiId}::uuid`;
  if (!row) return undefined;
  const { organizationId, secrets, scopes, reference, ...facts } = row;
  return {
    organizationId,
    facts: {
      ...{ ...facts, now, hasReference: reference !== null },
      referenceFaults:
        reference === null
          ? 0
          : lintReference(
              reference,
              scopes.map(({ name }) => name),
            ).length,
      secrets: secrets.map(credentialOf),
      scopes: scopes.map(scopeOf),
    },
  };
}

function credentialOf(raw: AsJson<LiveCredential>): LiveCredential {
  const { label, createdAt, expiresAt, lastUsedAt, replacedAt } = raw;
  return {
    ...{ label, createdAt: new Date(createdAt) },
    ...{ expiresAt: moment(expiresAt), lastUsedAt: moment(lastUsedAt), replacedAt: moment(replacedAt) },
  };
}

function scopeOf({ deprecatedAt, ...scope }: AsJson<CheckedScope>): CheckedScope {
  return { ...scope, deprecatedAt: moment(deprecatedAt) };
}

function moment(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
