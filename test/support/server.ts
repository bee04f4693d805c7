import { createServer } from 'node:http';
import { type RunningServer, start } from '../../src/main.ts';
import { type Overrides, testConfig } from './platform.ts';

/**
 * A whole server in this process. Its periodic tasks rest unless `jobs` is true: a test runs the one it is about itself, so
 * that none comes in between by chance. `stop` drains it and drops its database.
 */
export async function startTestServer({
  jobs = false,
  ...overrides
}: Overrides & { jobs?: boolean } = {}): Promise<RunningServer> {
  const port = overrides.port ?? (await freePort());
  const issuer = overrides.issuer ?? `http://localhost:${port}`;
  const { config, options, cleanUp } = await testConfig({
    ...overrides,
    port,
    metricsPort: overrides.metricsPort ?? 0,
    issuer,
    issuerHost: new URL(issuer).host,
    secure: issuer.startsWith('https:'),
  });
  const server = await start(config, { ...options, jobs });
  const stop = async () => {
    await server.stop();
    await cleanUp();
  };
  return { ...server, stop };
}

/** Below those that a system gives to whoever wants any, above those that browsers and fetch refuse. */
const PORTS = { first: 10_100, count: 9_900 };
/** Processes that run side by side begin far apart. */
let lastPort = process.pid * 7_919;

/** A port nobody listens on, given out by this process once, so that it is still free when its server starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort += 1;
    const port = PORTS.first + (lastPort % PORTS.count);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
