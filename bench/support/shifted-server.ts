import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, start } from '../../src/main.ts';
import { prepareCluster } from '../../src/platform/database/embedded-cluster.ts';
import { stopPostmaster } from '../../src/platform/database/embedded-process.ts';
import { openLogger } from '../../src/platform/observability/logger.ts';
import { clockAt, type MovableClock } from '../../test/support/clock.ts';
import { freePort } from '../../test/support/server.ts';
import { configFrom, leavingNothing } from './installation.ts';

/** A server in this process whose time is moved by hand, behind one proxy that vouches for addresses. */
export interface ShiftedServer extends RunningServer {
  readonly clock: MovableClock;
}

export async function startShiftedServer(at: string): Promise<ShiftedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const leaveNothing = leavingNothing(dataDir);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const config = configFrom({
    DATA_DIR: dataDir,
    ISSUER_URL: `http://localhost:${port}`,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    TRUST_PROXY: '1',
  });
  const clock = clockAt(at);
  const server = await start(config, { clock, log: openLogger({ level: 'silent' }) });
  leaveNothing.cluster = await prepareCluster(dataDir);
  const stop = async () => {
    await server.stop();
    if (leaveNothing.cluster) await stopPostmaster(leaveNothing.cluster);
    leaveNothing.now();
  };
  return { ...server, clock, stop };
}
