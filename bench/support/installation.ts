import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/gatehouse.ts';
import { type Config, type Environment, loadConfig } from '../../src/config.ts';
import { type Cluster, prepareCluster } from '../../src/platform/database/embedded-cluster.ts';
import { runningPostmaster } from '../../src/platform/database/embedded-pid.ts';
import { stopPostmaster } from '../../src/platform/database/embedded-process.ts';
import { type OpenPlatform, openPlatform } from '../../src/platform/platform.ts';
import { freePort } from '../../test/support/server.ts';
import { type RunningServer, startGatehouse } from './processes.ts';

/** A Gatehouse on a fresh data directory, with as many processes as one likes. */
export interface Installation {
  readonly dataDir: string;
  readonly host: string;
  /** Another process on the same database. Each has its own port and the same issuer. */
  startProcess(nodeOptions?: string): Promise<RunningServer>;
  /** A handle of our own on its database, for what no command does often enough. */
  openPlatform(): Promise<OpenPlatform>;
  /** Runs one command and returns its JSON. */
  command(args: readonly string[], stdin?: string): Promise<Record<string, string>>;
  /** Stops what still runs, the database too, and removes the directory. */
  close(): Promise<void>;
}

/** `variables` go to its servers, besides what every installation needs. */
export async function newInstallation(
  variables: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const issuerPort = await freePort();
  const host = `localhost:${issuerPort}`;
  const base = { DATA_DIR: dataDir, ISSUER_URL: `http://${host}`, LOG_LEVEL: 'warn', ...variables };
  const servers: RunningServer[] = [];
  const leaveNothing = leavingNothing(dataDir);
  return {
    dataDir,
    host,
    async startProcess(nodeOptions = '') {
      const port = servers.length === 0 ? issuerPort : await freePort();
      const env = { ...base, PORT: String(port), NODE_OPTIONS: nodeOptions };
      const server = await startGatehouse(env, host);
      leaveNothing.cluster = await prepareCluster(dataDir);
      servers.push(server);
      return server;
    },
    openPlatform: () => openPlatform(configFrom({ ...base, PORT: String(issuerPort) })),
    command: (args, stdin = '') => runCommand({ ...base, PORT: String(issuerPort) }, args, stdin),
    async close() {
      await Promise.all(servers.map((server) => server.stop()));
      if (leaveNothing.cluster) await stopPostmaster(leaveNothing.cluster);
      leaveNothing.now();
    },
  };
}

export function configFrom(env: Environment): Config {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  return loaded.config;
}

/** However this process ends, its database ends with it and the directory goes. */
export function leavingNothing(dataDir: string) {
  const duty = {
    cluster: undefined as Cluster | undefined,
    now() {
      if (duty.cluster) stopAtOnce(duty.cluster);
      rmSync(dataDir, { recursive: true, force: true });
      process.off('exit', duty.now);
    },
  };
  process.once('exit', duty.now);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
  return duty;
}

/** Nothing asynchronous is left to a process that ends. Whoever still writes would bring the directory back. */
function stopAtOnce(cluster: Cluster): void {
  const postmaster = runningPostmaster(cluster);
  if (postmaster === undefined) return;
  process.kill(postmaster, 'SIGQUIT');
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < 5_000 && runningPostmaster(cluster) === postmaster; waited += 20)
    Atomics.wait(wait, 0, 0, 20);
}

async function runCommand(
  env: Record<string, string>,
  args: readonly string[],
  input: string,
): Promise<Record<string, string>> {
  const [stdout, stderr] = [gathering(), gathering()];
  const streams = { stdin: Readable.from([input]), stdout: stdout.stream, stderr: stderr.stream, env };
  const exitCode = await run(['--json', ...args], streams);
  if (exitCode !== 0) throw new Error(`gatehouse ${args.join(' ')}: ${stderr.text()}`);
  return JSON.parse(stdout.text()) as Record<string, string>;
}

function gathering(): { stream: Writable; text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { stream, text: () => text };
}
