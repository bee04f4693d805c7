import { availableParallelism } from 'node:os';
import type { Flow } from '../flows.ts';
import { cpuOf, cpuOfFamily, cpuOfMachine } from './cpu.ts';
import type { WatchedDatabase } from './database.ts';
import type { Loader } from './load.ts';
import type { RunningServer } from './processes.ts';
import type { Target } from './target.ts';

/** A server under measurement, its database where it has one, and the handles its flows need. */
export interface Contender {
  readonly target: Target;
  readonly server: RunningServer;
  readonly database?: WatchedDatabase;
  /** Fresh handles for a flow that spends them. */
  supply(flow: Flow, count: number): Promise<string[]>;
}

/** One stretch of load on one server. CPU in seconds, latency in milliseconds. */
export interface Slot {
  readonly requests: number;
  readonly seconds: number;
  readonly serverCpu: number;
  readonly databaseCpu: number;
  readonly p50: number;
  readonly p99: number;
  /** Transactions that wrote, a request; requests that share a commit push it below one. */
  readonly writes: number;
  /** Share of the machine that went to nobody in this measurement, or was taken by its host. */
  readonly foreign: number;
  /** Share of one core that the loader used. */
  readonly loader: number;
}

export interface SlotOrder {
  readonly flow: Flow;
  readonly handles: string[];
  readonly seconds: number;
  readonly connections: number;
}

/** Loads one server and measures what it cost. `handles` is changed: what was spent is gone, what was followed is renewed. */
export async function measureSlot(loader: Loader, contender: Contender, order: SlotOrder): Promise<Slot> {
  const { target, database } = contender;
  const { flow, handles, seconds, connections } = order;
  const before = await snapshot(contender);
  const report = await loader.run({ flow: flow.name, target, connections, seconds, handles });
  const after = await snapshot(contender);
  handles.splice(0, handles.length, ...report.handles);
  const serverCpu = after.server - before.server;
  const databaseCpu = after.database - before.database;
  const elapsed = (after.at - before.at) / 1000;
  const foreign =
    after.machine.busy -
    before.machine.busy -
    serverCpu -
    databaseCpu -
    report.cpu -
    (after.own - before.own);
  return {
    requests: report.requests,
    seconds: report.seconds,
    serverCpu,
    databaseCpu,
    p50: report.p50,
    p99: report.p99,
    writes: database ? Number(after.writes - before.writes) / report.requests : 0,
    foreign: Math.max(0, foreign) / (elapsed * availableParallelism()),
    loader: report.cpu / report.seconds,
  };
}

async function snapshot({ server, database }: Contender) {
  const { writes } = database ? await database.counters() : { writes: 0n };
  return {
    at: performance.now(),
    server: cpuOf(server.pid),
    database: database ? cpuOfFamily(database.postmaster) : 0,
    own: cpuOf(process.pid),
    machine: cpuOfMachine(),
    writes,
  };
}
