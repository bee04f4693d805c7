import { MAIN_DOMAIN } from '../../accounts/trust-domains.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { listClients, type ClientView } from '../clients/client.ts';
import { liveAt } from './access-ends.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { type Opening, openingOf } from './openings.ts';
import type { ApiScope } from '../apis/scopes/scopes.ts';
import { hasReference } from '../apis/reference/reference.ts';
import { findTerms, type Terms } from '../apis/terms.ts';

/** An API of others as a developer finds it. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly organizationName: string;
  /** The easiest way in that is open to this organization. */
  readonly way: 'all' | 'organization' | 'request' | 'app';
}

/** Nobody reads more on one page. */
const MOST_LISTED = 50;

/**
 * The APIs that are open to an organization, or to one of its apps: by name, `after` which the page starts. Never its
 * own, and only those of a trust domain in which it has an app; whoever has none yet looks at main.
 */
export async function listCatalogue(
  platform: Platform,
  organizationId: string,
  after = '',
): Promise<{ entries: CatalogueEntry[]; next?: string }> {
  const rows = await platform.db.$queryRaw<(CatalogueEntry & { key: string })[]>`
    WITH mine AS (SELECT id, trust_domain_id FROM clients WHERE organization_id = ${organizationId}::uuid)
    SELECT * FROM (
      SELECT DISTINCT ON (a.id) a.id, a.name, a.description, o.name AS "organizationName", p.kind AS way,
             lower(a.name) || ' ' || a.id AS key
        FROM api_openings p JOIN apis a ON a.id = p.api_id JOIN organizations o ON o.id = a.organization_id
       WHERE p.ended_at IS NULL AND a.identifier IS NOT NULL AND a.organization_id <> ${organizationId}::uuid
         AND (p.kind IN ('all', 'request') OR p.organization_id = ${organizationId}::uuid
              OR p.client_id IN (SELECT id FROM mine))
         AND (a.trust_domain_id IN (SELECT trust_domain_id FROM mine)
              OR (a.trust_domain_id = ${MAIN_DOMAIN}::uuid AND NOT EXISTS (SELECT FROM mine)))
       ORDER BY a.id, array_position(ARRAY['all', 'organization', 'app', 'request'], p.kind)) entry
     WHERE key > ${after} ORDER BY key LIMIT ${MOST_LISTED + 1}`;
  const entries = rows.slice(0, MOST_LISTED).map(({ key: _, ...entry }) => entry);
  const next = rows[MOST_LISTED - 1]?.key;
  return rows.length > MOST_LISTED && next !== undefined ? { entries, next } : { entries };
}

/** One API of others with everything that a developer decides by. */
export interface CatalogueDetail {
  readonly api: Api;
  readonly organizationName: string;
  readonly scopes: readonly ApiScope[];
  /** Those that an app of this organization may come by. */
  readonly openings: readonly Opening[];
  readonly terms: Terms | undefined;
  /** Whether its owner uploaded a description of its operations. */
  readonly described: boolean;
  /** Apps of the organization in the same trust domain. */
  readonly apps: readonly ClientView[];
  /** Openings that one of these apps has taken already: "<opening> <app>". */
  readonly taken: ReadonlySet<string>;
}

/** undefined where it is not open to the organization, as where there is none. */
export async function findInCatalogue(
  platform: Platform,
  organizationId: string,
  apiId: string,
): Promise<CatalogueDetail | undefined> {
  const api = UUID.test(apiId) ? await findApiById(platform, apiId) : undefined;
  if (!api?.approved || api.organizationId === organizationId) return undefined;
  const { clients } = await listClients(platform, { organizationId, limit: 500 });
  const apps = clients.filter(({ trustDomainId }) => trustDomainId === api.trustDomainId);
  const sameDomain = apps.length > 0 || (clients.length === 0 && api.trustDomainId === MAIN_DOMAIN);
  const openings = await openingsTo(platform, apiId, { organizationId, apps });
  if (!sameDomain || openings.length === 0) return undefined;
  const { db, clock } = platform;
  const clientId = { in: apps.map(({ id }) => id) };
  const [owner, scopes, terms, described, accesses] = await Promise.all([
    db.organization.findUniqueOrThrow({ where: { id: api.organizationId }, select: { name: true } }),
    db.scope.findMany({ where: { apiId, deprecatedAt: null }, orderBy: { name: 'asc' } }),
    findTerms(platform, apiId),
    hasReference(platform, apiId),
    db.access.findMany({ where: { apiId, clientId, ...liveAt(clock.now()) } }),
  ]);
  return {
    ...{ api, organizationName: owner.name, openings, terms, described, apps },
    scopes: scopes as unknown as ApiScope[],
    taken: new Set(accesses.map((access) => `${access.originId} ${access.clientId}`)),
  };
}

async function openingsTo(
  { db }: Platform,
  apiId: string,
  { organizationId, apps }: { organizationId: string; apps: readonly ClientView[] },
): Promise<Opening[]> {
  const rows = await db.apiOpening.findMany({
    where: {
      ...{ apiId, endedAt: null },
      OR: [
        { kind: { in: ['all', 'request'] } },
        { organizationId },
        { clientId: { in: apps.map(({ id }) => id) } },
      ],
    },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => openingOf(row, apps.find(({ id }) => id === row.clientId)?.name));
}
