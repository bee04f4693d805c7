import { secondsAfter } from '../../platform/clock.ts';
import { forgetRows, type OldRows } from '../../platform/database/forget-rows.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AlertRaised, raiseAlert } from '../alerts.ts';
import { advance, type Advanced, type Baseline, newBaseline } from './baseline.ts';

const MINUTE = 60_000;
/** Minutes looked at again: those that a slow process or a short absence left out. */
const LOOKED_BACK = 3;
const BATCH = 500;

interface Calls {
  readonly clientId: string;
  readonly minute: Date;
  readonly calls: number;
}

/**
 * Job, three times a minute: takes the calls of the minutes that have ended into the baselines, and tells operators of
 * bursts and drifts; of a burst in the running minute too, as soon as that has enough calls to be one. Several processes may run it: one at a time works, and no minute is taken in twice.
 */
export async function followBaselines(platform: Platform): Promise<number> {
  const now = platform.clock.now().getTime();
  const running = new Date(now - (now % MINUTE));
  const since = secondsAfter(running, -LOOKED_BACK * 60);
  const rows = await platform.sql.run<Calls & { [column: string]: unknown }>(CALLS, [since, running]);
  const byClient = Map.groupBy(rows, ({ clientId }) => clientId);
  const clientIds = [...byClient.keys()];
  let followed = 0;
  for (let start = 0; start < clientIds.length; start += BATCH) {
    const alerts = await followSome(platform, clientIds.slice(start, start + BATCH), byClient, running);
    if (!alerts) break;
    followed += Math.min(BATCH, clientIds.length - start);
    for (const alert of alerts) await raiseAlert(platform, alert);
  }
  return followed;
}

/** Undefined where another process is at it. */
async function followSome(
  platform: Platform,
  clientIds: readonly string[],
  calls: ReadonlyMap<string, readonly Calls[]>,
  running: Date,
): Promise<AlertRaised[] | undefined> {
  return inTransaction(platform, async (tx) => {
    const [lock] = await tx.db.$queryRaw<{ taken: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('baselines', 0)) AS taken`;
    if (!lock?.taken) return undefined;
    const known = await tx.db.clientBaseline.findMany({ where: { clientId: { in: [...clientIds] } } });
    const states = new Map(known.map(({ clientId, state }) => [clientId, state as unknown as Baseline]));
    const alerts: AlertRaised[] = [];
    const changed: { clientId: string; state: string }[] = [];
    for (const clientId of clientIds) {
      const before = states.get(clientId);
      const followed = takeIn(before, clientId, { calls: calls.get(clientId) ?? [], running }, alerts);
      if (followed && followed !== before) changed.push({ clientId, state: JSON.stringify(followed) });
    }
    await tx.db.$executeRaw`
      INSERT INTO client_baselines (client_id, state, updated_at)
      SELECT n.client_id, n.state::jsonb, ${running}
        FROM unnest(${changed.map(({ clientId }) => clientId)}::text[], ${changed.map(({ state }) => state)}::text[])
          AS n (client_id, state)
      ON CONFLICT (client_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`;
    return alerts;
  });
}

function takeIn(
  before: Baseline | undefined,
  clientId: string,
  { calls, running }: { readonly calls: readonly Calls[]; readonly running: Date },
  alerts: AlertRaised[],
): Baseline | undefined {
  let baseline = before;
  for (const { minute: at, calls: count } of calls) {
    const minute = at.getTime() / MINUTE;
    if (baseline && minute <= baseline.minute) continue;
    const advanced = advance(baseline ?? newBaseline(minute), minute, count);
    const ended = at < running;
    if (ended) baseline = advanced.baseline;
    if (ended ? advanced.alarm : advanced.alarm === 'burst') alerts.push(alertOf(clientId, count, advanced));
  }
  return baseline;
}

function alertOf(clientId: string, calls: number, { alarm, usual }: Advanced): AlertRaised {
  const evidence = { client: clientId, calls, usual: Math.round(usual) };
  return { kind: `client-${alarm as 'burst'}`, about: clientId, severity: 'notice', evidence };
}

const CALLS: Statement = {
  name: 'calls_by_client_and_minute',
  reads: true,
  text: `SELECT subject AS "clientId", minute, count AS calls FROM signal_counts
    WHERE minute >= $1 AND minute <= $2 AND subject_kind = 'client' AND signal = 'calls' ORDER BY subject, minute`,
};

/** Job: what was usual for a client that has done nothing for a quarter of a year is of no more use. */
export function forgetOldBaselines(platform: Platform): Promise<number> {
  return forgetRows(platform, UNCHANGED, secondsAfter(platform.clock.now(), -90 * 86_400));
}

const UNCHANGED: OldRows = { table: 'client_baselines', where: 'updated_at < $1' };
