import type pg from 'pg';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted, each with few and fixed labels: never an id, an address or anything a visitor chose. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request by method, route pattern and status. */
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  /** Calls of the engine's endpoints by their final status. */
  readonly protocolCalls: Counter<'endpoint' | 'status'>;
  /** Protocol calls missing from the developers' request log, because the database was slow. */
  readonly requestsDropped: Counter;
  readonly jobRuns: Counter<'job' | 'outcome'>;
  /** Memory, CPU and event loop of this process; asked for once, by the server. */
  watchProcess(): void;
}

export function openMetrics(pool: pg.Pool): Metrics {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'gatehouse_database_connections',
    help: 'Connections of the pool by state',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'waited-for' }, pool.waitingCount);
    },
  });
  return {
    registry,
    requests: new Histogram({
      name: 'gatehouse_request_seconds',
      help: 'Duration of requests',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    protocolCalls: new Counter({
      name: 'gatehouse_protocol_calls_total',
      help: 'Calls of protocol endpoints',
      labelNames: ['endpoint', 'status'],
      registers,
    }),
    requestsDropped: new Counter({
      name: 'gatehouse_request_log_dropped_total',
      help: 'Protocol calls that the request log of the portal lost',
      registers,
    }),
    jobRuns: new Counter({
      name: 'gatehouse_job_runs_total',
      help: 'Runs of periodic tasks by outcome',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    watchProcess: () => collectDefaultMetrics({ register: registry }),
  };
}
