import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openConnections, type Place } from './http.ts';

/** A server in a process of its own. Whatever is still running when this process ends is killed with it. */
export interface RunningServer {
  readonly pid: number;
  readonly place: Place;
  /** SIGTERM, and SIGKILL for whoever has not drained within fifteen seconds. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

export interface Program {
  /** Relative to the repository. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly place: Place;
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE_MS = 60_000;

/** Starts a program and waits until it answers discovery. */
export async function startServer(program: Program): Promise<RunningServer> {
  const { script, args = [], nodeArgs = [], env = {}, place } = program;
  const argv = ['--disable-warning=ExperimentalWarning', ...nodeArgs, script, ...args];
  const child = spawn(process.execPath, argv, {
    cwd: REPOSITORY,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const exited = once(child, 'exit').then(() => void process.off('exit', killWithUs));
  const said = lastWords(child);
  await untilAnswering(place, () => {
    if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}: ${said()}`);
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid as number,
    place,
    kill: () => end('SIGKILL'),
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await end('SIGTERM');
      clearTimeout(late);
    },
  };
}

async function untilAnswering(place: Place, check: () => void): Promise<void> {
  const connections = openConnections(place, 1);
  const call = { method: 'GET', path: '/.well-known/openid-configuration' } as const;
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await sleep(50)) {
    check();
    const answer = await connections.send(call).catch(() => undefined);
    if (answer?.status !== 200) continue;
    connections.close();
    return;
  }
  throw new Error(`nothing answers on port ${place.port}`);
}

function lastWords(child: ChildProcess): () => string {
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      words = (words + chunk).slice(-2000);
    });
  }
  return () => words.trim();
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
