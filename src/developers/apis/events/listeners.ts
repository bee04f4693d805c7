import type { Platform } from '../../../platform/platform.ts';
import { normalizeIdentifier } from '../identifier.ts';

/** An API that wants to be told of something. */
export interface Listener {
  readonly apiId: string;
  readonly identifier: string;
  readonly organizationId: string;
}

/** Every API with a target that is not stopped, and since when the first of all targets is there. */
export interface Listeners {
  readonly apis: readonly Listener[];
  readonly since: Date;
}

/** undefined where nobody wants to be told of anything, as in most installations. */
export async function findListeners({ db }: Platform): Promise<Listeners | undefined> {
  const rows = await db.$queryRaw<(Listener & { since: Date })[]>`
    SELECT a.id::text AS "apiId", a.identifier, a.organization_id::text AS "organizationId", min(t.created_at) AS since
      FROM event_targets t JOIN apis a ON a.id = t.api_id AND a.identifier IS NOT NULL
     WHERE t.disabled_at IS NULL GROUP BY a.id`;
  if (rows.length === 0) return undefined;
  const since = new Date(Math.min(...rows.map((row) => row.since.getTime())));
  return { apis: rows.map(({ since: _, ...api }) => api), since };
}

/** The listeners that these resource indicators mean, in whatever spelling. */
export function listenersAt({ apis }: Listeners, resources: readonly string[]): Listener[] {
  const meant = new Set(resources.map(spelling));
  return apis.filter(({ identifier }) => meant.has(spelling(identifier)));
}

function spelling(resource: string): string {
  const normalized = normalizeIdentifier(resource);
  return normalized.ok ? normalized.identifier : resource;
}

/** The listeners at which a client has access: given, or because both belong to one organization. */
export async function listenersOf(
  { db, clock }: Platform,
  { apis }: Listeners,
  clientId: string,
): Promise<Listener[]> {
  const rows = await db.$queryRaw<{ apiId: string }[]>`
    SELECT api_id::text AS "apiId" FROM accesses
     WHERE client_id = ${clientId} AND ended_at IS NULL AND (until IS NULL OR until > ${clock.now()})
     UNION
    SELECT a.id::text FROM clients c JOIN apis a ON a.organization_id = c.organization_id
     WHERE c.id = ${clientId} AND NOT c.sponsored`;
  const reached = new Set(rows.map(({ apiId }) => apiId));
  return apis.filter(({ apiId }) => reached.has(apiId));
}

/** The apps of an organization, for what happens to all of them at once. */
export async function clientsOf({ db }: Platform, organizationId: string): Promise<string[]> {
  const rows = await db.client.findMany({ where: { organizationId }, select: { id: true }, take: 1_000 });
  return rows.map(({ id }) => id);
}
