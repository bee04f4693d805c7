import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './embedded-cluster.ts';

/** The process id of the server of this cluster, if one lives. A reused number in a stale file does not count. */
export function runningPostmaster(cluster: Cluster): number | undefined {
  const pid = pidIn(join(cluster.data, 'postmaster.pid'));
  return pid !== undefined && isPostmaster(pid, cluster.data) ? pid : undefined;
}

/**
 * Removes lock files whose process id now belongs to a stranger; PostgreSQL would refuse to start beside them.
 * Those of dead processes it replaces itself. One process at a time, or a second one could remove a fresh file.
 */
export async function clearStaleLocks(cluster: Cluster): Promise<void> {
  const files = [
    join(cluster.data, 'postmaster.pid'),
    join(cluster.address.host, `.s.PGSQL.${cluster.address.port}.lock`),
  ];
  for (const file of files) {
    if (!(await isStale(file, cluster.data))) continue;
    await alone(join(cluster.directory, 'clearing.lock'), async () => {
      if (await isStale(file, cluster.data)) await rm(file, { force: true });
    });
  }
}

async function isStale(file: string, data: string): Promise<boolean> {
  const entry = await stat(file).catch(() => undefined);
  if (!entry) return false;
  const pid = pidIn(file);
  if (pid === undefined) return olderThan(entry.mtimeMs, 2_000);
  return isAlive(pid) && !isPostmaster(pid, data);
}

async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  const held = await open(lock, 'wx').catch(() => undefined);
  if (held) {
    await work().finally(() => held.close());
    return rm(lock, { force: true });
  }
  const entry = await stat(lock).catch(() => undefined);
  if (entry && olderThan(entry.mtimeMs, 10_000)) await rm(lock, { force: true });
}

function olderThan(mtimeMs: number, ms: number): boolean {
  // File times come from the system, so they are compared with the system's time and not the (shiftable) clock.
  return performance.timeOrigin + performance.now() - mtimeMs > ms;
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) && Math.abs(pid) > 0 ? Math.abs(pid) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether this process was started as `postgres -D <data>`. A zombie has no command line and counts as gone. */
function isPostmaster(pid: number, data: string): boolean {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data);
  } catch {
    return false;
  }
}
