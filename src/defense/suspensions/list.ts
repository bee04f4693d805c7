import type { Prisma } from '../../../prisma/generated/client.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { BY_OPERATOR, type Suspension, type SuspensionKind, suspensionOf } from './suspension.ts';

/** What is left out does not narrow the list. */
export interface SuspensionFilter {
  readonly kind?: SuspensionKind | undefined;
  readonly clientIds?: readonly string[];
  readonly apiId?: string;
  readonly accountId?: string;
  readonly organizationId?: string;
  /** Whatever stops one of these apps or APIs, or the organization as a whole. */
  readonly ownedBy?: {
    readonly clientIds: readonly string[];
    readonly apiIds: readonly string[];
    readonly organizationId: string;
  };
  readonly kinds?: readonly SuspensionKind[];
  /** Without those that only watch. */
  readonly acting?: boolean;
  /** In force and not only for show, or what has ended. */
  readonly live?: boolean;
  /** Those that only a human ends. */
  readonly waiting?: boolean;
  /** Without a word, what only says what would have been done is left out. */
  readonly withDryRuns?: boolean;
  /** That alone. */
  readonly onlyDryRuns?: boolean;
}

export interface SuspensionPage {
  readonly suspensions: Suspension[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** Newest first, at most `limit` (1 to 500) a page. */
export async function suspensionsOf(
  { db, clock }: Platform,
  filter: SuspensionFilter,
  { after, limit = 50 }: { after?: string | undefined; limit?: number } = {},
): Promise<SuspensionPage> {
  const rows = await db.suspension.findMany({
    where: {
      AND: conditionsOf(filter, clock.now()),
      ...(after && UUID.test(after) && { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const suspensions = rows.slice(0, limit).map(suspensionOf);
  const next = suspensions.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { suspensions, next } : { suspensions };
}

function conditionsOf(filter: SuspensionFilter, now: Date): Prisma.SuspensionWhereInput[] {
  const { clientIds, apiId, accountId, organizationId, kinds, ownedBy } = filter;
  const inForce = { endedAt: null, OR: [{ state: 'human' }, { until: { gt: now } }] };
  const wanted: (Prisma.SuspensionWhereInput | false | undefined)[] = [
    clientIds && { clientId: { in: [...clientIds] } },
    apiId !== undefined && { apiId },
    accountId !== undefined && { accountId },
    organizationId !== undefined && { organizationId },
    filter.kind && { kind: filter.kind },
    kinds && { kind: { in: [...kinds] } },
    ownedBy && ofOwner(ownedBy),
    filter.acting && ACTED,
    filter.live === true && inForce,
    filter.live === false && { NOT: inForce },
    filter.waiting && { state: 'human', endedAt: null },
    filter.onlyDryRuns ? { dryRun: true } : !filter.withDryRuns && { dryRun: false },
  ];
  return wanted.filter((condition) => condition !== undefined && condition !== false);
}

/** It did more than watch. */
const ACTED = {
  OR: [{ state: { in: ['slow', 'pause', 'probe', 'human'] } }, { level: { gt: 0 } }, { rule: BY_OPERATOR }],
};

function ofOwner({ clientIds, apiIds, organizationId }: NonNullable<SuspensionFilter['ownedBy']>) {
  return {
    OR: [
      { clientId: { in: [...clientIds] }, kind: { in: ['access-writes', 'access', 'client'] } },
      { apiId: { in: [...apiIds] }, kind: 'api' },
      { organizationId, kind: 'organization' },
    ],
  };
}
