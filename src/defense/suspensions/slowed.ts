import type { Platform } from '../../platform/platform.ts';
import { effectOf } from './ladder.ts';
import { type Suspension, suspensionOf } from './suspension.ts';

/** By the id of a grant or an account, what stands of it and may slow it. */
const standing = new WeakMap<Platform['sql'], ReadonlyMap<string, Suspension>>();

/**
 * Job: keeps the grants and accounts that rules watch, slow or try out in memory, so that asking costs nothing. What
 * pauses them needs none of this: it stands in the statements that find their tokens.
 */
export async function followSlowed({ db, sql }: Platform): Promise<void> {
  const rows = await db.suspension.findMany({
    where: { kind: { in: ['grant', 'account'] }, endedAt: null, dryRun: false, state: { not: 'human' } },
  });
  standing.set(sql, new Map(rows.map((row) => [String(row.grantId ?? row.accountId), suspensionOf(row)])));
}

/** A grant or an account that may do a share of the usual at present. */
export interface Slowed {
  readonly id: string;
  /** Between 0 and 1. */
  readonly share: number;
}

/** What slows whoever holds a token of this grant and account: nothing, one of them, or both. */
export function slowing(
  { sql, clock }: Pick<Platform, 'sql' | 'clock'>,
  { grantId, accountId }: { readonly grantId?: string | undefined; readonly accountId?: string | undefined },
): Slowed[] {
  const rows = standing.get(sql);
  if (!rows?.size) return [];
  const now = clock.now();
  return [grantId, accountId]
    .map((id) => (id === undefined ? undefined : rows.get(id)))
    .filter((row) => row !== undefined)
    .map((row) => ({ id: String(row.grantId ?? row.accountId), share: effectOf(row, now).share }))
    .filter(({ share }) => share > 0 && share < 1);
}
