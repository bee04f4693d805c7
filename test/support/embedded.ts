import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedDatabase } from '../../src/platform/database/embedded.ts';
import { silentLog } from './platform.ts';

const HOLD = fileURLToPath(new URL('hold-database.ts', import.meta.url));

/** Data directories for one test file: a finished one is made once and copied. */
export async function dataDirectories() {
  const root = await mkdtemp('/tmp/gatehouse-embedded-');
  // Where PostgreSQL has to run as another user than root, that user must get there.
  chmodSync(root, 0o711);
  const finished = join(root, 'finished');
  await (await openEmbeddedDatabase(finished, silentLog)).leave();
  let count = 0;
  const fresh = () => {
    count += 1;
    return join(root, `d${count}`);
  };
  return {
    fresh,
    copied() {
      const folder = fresh();
      execFileSync('cp', ['-a', finished, folder]);
      return folder;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export interface Holder {
  readonly child: ChildProcess;
  /** Resolves when it uses the database, rejects with what it said when it cannot. */
  readonly ready: Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Another process that uses the database of this folder; `prefix` is a command line put before its own. */
export function holdDatabase(folder: string, { prefix = [] }: { prefix?: string[] } = {}): Holder {
  const [command = '', ...args] = [...prefix, process.execPath, HOLD, folder];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', () => reject(new Error(said.trim())));
  });
  ready.catch(() => {});
  return {
    child,
    ready,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'close');
    },
  };
}

/** The process id in PostgreSQL's own pid file; undefined when no server runs. */
export function postmasterPid(folder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(pidFile(folder), 'utf8'), 10);
  } catch {
    return undefined;
  }
}

export function pidFile(folder: string): string {
  return join(folder, 'postgresql', 'data', 'postmaster.pid');
}
