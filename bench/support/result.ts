import type { Flow } from '../flows.ts';
import type { Slot } from './slot.ts';
import { markdownTable, median, short, sum } from './statistics.ts';

export interface Side {
  /** Requests per CPU-second of server and database together. */
  readonly perCpuSecond: number;
  readonly perServerCpuSecond: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface FlowResult {
  readonly flow: string;
  readonly title: string;
  readonly ours: Side;
  readonly c0: Side;
  /** Ours to C0, all-in: the median of the rounds, and the rounds. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  /** The same with the server's CPU alone. */
  readonly serverRatio: number;
  /** Transactions a request, reads included, one request at a time. */
  readonly transactions: number;
  /** Transactions that wrote, a request, under this load. */
  readonly writes: number;
  /** The worst share of the machine that went elsewhere during a slot. */
  readonly foreign: number;
  readonly loader: number;
}

export interface Round {
  readonly ours: readonly Slot[];
  readonly c0: readonly Slot[];
}

export function resultOf(flow: Flow, rounds: readonly Round[], transactions: number): FlowResult {
  const ours = rounds.flatMap((round) => round.ours);
  const c0 = rounds.flatMap((round) => round.c0);
  const ratios = rounds.map((round) => perCpu(round.ours, allIn) / perCpu(round.c0, allIn));
  const serverRatios = rounds.map((round) => perCpu(round.ours, server) / perCpu(round.c0, server));
  return {
    flow: flow.name,
    title: flow.title,
    ours: sideOf(ours),
    c0: sideOf(c0),
    ratio: median(ratios),
    ratios,
    serverRatio: median(serverRatios),
    transactions,
    writes: median(ours.map(({ writes }) => writes)),
    foreign: Math.max(...[...ours, ...c0].map(({ foreign }) => foreign)),
    loader: Math.max(...[...ours, ...c0].map(({ loader }) => loader)),
  };
}

const server = ({ serverCpu }: Slot) => serverCpu;
const allIn = ({ serverCpu, databaseCpu }: Slot) => serverCpu + databaseCpu;

function perCpu(slots: readonly Slot[], cpu: (slot: Slot) => number): number {
  return sum(slots.map(({ requests }) => requests)) / sum(slots.map(cpu));
}

function sideOf(slots: readonly Slot[]): Side {
  return {
    perCpuSecond: median(slots.map((slot) => perCpu([slot], allIn))),
    perServerCpuSecond: median(slots.map((slot) => perCpu([slot], server))),
    requestsPerSecond: median(slots.map(({ requests, seconds }) => requests / seconds)),
    p50: median(slots.map(({ p50 }) => p50)),
    p99: median(slots.map(({ p99 }) => p99)),
  };
}

export function tableOf(results: readonly FlowResult[]): string {
  return markdownTable(
    results.map(({ title, ours, c0, ...result }) => ({
      flow: title,
      'r/cs all-in': short(ours.perCpuSecond),
      'r/cs server': short(ours.perServerCpuSecond),
      'C0 r/cs': short(c0.perCpuSecond),
      'ratio all-in': `${result.ratio.toFixed(2)} (${spread(result.ratios)})`,
      'ratio server': result.serverRatio.toFixed(2),
      'p50 / p99 ms': `${short(ours.p50)} / ${short(ours.p99)}`,
      'C0 p50 / p99': `${short(c0.p50)} / ${short(c0.p99)}`,
      statements: result.transactions.toFixed(1),
      commits: result.writes.toFixed(2),
      foreign: `${Math.round(result.foreign * 100)} %`,
    })),
  );
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
}
