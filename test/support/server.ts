import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningServer, start } from '../../src/main.ts';
import { type Overrides, testConfig } from './platform.ts';

/** A whole server in this process, its periodic tasks included unless `jobs` is false. `stop` drains it and drops its database. */
export async function startTestServer({
  jobs = true,
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

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
