import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/server.ts';
import { startServerProcess } from '../../test/support/server-process.ts';
import { openConnections, type Place } from './http.ts';

/** A server in a process of its own. Whatever still runs when this process ends is killed with it. */
export interface RunningServer {
  readonly pid: number;
  readonly place: Place;
  /** SIGTERM; SIGKILL for whoever has not drained within fifteen seconds. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

export async function startGatehouse(
  env: Readonly<Record<string, string>>,
  host: string,
): Promise<RunningServer> {
  const { child, port } = await startServerProcess({ NODE_ENV: 'production', ...env });
  return runningServer(child, { port, host });
}

const C0 = fileURLToPath(new URL('../c0.ts', import.meta.url));

/** The bare engine, see c0.ts. */
export async function startC0(nodeOptions = ''): Promise<RunningServer> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', C0, String(port)], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', NODE_OPTIONS: nodeOptions },
    // The engine prints notices about its defaults.
    stdio: 'ignore',
  });
  const server = runningServer(child, { port, host: `localhost:${port}` });
  await untilAnswering(server);
  return server;
}

function runningServer(child: ChildProcess, place: Place): RunningServer {
  const killWithUs = () => child.kill('SIGKILL');
  // Before the database is: a living server would start it again.
  process.prependOnceListener('exit', killWithUs);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', killWithUs);
      resolve();
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid as number,
    place,
    kill: () => end('SIGKILL'),
    async stop() {
      const late = setTimeout(killWithUs, 15_000);
      await end('SIGTERM');
      clearTimeout(late);
    },
  };
}

async function untilAnswering({ place }: RunningServer): Promise<void> {
  const connections = openConnections(place, 1);
  for (let waited = 0; waited < 10_000; waited += 50) {
    const answer = await connections.send({ method: 'GET', path: '/jwks' }).catch(() => undefined);
    if (answer?.status === 200) return connections.close();
    await sleep(50);
  }
  throw new Error(`nothing answers on port ${place.port}`);
}
