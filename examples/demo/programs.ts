import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program of the demo, running beside it. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, with how: `code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Asks it to end, waits, and ends it after `patience` milliseconds. */
  stop(patience: number): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NODE = ['--disable-warning=ExperimentalWarning'];

/** What a program gets of this environment. Neither DATABASE_URL nor any other variable of a server is among it. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER'];

function environment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = INHERITED.map((name) => [name, process.env[name]]);
  return { ...Object.fromEntries(inherited.filter(([, value]) => value !== undefined)), ...own };
}

/** Starts `path` (from the top of the project). `onLine` gets what it says on stdout; its stderr goes to ours. */
export function startProgram(
  name: string,
  path: string,
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Program {
  // A process group of its own: Ctrl-C in a terminal reaches the demo alone, which then stops the others in order.
  const child = spawn(process.execPath, [...NODE, path], {
    ...{ cwd: ROOT, env: environment(env), detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${name}: ${line}\n`));
  const ended = endOf(child);
  return {
    ...{ name, ended, pid: child.pid ?? 0 },
    async stop(patience) {
      child.kill('SIGTERM');
      const late = sleep(patience, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(signal ?? `code ${code}`));
  });
}

/** One run of `gatehouse <args> --json`: its answer, or the sentence with which it refused. */
export type Commanded =
  | { readonly ok: true; readonly answer: Record<string, string> }
  | { readonly ok: false; readonly sentence: string };

export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Commanded> {
  const child = spawn(process.execPath, [...NODE, 'src/cli/gatehouse.ts', ...args, '--json'], {
    ...{ cwd: ROOT, env: environment(env), detached: true },
    stdio: 'pipe',
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text;
  });
  child.stdin.on('error', () => {}).end(`${input}\n`);
  await new Promise((done) => child.once('error', done).once('close', done));
  if (child.exitCode === 0) return { ok: true, answer: JSON.parse(said.out) };
  return { ok: false, sentence: said.err.trim() || `it ended with ${child.signalCode ?? child.exitCode}` };
}

/** Whether a process with this id runs the program at `path`; the id may long belong to something else. */
export function runsStill(pid: number, path: string): boolean {
  const asked = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return asked.status === 0 && asked.stdout.includes(path);
}

/** Ends a program that is not our child, and waits until it has gone. */
export async function endLeftover(pid: number, path: string, patience: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; runsStill(pid, path); waited += 100) {
    if (waited >= patience) process.kill(pid, 'SIGKILL');
    await sleep(100);
  }
}
