import { apiIsSuspended, clientIsSuspended } from '../../defense/suspensions/in-force.ts';
import type { Statement } from '../../platform/database/statements.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AppType, AuthMethod } from './app-types.ts';

/** Whoever may present itself as a client: an app, or an API that comes to introspect its tokens (decision 8). */
export interface RegisteredClient {
  readonly id: string;
  readonly kind: 'app' | 'api';
  readonly organizationId: string;
  readonly organizationName: string;
  readonly name: string;
  readonly type: AppType | 'api';
  readonly authMethod: AuthMethod;
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
  readonly scopes: string[];
  /** API identifiers; the first is meant where a request names none. */
  readonly resources: string[];
  readonly firstParty: boolean;
  readonly metadata: Record<string, unknown>;
  /** SHA-256 of every secret that is live now, newest first. */
  readonly secretDigests: Buffer[];
  /** Public keys that it may prove itself with now, newest first; of an app only. */
  readonly keys: RegisteredKey[];
  /** Where its keys are fetched from instead. */
  readonly jwksUri: string | null;
  /** development or live. */
  readonly stage: string;
  readonly trustDomainId: string;
  /** Registered with an access code: its organization answers for it, but it is not one of its own apps. */
  readonly sponsored: boolean;
  /** ISO 8601; with the host its publisher proved. */
  readonly verifiedAt: string | null;
  readonly verifiedHost: string | null;
  /** ISO 8601: when its name, logo or redirects last changed. */
  readonly presentedSince: string | null;
  /** The name its picture is served under. */
  readonly logo: string | null;
  readonly homepageUri: string | null;
  readonly privacyUri: string | null;
  readonly termsUri: string | null;
  /** Of an API only; one whose identifier waits for a proof has none. */
  readonly apiIdentifier?: string;
  /** Of an API only: its id, beside the client_id that it introspects with. */
  readonly apiId?: string;
  /** By a member, an operator or a rule, itself or its organization. */
  readonly suspended: boolean;
}

export interface RegisteredKey {
  readonly id: string;
  readonly kid: string;
  readonly jwk: Record<string, unknown>;
}

/** Within which subjects are the same (decision 9): a sponsored app shares them with nobody, its sponsor included. */
export function sectorOf({ id, organizationId, sponsored }: RegisteredClient): string {
  return sponsored ? id : organizationId;
}

/** Loads an app or an API by its client_id in one statement; undefined when neither has it. */
export async function loadRegisteredClient(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
): Promise<RegisteredClient | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const [row] = await sql.run<RegisteredRow>(REGISTERED_CLIENT, [clientId, clock.now()]);
  if (!row) return undefined;
  const { apiIdentifier, apiId, ...client } = row;
  if (apiId === null) return client;
  return { ...client, apiId, ...(apiIdentifier !== null && { apiIdentifier }) };
}

type RegisteredRow = Omit<RegisteredClient, 'apiIdentifier' | 'apiId'> & {
  apiIdentifier: string | null;
  apiId: string | null;
};

/** The digests of the one holder, so that a client and its secrets are of the same moment. */
export const LIVE_DIGESTS = `
  ARRAY(SELECT s.digest FROM client_secrets s
         WHERE s.holder_id = $1 AND (s.expires_at IS NULL OR s.expires_at > $2) ORDER BY s.id DESC) AS "secretDigests"`;

const LIVE_KEYS = `
  (SELECT coalesce(json_agg(json_build_object('id', k.id, 'kid', k.kid, 'jwk', k.jwk) ORDER BY k.id DESC), '[]')
     FROM client_keys k WHERE k.client_id = $1 AND (k.ended_at IS NULL OR k.ended_at > $2)) AS keys`;

const REGISTERED_CLIENT: Statement = {
  name: 'find_registered_client',
  reads: true,
  text: `
    SELECT c.id, 'app' AS kind, c.organization_id AS "organizationId", o.name AS "organizationName", c.name, c.type,
           c.auth_method AS "authMethod", c.redirect_uris AS "redirectUris",
           c.post_logout_redirect_uris AS "postLogoutRedirectUris", c.scopes, c.resources,
           c.first_party AS "firstParty", c.metadata, ${LIVE_DIGESTS},
           ${LIVE_KEYS}, c.jwks_uri AS "jwksUri", c.stage, c.trust_domain_id AS "trustDomainId", c.sponsored,
           to_char(c.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "verifiedAt",
           c.verified_host AS "verifiedHost",
           to_char(c.presented_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "presentedSince", c.logo, c.homepage_uri AS "homepageUri",
           c.privacy_uri AS "privacyUri", c.terms_uri AS "termsUri",
           NULL AS "apiIdentifier", NULL AS "apiId",
           c.suspended_at IS NOT NULL OR ${clientIsSuspended('c.id', 'c.organization_id', '$2')} AS suspended
      FROM clients c JOIN organizations o ON o.id = c.organization_id
     WHERE c.id = $1
     UNION ALL
    SELECT a.client_id, 'api', a.organization_id, o.name, a.name, 'api', 'client_secret_basic', '{}', '{}', '{}', '{}',
           false, '{}', ${LIVE_DIGESTS},
           '[]', NULL, 'live', a.trust_domain_id, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           a.identifier, a.id::text, ${apiIsSuspended('a.id', 'a.organization_id', '$2')}
      FROM apis a JOIN organizations o ON o.id = a.organization_id
     WHERE a.client_id = $1`,
};
