import { setTimeout as sleep } from 'node:timers/promises';
import { hashThreads } from './accounts/credentials/hash-threads.ts';
import { watchOverload } from './defense/limits/overload.ts';
import { createApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { writeRequests } from './developers/insights/request-log.ts';
import { endTails } from './developers/insights/request-tail.ts';
import { writeMinutes } from './defense/sign-in-watch/minutes.ts';
import { writeTried } from './defense/sign-in-watch/tried-accounts.ts';
import { writeSignals } from './defense/signals/write-signals.ts';
import { jobsOf } from './jobs.ts';
import type { Clock } from './platform/clock.ts';
import { writeUsage } from './developers/insights/usage-notes.ts';
import { databaseReasons } from './platform/database/readiness.ts';
import { StartupFault } from './platform/errors.ts';
import { type Logger, openLogger } from './platform/observability/logger.ts';
import { metricsServer } from './platform/observability/metrics-server.ts';
import { type OpenPlatform, openPlatform } from './platform/platform.ts';
import { startJobs } from './platform/scheduler.ts';
import { listen, open, portOf } from './platform/web/listener.ts';
import { writeCredentialUses } from './developers/clients/credentials/credential-uses.ts';
import { writeLastUses } from './tokens/last-used.ts';

/**
 * What a process keeps in memory until a job writes it, written once more after the last request. Leases are not among
 * it: what was taken of a budget and not given out is over with its window.
 */
const LAST_WRITES: readonly ((platform: OpenPlatform) => Promise<unknown>)[] = [
  writeLastUses,
  writeCredentialUses,
  writeUsage,
  writeSignals,
  writeMinutes,
  writeTried,
  writeRequests,
];

export interface RunningServer {
  readonly platform: OpenPlatform;
  /** The issuer. */
  readonly url: string;
  readonly port: number;
  readonly metricsPort: number;
  /** Drains and closes everything, the database last. `hurry` cuts what is still in flight. */
  stop(): Promise<void>;
  hurry(): void;
}

/** Milliseconds: requests in flight get most of the ten seconds after which a process is usually killed. */
const GRACE = 6_000;
const LAST_RESORT = 9_500;
/** A terminal and npm both pass the same Ctrl-C on; only a later one means hurry. */
const SECOND_SIGNAL_AFTER = 1_000;
const MISCONFIGURED = 78;

/**
 * Opens the platform, the app and both ports. Throws StartupFault, with everything closed again. Without `jobs` nothing
 * is done but for the sake of a request.
 */
export async function start(
  config: Config,
  { jobs: withJobs = true, ...options }: { clock?: Clock; log?: Logger; jobs?: boolean } = {},
): Promise<RunningServer> {
  await using undo = new AsyncDisposableStack();
  const platform = await openPlatform(config, options);
  undo.defer(() => platform.close());
  const app = await createApp(platform);
  let draining = false;
  const health = metricsServer(platform.metrics, async () => {
    if (draining) return ['the server is stopping'];
    const reasons = await databaseReasons(platform.pool);
    return reasons.length > 0 ? reasons : app.ready();
  });
  await open(health, config.host, config.metricsPort, 'METRICS_PORT');
  undo.defer(() => void health.closeAllConnections());
  undo.defer(() => void health.close());
  const listener = await listen(app.koa.callback(), config.host, config.port);
  const jobs = startJobs(platform, withJobs ? jobsOf(app.engine) : []);
  undo.defer(async () => {
    draining = true;
    endTails(platform);
    const jobsDone = Promise.race([jobs.stop(), sleep(GRACE, undefined, { ref: false })]);
    await Promise.all([listener.drain(GRACE), jobsDone]);
    for (const write of LAST_WRITES)
      await write(platform).catch((err) =>
        platform.log.error({ err, write: write.name }, 'what was collected was not written'),
      );
  });
  const opened = undo.move();
  let stopped: Promise<void> | undefined;
  return {
    platform,
    url: config.issuer,
    port: listener.port,
    metricsPort: portOf(health),
    stop: () => (stopped ??= opened.disposeAsync()),
    hurry: listener.cut,
  };
}

async function main(): Promise<void> {
  const loaded = loadConfig();
  if (!loaded.ok) return refuse(loaded.faults, MISCONFIGURED);
  const log = openLogger({ level: loaded.config.logLevel });
  const starting = start(loaded.config, { log });
  stopOnSignals(starting, log);
  try {
    const server = await starting;
    server.platform.metrics.watchProcess();
    watchOverload(server.platform);
    hashThreads.giveWay();
    sayReady(server);
  } catch (error) {
    if (error instanceof StartupFault) refuse([error.sentence], error.exitCode);
    else refuse([`Gatehouse could not start: ${error instanceof Error ? error.message : String(error)}`], 1);
  }
}

function sayReady({ platform: { config, log }, url, port, metricsPort }: RunningServer): void {
  log.info({ issuer: url, port, metricsPort }, 'ready');
  const mode = config.production ? 'production' : 'development';
  if (process.stdout.isTTY)
    process.stdout.write(`\n  Gatehouse is open at ${url} (${mode}). Ctrl-C stops it.\n\n`);
}

/** A signal during the start is kept until the start is over, so that nothing half open stays behind. */
function stopOnSignals(starting: Promise<RunningServer>, log: Logger): void {
  let first: number | undefined;
  const fail = (err: unknown) => {
    log.fatal({ err }, 'a fault nobody expected; the server ends');
    process.exit(1);
  };
  const onSignal = async (signal: NodeJS.Signals) => {
    const server = await starting.catch(() => process.exit());
    if (first !== undefined && performance.now() - first > SECOND_SIGNAL_AFTER) server.hurry();
    if (first !== undefined) return;
    first = performance.now();
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), LAST_RESORT).unref();
    server.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
}

function refuse(sentences: readonly string[], exitCode: number): void {
  // Waits for the text and for nothing else: the schema engine leaves a timer of ten seconds behind.
  process.stderr.write(`${sentences.join('\n')}\n`, () => process.exit(exitCode));
}

if (import.meta.main) await main();
