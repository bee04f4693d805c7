import type { Platform } from '../../platform/platform.ts';
import { normalizeIdentifier, storedSpellings } from './identifier.ts';
import type { ApiScope } from './scopes/scopes.ts';

/** An API as people read of it. */
export interface ListedApi {
  readonly identifier: string;
  readonly name: string;
  readonly organizationName: string;
  /** What does least comes first. */
  readonly scopes: readonly ApiScope[];
}

/** The APIs behind these resource indicators, by identifier; those that are gone are missing. */
export async function findListedApis(
  { db }: Platform,
  resources: readonly string[],
): Promise<ReadonlyMap<string, ListedApi>> {
  const identifiers = resources.map((resource) => normalizeIdentifier(resource));
  const rows = await db.api.findMany({
    where: {
      identifier: { in: identifiers.flatMap((one) => (one.ok ? storedSpellings(one.identifier) : [])) },
    },
    include: { organization: { select: { name: true } }, scopes: { orderBy: { name: 'asc' } } },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  return new Map(
    rows.flatMap(({ identifier, name, organization, scopes }) => {
      if (identifier === null) return [];
      const ordered = byReach(scopes as unknown as ApiScope[]);
      return [
        [identifier, { identifier, name, organizationName: organization.name, scopes: ordered }] as const,
      ];
    }),
  );
}

export function byReach(scopes: readonly ApiScope[]): ApiScope[] {
  return [...scopes].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

const KINDS: readonly string[] = ['read', 'write', 'admin'];
