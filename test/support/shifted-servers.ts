import { Agent } from 'node:http';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { createTestDatabase } from './database.ts';
import { openTestPlatform } from './platform.ts';
import { freePort } from './server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { type Answer, post } from './two-servers.ts';

/** Two server processes that can be killed and started again at another time, and a platform whose time goes with them. */
export interface ShiftedServers {
  readonly issuer: string;
  readonly platform: OpenPlatform;
  /** Seconds from the real time. */
  offset(): number;
  /** Kills both without a warning and starts them anew, so many seconds later. */
  killAndStart(secondsLater: number): Promise<void>;
  post(
    turn: number,
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  stop(): Promise<void>;
}

/** They may reach these origins whatever their addresses are. */
export async function startShiftedServers(outboundAllow: readonly string[] = []): Promise<ShiftedServers> {
  const database = await createTestDatabase();
  const ports = [await freePort(), await freePort()] as const;
  const issuer = `http://localhost:${ports[0]}`;
  let offset = 0;
  const clock = { now: () => new Date(Date.now() + offset * 1000) };
  const env = {
    ISSUER_URL: issuer,
    DATABASE_URL: database.databaseUrl,
    DIRECT_DATABASE_URL: database.directDatabaseUrl,
    ENCRYPTION_KEYS: database.encryptionKeys,
    LOG_LEVEL: 'warn',
    ...(outboundAllow.length > 0 && { OUTBOUND_ALLOW: outboundAllow.join(',') }),
  };
  const both = () =>
    Promise.all(
      ports.map((port) => startServerProcess({ ...env, PORT: String(port), SHIFT_SECONDS: String(offset) })),
    );
  let servers: readonly ServerProcess[] = await both();
  let agent = new Agent({ keepAlive: true });
  const platform = await openTestPlatform({ database, issuer, clock, outboundAllow: [...outboundAllow] });
  const Host = new URL(issuer).host;
  return {
    ...{ issuer, platform, offset: () => offset },
    async killAndStart(secondsLater) {
      agent.destroy();
      await Promise.all(servers.map((server) => server.kill('SIGKILL')));
      offset += secondsLater;
      agent = new Agent({ keepAlive: true });
      servers = await both();
    },
    post: (turn, path, fields, headers = {}) =>
      post(agent, ports[turn % 2] as number, path, new URLSearchParams(fields).toString(), {
        ...{ Host, 'Content-Type': 'application/x-www-form-urlencoded' },
        ...headers,
      }),
    async stop() {
      agent.destroy();
      await Promise.all(servers.map((server) => server.kill('SIGTERM')));
      await platform.close();
      await database.drop();
    },
  };
}
