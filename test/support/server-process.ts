import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from './server.ts';

/** `src/main.ts` as a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  readonly metricsPort: number;
  /** Everything it wrote so far, standard output and error. */
  output(): string;
  errors(): string;
  /** How it ended: exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** The same at another time: SHIFT_SECONDS from now. */
const SHIFTED = fileURLToPath(new URL('./shifted-main.ts', import.meta.url));
const END_WITH_PARENT = new URL('./end-with-parent.ts', import.meta.url).href;

/** Starts a server with these variables and nothing else, and waits until it is ready. Rejects when it ends instead. */
export async function startServerProcess(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = await spawnServer(env);
  const ended = server.ended.then((how) => {
    throw new Error(`the server ended with ${how}: ${server.errors()}`);
  });
  await Promise.race([untilReady(server), ended]);
  ended.catch(() => {});
  return server;
}

/** Starts a server without waiting for anything; for starts that are meant to fail. */
export async function spawnServer(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const port = Number(env.PORT ?? (await freePort()));
  const metricsPort = Number(env.METRICS_PORT ?? (await freePort()));
  const main = env.SHIFT_SECONDS === undefined ? MAIN : SHIFTED;
  const args = ['--disable-warning=ExperimentalWarning', '--import', END_WITH_PARENT, main];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, PORT: String(port), METRICS_PORT: String(metricsPort), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    errors += text;
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return {
    child,
    url: env.ISSUER_URL ?? `http://localhost:${port}`,
    port,
    metricsPort,
    output: () => output,
    errors: () => errors,
    ended,
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function untilReady({ metricsPort }: ServerProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
