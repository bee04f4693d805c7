import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Suspension, suspensionOf, type SuspensionKind } from './suspension.ts';

/** What is left out does not narrow the list. */
export interface SuspensionFilter {
  readonly kind?: SuspensionKind | undefined;
  readonly clientIds?: readonly string[];
  readonly apiId?: string;
  readonly accountId?: string;
  readonly organizationId?: string;
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
  const { kind, clientIds, apiId, accountId, organizationId, live, waiting, withDryRuns, onlyDryRuns } =
    filter;
  const now = clock.now();
  const inForce = { endedAt: null, OR: [{ state: 'human' }, { until: { gt: now } }] };
  const rows = await db.suspension.findMany({
    where: {
      ...(kind && { kind }),
      ...(clientIds && { clientId: { in: [...clientIds] } }),
      ...(apiId && { apiId }),
      ...(accountId && { accountId }),
      ...(organizationId && { organizationId }),
      ...(live === true && inForce),
      ...(live === false && { NOT: inForce }),
      ...(waiting && { state: 'human', endedAt: null }),
      ...(onlyDryRuns ? { dryRun: true } : !withDryRuns && { dryRun: false }),
      ...(after && UUID.test(after) && { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const suspensions = rows.slice(0, limit).map(suspensionOf);
  const next = suspensions.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { suspensions, next } : { suspensions };
}
