import type { Flow } from '../flows.ts';
import { type WatchedDatabase, watchDatabase } from './database.ts';
import { type Connections, openConnections } from './http.ts';
import { type Installation, newInstallation } from './installation.ts';
import { authorizationCode, signedInBrowser } from './people.ts';
import { startC0 } from './processes.ts';
import { seed, targetOfC0 } from './seed.ts';
import type { Contender } from './slot.ts';
import type { Target } from './target.ts';
import { many, newTokens } from './tokens.ts';

export interface OpenContender extends Contender {
  close(): Promise<void>;
}

/** A fresh Gatehouse with its embedded database, somebody signed in. */
export async function openGatehouse(
  nodeOptions?: string,
): Promise<OpenContender & { readonly database: WatchedDatabase; readonly installation: Installation }> {
  const installation = await newInstallation();
  const server = await installation.startProcess(nodeOptions);
  const target = await seed(installation, server);
  const database = await watchDatabase(installation.dataDir);
  const caller = await openCaller(target);
  return {
    ...{ target, server, database, installation },
    supply: (flow, count) => supply(flow, count, caller),
    async close() {
      caller.connections.close();
      await database.close();
      await installation.close();
    },
  };
}

/** The bare engine, see c0.ts. */
export async function openC0(nodeOptions?: string): Promise<OpenContender> {
  const server = await startC0(nodeOptions);
  const target = targetOfC0(server);
  const caller = await openCaller(target);
  return {
    ...{ target, server },
    supply: (flow, count) => supply(flow, count, caller),
    async close() {
      caller.connections.close();
      await server.stop();
    },
  };
}

interface Caller {
  readonly connections: Connections;
  /** Of a browser that is signed in. */
  readonly cookie: string;
  readonly target: Target;
}

async function openCaller(target: Target): Promise<Caller> {
  return { connections: openConnections(target.place, 8), cookie: await signedInBrowser(target), target };
}

async function supply(flow: Flow, count: number, caller: Caller): Promise<string[]> {
  const { connections, cookie, target } = caller;
  const { web, browserApp } = target;
  switch (flow.name) {
    case 'code-exchange':
      return many(count, () => authorizationCode(connections, cookie, target, web));
    case 'introspection':
    case 'check':
      return many(count, async () => (await newTokens(connections, cookie, target, web)).access);
    case 'refresh-rotating':
      return many(count, async () => (await newTokens(connections, cookie, target, browserApp)).refresh);
    case 'refresh-standing':
      return many(count, async () => (await newTokens(connections, cookie, target, web)).refresh);
    default:
      return [];
  }
}
