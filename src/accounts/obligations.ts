import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';

/** What an upper slice may demand of an account: it writes the row down, accounts/ honours it. */
export type ObligationKind =
  /** The account has to have a second factor where policy asks it of members. */
  | 'second-factor'
  /** The account cannot be closed while somebody depends on it. */
  | 'hold-closing'
  /** A lost factor is never reset by waiting alone. */
  | 'no-slow-reset';

/** A demand and whose it is, such as `organization:<id>`. It lasts as long as one source holds it. */
export interface Demand {
  readonly accountId: string;
  readonly kind: ObligationKind;
  readonly source: string;
}

/** Writes the demands of one source as they are from now on: what it held before and holds no more is let go. */
export async function setObligations(
  platform: Platform,
  actor: Actor,
  { source, demands }: { source: string; demands: readonly Omit<Demand, 'source'>[] },
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    const before = await tx.db.obligation.findMany({ where: { source } });
    const there = await findThere(
      tx,
      demands.map(({ accountId }) => accountId),
    );
    const wanted = new Set(demands.map(nameOf));
    const held = new Set(before.map(nameOf));
    const gone = before.filter((row) => !wanted.has(nameOf(row)));
    const added = demands.filter((demand) => there.has(demand.accountId) && !held.has(nameOf(demand)));
    if (gone.length === 0 && added.length === 0) return;
    for (const { accountId, kind } of gone)
      await tx.db.obligation.deleteMany({ where: { accountId, kind, source } });
    await tx.db.obligation.createMany({
      data: added.map(({ accountId, kind }) => ({ accountId, kind, source, createdAt: tx.clock.now() })),
      skipDuplicates: true,
    });
    await recordEvent(
      tx,
      actor,
      'obligation.changed',
      { kind: 'obligation', id: source },
      { added: added.map(nameOf), ended: gone.map(nameOf) },
    );
  });
}

/** Those of these accounts that were not erased: a membership of an upper floor outlives its account. */
async function findThere({ db }: Platform, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.account.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

/** Whether any source demands this of the account. */
export async function hasObligation(
  { db }: Platform,
  accountId: string,
  kind: ObligationKind,
): Promise<boolean> {
  return (await db.obligation.count({ where: { accountId, kind }, take: 1 })) > 0;
}

function nameOf({ accountId, kind }: { readonly accountId: string; readonly kind: string }): string {
  return `${kind} ${accountId}`;
}
