import type pg from 'pg';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { watchRuntime } from './runtime-metrics.ts';

/**
 * What is counted, each with few and fixed labels: never an id, an address or anything a visitor chose. Where
 * OpenTelemetry's semantic conventions have a name it is used, as its exporter writes it for Prometheus; what only
 * Gatehouse has begins with its name.
 */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request by method, route pattern and status. */
  readonly requests: Histogram<'http_request_method' | 'http_route' | 'http_response_status_code'>;
  /** Calls of the engine's endpoints by their final status. */
  readonly protocolCalls: Counter<'endpoint' | 'http_response_status_code'>;
  /** Protocol calls missing from the developers' request log, because the database was slow. */
  readonly requestsDropped: Counter;
  /** What the watch counted, by the names of defense/signals/catalogue.ts. */
  readonly signals: Counter<'signal'>;
  /** What limits decided, by the names of defense/limits/catalogue.ts: let through or refused. */
  readonly limits: Counter<'limit' | 'outcome'>;
  readonly jobRuns: Counter<'job_name' | 'outcome'>;
  /** What was recorded in the audit trail, by action: sign-ins and their failures, reuse, suspensions and the rest. */
  readonly events: Counter<'action'>;
  /** Alerts that were opened; repeats of an open one are not counted. */
  readonly alertsOpened: Counter<'kind' | 'severity'>;
  /** As of the last look a few seconds ago, and the same from every process: take the largest, not the sum. */
  readonly alertsOpen: Gauge<'kind' | 'severity'>;
  readonly suspensions: Gauge<'kind' | 'state'>;
  readonly lettersWaiting: Gauge;
  /** Memory, CPU and event loop of this process; asked for once, by the server. */
  watchProcess(): void;
}

export function openMetrics(pool: pg.Pool): Metrics {
  const registry = new Registry();
  const registers = [registry];
  watchConnections(pool, registers);
  return {
    registry,
    requests: new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of requests by method, route pattern and status',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    protocolCalls: new Counter({
      name: 'gatehouse_protocol_calls_total',
      help: 'Calls of protocol endpoints',
      labelNames: ['endpoint', 'http_response_status_code'],
      registers,
    }),
    requestsDropped: new Counter({
      name: 'gatehouse_request_log_dropped_total',
      help: 'Protocol calls that the request log of the portal lost',
      registers,
    }),
    signals: new Counter({
      name: 'gatehouse_signals_total',
      help: 'Signals that the watch counted',
      labelNames: ['signal'],
      registers,
    }),
    limits: new Counter({
      name: 'gatehouse_limit_decisions_total',
      help: 'Decisions of limits: allowed or refused',
      labelNames: ['limit', 'outcome'],
      registers,
    }),
    jobRuns: new Counter({
      name: 'gatehouse_job_runs_total',
      help: 'Runs of periodic tasks by outcome',
      labelNames: ['job_name', 'outcome'],
      registers,
    }),
    events: new Counter({
      name: 'gatehouse_audit_events_total',
      help: 'Events recorded in the audit trail',
      labelNames: ['action'],
      registers,
    }),
    alertsOpened: new Counter({
      name: 'gatehouse_alerts_opened_total',
      help: 'Alerts that were opened',
      labelNames: ['kind', 'severity'],
      registers,
    }),
    alertsOpen: new Gauge({
      name: 'gatehouse_alerts_open',
      help: 'Alerts that are open',
      labelNames: ['kind', 'severity'],
      registers,
    }),
    suspensions: new Gauge({
      name: 'gatehouse_suspensions_in_force',
      help: 'Suspensions that have not ended, by what they pause and their state',
      labelNames: ['kind', 'state'],
      registers,
    }),
    lettersWaiting: new Gauge({
      name: 'gatehouse_letters_waiting',
      help: 'Letters that are due and not sent',
      registers,
    }),
    watchProcess: () => watchRuntime(registry),
  };
}

function watchConnections(pool: pg.Pool, registers: Registry[]): void {
  new Gauge({
    name: 'db_client_connection_count',
    help: 'Connections of the pool by state',
    labelNames: ['db_client_connection_state'],
    registers,
    collect() {
      this.set({ db_client_connection_state: 'idle' }, pool.idleCount);
      this.set({ db_client_connection_state: 'used' }, pool.totalCount - pool.idleCount);
    },
  });
  new Gauge({
    name: 'db_client_connection_max',
    help: 'Connections that the pool opens at most',
    registers,
    collect() {
      this.set(pool.options.max);
    },
  });
  new Gauge({
    name: 'db_client_connection_pending_requests',
    help: 'Statements that wait for a connection',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
