import type { Alert as AlertRow } from '../../prisma/generated/client.ts';
import { type Actor, isOperator } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import type { AlertKind } from './alerts.ts';

/** Something for operators to look at, as they read it. */
export interface Alert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: 'page' | 'notice';
  /** How often it was raised while it was open. */
  readonly count: number;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly openedAt: Date;
  readonly lastAt: Date;
  readonly closedAt: Date | null;
}

const PAGE = 50;

/** Open or closed ones, the newest first; `next` is `before` of the next page. */
export async function listAlerts(
  { db }: Platform,
  { open, before }: { readonly open: boolean; readonly before?: string | undefined },
): Promise<{ readonly alerts: readonly Alert[]; readonly next: string | undefined }> {
  const rows = await db.alert.findMany({
    where: {
      closedAt: open ? null : { not: null },
      ...(before && UUID.test(before) && { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take: PAGE + 1,
  });
  const alerts = rows.slice(0, PAGE).map(alertOf);
  return { alerts, next: rows.length > PAGE ? alerts.at(-1)?.id : undefined };
}

export async function findAlert({ db }: Platform, id: string): Promise<Alert | undefined> {
  const row = UUID.test(id) ? await db.alert.findUnique({ where: { id } }) : null;
  return row ? alertOf(row) : undefined;
}

/** How many are open, by severity. */
export async function countOpenAlerts({
  db,
}: Platform): Promise<Readonly<Record<Alert['severity'], number>>> {
  const groups = await db.alert.groupBy({ by: ['severity'], where: { closedAt: null }, _count: true });
  const count = (severity: string) => groups.find((group) => group.severity === severity)?._count ?? 0;
  return { page: count('page'), notice: count('notice') };
}

/** Closed once, with a note of what came of it. The same again opens a new alert, which is told anew. */
export async function closeAlert(
  platform: Platform,
  actor: Actor,
  { id, note }: { readonly id: string; readonly note: string },
): Promise<{ readonly ok: true; readonly id: string } | Refused<'operator' | 'note' | 'alert'>> {
  if (!isOperator(actor)) return refused('operator', 'Only an operator closes alerts.');
  const said = note.trim();
  if (said.length < 3 || said.length > 500) return NOTE;
  if (!UUID.test(id)) return UNKNOWN;
  return inTransaction(platform, async (tx) => {
    const closed = { closedAt: tx.clock.now() };
    const { count } = await tx.db.alert.updateMany({ where: { id, closedAt: null }, data: closed });
    if (count === 0) return UNKNOWN;
    await recordEvent(tx, actor, 'alert.closed', { kind: 'alert', id }, { note: said });
    return { ok: true, id };
  });
}

/**
 * Part of the job that tells operators: takes the open alerts that are for now and were told to nobody, each once over
 * all processes.
 */
export async function takeUntoldAlerts(tx: Platform): Promise<Alert[]> {
  const now = tx.clock.now().toISOString();
  const taken = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE alerts SET told_at = ${now}::timestamptz WHERE id IN (
      SELECT id FROM alerts WHERE told_at IS NULL AND closed_at IS NULL AND severity = 'page'
      ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING id::text`;
  const rows = await tx.db.alert.findMany({ where: { id: { in: taken.map(({ id }) => id) } } });
  return rows.map(alertOf);
}

function alertOf({ id, kind, severity, count, evidence, openedAt, lastAt, closedAt }: AlertRow): Alert {
  return {
    ...{ id, kind: kind as AlertKind, severity: severity as Alert['severity'], count },
    evidence: evidence as Alert['evidence'],
    ...{ openedAt, lastAt, closedAt },
  };
}

const NOTE = refused('note', 'Say in 3 to 500 characters what came of it.');
const UNKNOWN = refused('alert', 'No open alert has this ID.');
