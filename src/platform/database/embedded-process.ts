import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartupFault } from '../errors.ts';
import type { Cluster } from './embedded-cluster.ts';
import { clearStaleLocks, runningPostmaster } from './embedded-pid.ts';
import { BARE_ENVIRONMENT } from './embedded-user.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

const PATIENCE_MS = 30_000;
const RECOVERY_PATIENCE_MS = 600_000;

/**
 * A connection as the owner to the `postgres` database, whose server is started if none runs. PostgreSQL's own lock
 * file decides between processes that start one at the same time: the loser attaches to the winner's.
 */
export async function connectStarting(cluster: Cluster): Promise<pg.Client> {
  const began = performance.now();
  let attempt: StartAttempt | undefined;
  for (;;) {
    const connected = await tryConnect(cluster);
    if (connected instanceof pg.Client) return connected;
    const patience = connected === 'recovering' ? RECOVERY_PATIENCE_MS : PATIENCE_MS;
    if (performance.now() - began > patience) throw startFault(cluster, attempt);
    if (attempt?.failed() && !attempt.transient()) throw startFault(cluster, attempt);
    if (!runningPostmaster(cluster) && (!attempt || attempt.failed())) {
      if (attempt) await sleep(100);
      await clearStaleLocks(cluster);
      attempt = startPostmaster(cluster);
    }
    await sleep(10);
  }
}

/** Asks the server to end its sessions and stop, and waits until it has: at most ten seconds. */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  const pid = runningPostmaster(cluster);
  if (pid === undefined) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < 10_000 && runningPostmaster(cluster) === pid; waited += 5) await sleep(5);
}

/** `recovering` means that a server answers but is not ready: starting, replaying its log, or stopping. */
async function tryConnect(cluster: Cluster): Promise<pg.Client | 'absent' | 'recovering'> {
  const client = new pg.Client({
    ...cluster.address,
    user: 'gatehouse_owner',
    password: cluster.passwords.owner,
    database: 'postgres',
    application_name: 'gatehouse',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const { code, message } = error as { code?: string; message: string };
    if (code === '57P03' || code === '57P01') return 'recovering';
    if (code === '28P01' || code === '28000')
      throw new StartupFault(
        `The password in ${cluster.directory}/passwords.json does not open the database beside it; restore that file.`,
      );
    if (code === '53300')
      throw new StartupFault(
        `The embedded database in ${cluster.directory} has no connection left: ${message}.`,
      );
    return 'absent';
  }
}

interface StartAttempt {
  failed(): boolean;
  /** Whether trying again may help: another server is starting, or the last one has not quite gone. */
  transient(): boolean;
  complaint(): string;
}

function startPostmaster(cluster: Cluster): StartAttempt {
  const logPath = join(cluster.directory, 'server.log');
  // The folder may belong to another user: a link planted there must not lead root anywhere.
  const log = openSync(logPath, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  const from = statSync(logPath).size;
  const [command, args] = cluster.launch.command(cluster.binaries.postgres, [
    '-D',
    cluster.data,
    ...serverSettings(cluster),
  ]);
  let ended: string | undefined;
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      ...cluster.launch.user,
      detached: true,
      cwd: '/',
      env: BARE_ENVIRONMENT,
      stdio: ['ignore', log, log],
    });
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code, signal) => {
      ended = `it ended with ${signal ?? `code ${code}`}`;
    });
    child.unref();
  } finally {
    closeSync(log);
  }
  const complaint = () => lastComplaint(logPath, from) ?? ended ?? 'it did not answer in time';
  return {
    failed: () => ended !== undefined,
    transient: () =>
      /lock file .* already exists|shared memory block .* is still in use|lock file .* is empty/i.test(
        complaint(),
      ),
    complaint,
  };
}

function serverSettings({ address, settings }: Cluster): string[] {
  const chosen = {
    listen_addresses: '',
    unix_socket_directories: address.host,
    unix_socket_permissions: '0700',
    port: String(address.port),
    // A statement that fails may hold a secret: neither it nor its message and detail belong in a log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    ...settings,
  };
  return Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function lastComplaint(logPath: string, from: number): string | undefined {
  const lines = readFileSync(logPath).subarray(from).toString('utf8').split('\n');
  // That a visitor came too early is no reason of its own.
  const own = lines.filter((text) => !/FATAL: +the database system is/.test(text));
  const line = own.findLast((text) => /FATAL|PANIC|error while loading|No space left/i.test(text));
  return line?.replace(/^.*?(?:FATAL|PANIC):\s*/, '');
}

function startFault({ directory }: Cluster, attempt: StartAttempt | undefined): StartupFault {
  const complaint = attempt?.complaint() ?? 'it did not answer in time';
  if (/no space left|file too large|disk quota/i.test(complaint))
    return new StartupFault(
      `There is no space left for the embedded database in ${directory}; free some and start again.`,
    );
  return new StartupFault(
    `The embedded database in ${directory} does not start: ${complaint}. Its log is server.log in that folder.`,
  );
}
