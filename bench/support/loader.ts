import { type Flow, flowNamed } from '../flows.ts';
import { jsonOf, openConnections } from './http.ts';
import { percentile } from './statistics.ts';
import type { Target } from './target.ts';

/**
 * The program that makes load: a process of its own, so that its cost is never counted as the server's. It takes
 * one order after the other over IPC, sends as fast as the answers come on a fixed number of connections, judges
 * every answer, and stops by itself.
 */
export interface LoadOrder {
  readonly flow: string;
  readonly target: Target;
  readonly connections: number;
  /** It ends with whichever comes first: the time, the number of requests, or the last handle. */
  readonly seconds: number;
  readonly requests?: number;
  readonly handles: string[];
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly faults: number;
  readonly firstFault?: string;
  /** What can be used in the next order: the successors, or the handles that are left. */
  readonly handles: string[];
  /** CPU seconds of this process. */
  readonly cpu: number;
}

process.on('message', (order: LoadOrder) => {
  load(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit());

async function load(order: LoadOrder): Promise<LoadReport> {
  const { target, seconds, requests = Number.POSITIVE_INFINITY, connections: width } = order;
  const flow = flowNamed(order.flow);
  const connections = openConnections(target.place, width);
  const { handles, draw, keep } = handlesOf(flow, order.handles);
  const latencies: number[] = [];
  const faults: string[] = [];
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  let begun = 0;

  const work = async (connection: number) => {
    while (begun < requests && performance.now() < end) {
      const handle = draw(connection);
      if (handle === undefined) return;
      begun += 1;
      const sent = performance.now();
      const answer = await connections.send(flow.call(target, handle));
      latencies.push(performance.now() - sent);
      const fault = flow.fault(answer, target, handle);
      if (fault !== undefined) {
        faults.push(fault);
        if (faults.length >= 20) return;
      } else keep(connection, jsonOf(answer));
    }
  };
  await Promise.all(Array.from({ length: width }, (_, connection) => work(connection)));

  const elapsed = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  connections.close();
  return {
    requests: latencies.length,
    seconds: elapsed,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    faults: faults.length,
    ...(faults[0] !== undefined && { firstFault: faults[0] }),
    handles,
    cpu: (user + system) / 1e6,
  };
}

function handlesOf(flow: Flow, handles: string[]) {
  let drawn = 0;
  return {
    handles,
    draw(connection: number): string | undefined {
      switch (flow.handles) {
        case 'none':
          return '';
        case 'kept':
          drawn += 1;
          return handles[drawn % handles.length];
        case 'spent':
          return handles.pop();
        case 'followed':
          return handles[connection];
      }
    },
    keep(connection: number, body: Record<string, unknown>): void {
      if (flow.handles === 'followed') handles[connection] = String(body.refresh_token);
    },
  };
}
