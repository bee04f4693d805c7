import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow, FlowName } from '../flows.ts';
import { REPORTED_AFTER_MS, type WatchedDatabase } from './database.ts';
import type { Loader } from './load.ts';
import type { Contender } from './slot.ts';

const COUNTED = 500;

/**
 * Transactions a request by flow, reads included: one request at a time, so that nothing is shared. What the jobs do
 * meanwhile is counted in an equally long silence first, and taken off.
 */
export async function countTransactions(
  loader: Loader,
  flows: readonly Flow[],
  contender: Contender & { readonly database: WatchedDatabase },
): Promise<Map<FlowName, number>> {
  const { target, database } = contender;
  const counted = new Map<FlowName, number>();
  const during = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    const before = await database.counters();
    await work();
    await sleep(REPORTED_AFTER_MS);
    const after = await database.counters();
    return { transactions: after.transactions - before.transactions, ms: performance.now() - began };
  };
  await sleep(REPORTED_AFTER_MS);
  const silence = await during(async () => {});
  for (const flow of flows) {
    const handles = await contender.supply(flow, flow.handles === 'spent' ? COUNTED : 1);
    if (handles.length > 0) await sleep(REPORTED_AFTER_MS);
    const order = { flow: flow.name, target, connections: 1, seconds: 50, requests: COUNTED, handles };
    const { transactions, ms } = await during(() => loader.run(order));
    const caused = transactions - (silence.transactions * ms) / silence.ms;
    counted.set(flow.name, Math.max(0, caused) / COUNTED);
  }
  return counted;
}
