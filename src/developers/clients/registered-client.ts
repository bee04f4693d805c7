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
  /** Of an API only. */
  readonly apiIdentifier?: string;
  readonly suspended: boolean;
}

/** Loads an app or an API by its client_id in one statement; undefined when neither has it. */
export async function loadRegisteredClient(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  clientId: string,
): Promise<RegisteredClient | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const [row] = await sql.run<RegisteredRow>(REGISTERED_CLIENT, [clientId, clock.now()]);
  if (!row) return undefined;
  const { apiIdentifier, ...client } = row;
  return apiIdentifier === null ? client : { ...client, apiIdentifier };
}

type RegisteredRow = Omit<RegisteredClient, 'apiIdentifier'> & { apiIdentifier: string | null };

/** The digests of the one holder, so that a client and its secrets are of the same moment. */
const LIVE_DIGESTS = `
  ARRAY(SELECT s.digest FROM client_secrets s
         WHERE s.holder_id = $1 AND (s.expires_at IS NULL OR s.expires_at > $2) ORDER BY s.id DESC) AS "secretDigests"`;

const REGISTERED_CLIENT: Statement = {
  name: 'find_registered_client',
  reads: true,
  text: `
    SELECT c.id, 'app' AS kind, c.organization_id AS "organizationId", o.name AS "organizationName", c.name, c.type,
           c.auth_method AS "authMethod", c.redirect_uris AS "redirectUris",
           c.post_logout_redirect_uris AS "postLogoutRedirectUris", c.scopes, c.resources,
           c.first_party AS "firstParty", c.metadata, ${LIVE_DIGESTS},
           NULL AS "apiIdentifier", c.suspended_at IS NOT NULL AS suspended
      FROM clients c JOIN organizations o ON o.id = c.organization_id
     WHERE c.id = $1
     UNION ALL
    SELECT a.client_id, 'api', a.organization_id, o.name, a.name, 'api', 'client_secret_basic', '{}', '{}', '{}', '{}',
           false, '{}', ${LIVE_DIGESTS},
           a.identifier, false
      FROM apis a JOIN organizations o ON o.id = a.organization_id
     WHERE a.client_id = $1`,
};
