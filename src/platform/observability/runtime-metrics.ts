import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * CPU, memory, event loop and garbage collection of this process under the names of OpenTelemetry's semantic conventions
 * for processes, Node.js and V8, as its exporter writes them for Prometheus: dots as underscores, then the unit.
 */
export function watchRuntime(registry: Registry): void {
  const registers = [registry];
  watchProcess(registers);
  watchEventLoop(registers);
  watchHeap(registers);
}

type Registers = Registry[];

const MICROSECOND = 1e-6;
const NANOSECOND = 1e-9;

function watchProcess(registers: Registers): void {
  new Counter({
    name: 'process_cpu_time_seconds_total',
    help: 'CPU time of this process',
    labelNames: ['cpu_mode'],
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc({ cpu_mode: 'user' }, user * MICROSECOND);
      this.inc({ cpu_mode: 'system' }, system * MICROSECOND);
    },
  });
  new Gauge({
    name: 'process_memory_usage_bytes',
    help: 'Physical memory of this process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_uptime_seconds',
    help: 'Since this process started',
    registers,
    collect() {
      this.set(process.uptime());
    },
  });
}

/** Delays beyond the tick of the measurement itself; each scrape sees those since the last one. */
function watchEventLoop(registers: Registers): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let before = performance.eventLoopUtilization();
  for (const percentile of [50, 90, 99]) {
    new Gauge({
      name: `nodejs_eventloop_delay_p${percentile}_seconds`,
      help: 'How late the event loop came to what was due, since the last scrape',
      registers,
      collect() {
        this.set(delay.percentile(percentile) * NANOSECOND);
      },
    });
  }
  new Gauge({
    name: 'nodejs_eventloop_delay_max_seconds',
    help: 'The longest delay of the event loop since the last scrape',
    registers,
    // The last of the four to be collected: the next scrape begins anew.
    collect() {
      this.set(delay.max * NANOSECOND);
      delay.reset();
    },
  });
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'The share of time in which the event loop was busy, since the last scrape',
    registers,
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
}

function watchHeap(registers: Registers): void {
  new Gauge({
    name: 'v8js_memory_heap_used_bytes',
    help: 'Memory in use by heap space',
    labelNames: ['v8js_heap_space_name'],
    registers,
    collect() {
      for (const { space_name, space_used_size } of getHeapSpaceStatistics())
        this.set({ v8js_heap_space_name: space_name }, space_used_size);
    },
  });
  const collections = new Histogram({
    name: 'v8js_gc_duration_seconds',
    help: 'Garbage collections by kind',
    labelNames: ['v8js_gc_type'],
    buckets: [0.001, 0.01, 0.1, 1],
    registers,
  });
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as CollectionEntry[])
      collections.observe({ v8js_gc_type: KINDS[detail?.kind ?? 0] ?? 'other' }, duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
}

interface CollectionEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};
