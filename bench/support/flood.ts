import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Call, openConnections, type Place } from './http.ts';

/** So many of these calls in turn, from so many addresses in turn, to one place after the other. */
export interface FloodOrder {
  readonly calls: readonly Call[];
  readonly places: readonly Place[];
  readonly requests: number;
  readonly addresses: number;
  /** Under way at once, of each thread. */
  readonly atOnce: number;
}

/** Answers by status; a connection that broke counts as `broken`. */
export type Statuses = Record<string, number>;

/** Sends all of it from threads of their own, so that whoever measures beside it is not held up. */
export async function flood(order: FloodOrder, threads: number): Promise<Statuses> {
  const share = { ...order, requests: Math.ceil(order.requests / threads) };
  const reports = await Promise.all(Array.from({ length: threads }, () => floodFromThread(share)));
  const total: Statuses = {};
  for (const [status, count] of reports.flatMap((report) => Object.entries(report)))
    total[status] = (total[status] ?? 0) + count;
  return total;
}

function floodFromThread(order: FloodOrder): Promise<Statuses> {
  return new Promise((reported, failed) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: order });
    worker.once('message', reported);
    worker.once('error', failed);
  });
}

async function send({ calls, places, requests, addresses, atOnce }: FloodOrder): Promise<Statuses> {
  const connections = openConnections(places[0] as Place, atOnce);
  const statuses: Statuses = {};
  let sent = 0;
  const work = async () => {
    while (sent < requests) {
      const number = sent++;
      const call = calls[number % calls.length] as Call;
      const headers = { ...call.headers, 'x-forwarded-for': addressOf(number % addresses) };
      const answer = await connections
        .send({ ...call, headers }, places[number % places.length])
        .catch(() => undefined);
      const status = answer?.status ?? 'broken';
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  connections.close();
  return statuses;
}

function addressOf(number: number): string {
  return `203.0.${Math.floor(number / 250)}.${number % 250}`;
}

if (!isMainThread) parentPort?.postMessage(await send(workerData as FloodOrder));
