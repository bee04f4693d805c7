import { earlierEvents, type EarlierEvent } from '../../audit/earlier.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { holdersOf, hostIsProven } from '../organizations/hosts.ts';
import { type Api, viewOf } from './api.ts';
import { hostOf } from './identifier.ts';
import type { ApiScope } from './scopes/scopes.ts';

/** Everything an operator needs to decide on the identifier that an API claims. */
export interface IdentifierDossier {
  readonly api: Api;
  readonly organizationName: string;
  readonly scopes: readonly ApiScope[];
  readonly host: string;
  /** Whether its own organization has shown that the host is its own. */
  readonly proven: boolean;
  /** Others that have shown it of the same host. */
  readonly otherHolders: readonly { readonly id: string; readonly name: string }[];
  /** APIs of other organizations that have an identifier on this host, or claim one. */
  readonly neighbours: readonly (Api & { readonly organizationName: string })[];
  readonly earlier: readonly EarlierEvent[];
}

/** undefined where there is no such API. */
export async function openIdentifierDossier(
  platform: Platform,
  apiId: string,
): Promise<IdentifierDossier | undefined> {
  if (!UUID.test(apiId)) return undefined;
  const row = await platform.db.api.findUnique({
    where: { id: apiId },
    include: { organization: { select: { name: true } }, scopes: { orderBy: { name: 'asc' } } },
  });
  if (!row) return undefined;
  const { organization, scopes, ...rest } = row;
  const api = viewOf(rest);
  const host = hostIn(api.identifier);
  const { organizationId } = api;
  const [proven, holders, neighbours, earlier] = await Promise.all([
    hostIsProven(platform, organizationId, host),
    holdersOf(platform, host),
    neighboursOf(platform, api, host),
    earlierEvents(platform, { targetId: apiId, actions: ['api.approved', 'api.changed'], take: 20 }),
  ]);
  return {
    ...{ api, organizationName: organization.name, scopes: scopes as unknown as ApiScope[], host, proven },
    ...{ otherHolders: holders.filter(({ id }) => id !== organizationId), neighbours },
    earlier: earlier.filter(({ action, details }) => action === 'api.approved' || details.identifierRefused),
  };
}

/** Empty where the identifier was refused and none is claimed. */
function hostIn(identifier: string): string {
  return identifier === '' ? '' : hostOf(identifier);
}

async function neighboursOf({ db }: Platform, { id, organizationId }: Api, host: string) {
  if (host === '') return [];
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id::text FROM apis
     WHERE organization_id <> ${organizationId}::uuid AND id <> ${id}::uuid
       AND split_part(split_part(split_part(coalesce(identifier, claimed_identifier), '://', 2), '/', 1), ':', 1) = ${host}
     ORDER BY identifier IS NULL, id LIMIT 20`;
  const found = await db.api.findMany({
    where: { id: { in: rows.map((row) => row.id) } },
    include: { organization: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  return found.map(({ organization, ...row }) => ({ ...viewOf(row), organizationName: organization.name }));
}
