import type { Flow } from '../flows.ts';
import { authorizationCode, type Browser, openBrowser, signIn } from './browser.ts';
import { watchDatabase } from './database.ts';
import { type Connections, openConnections } from './http.ts';
import { newInstallation } from './installation.ts';
import { seed, startC0 } from './seed.ts';
import type { Contender } from './slot.ts';
import type { Target } from './target.ts';
import { many, newTokens } from './tokens.ts';

export interface OpenContender extends Contender {
  close(): Promise<void>;
}

/** A fresh Gatehouse with its embedded database, somebody signed in. */
export async function openGatehouse(nodeArgs: readonly string[] = []): Promise<OpenContender> {
  const installation = await newInstallation();
  const server = await installation.startProcess(nodeArgs);
  const target = await seed(installation, server);
  const database = await watchDatabase(installation.dataDir);
  const connections = openConnections(target.place, 8);
  const browser = openBrowser(connections, target.place);
  await signIn(browser, target.person);
  return {
    ...{ target, server, database },
    supply: (flow, count) => supply(flow, count, { connections, browser, target }),
    async close() {
      connections.close();
      await database.close();
      await installation.close();
    },
  };
}

/** The bare engine, see c0.ts. */
export async function openC0(nodeArgs: readonly string[] = []): Promise<OpenContender> {
  const { server, target } = await startC0(nodeArgs);
  const connections = openConnections(target.place, 8);
  const browser = openBrowser(connections, target.place);
  // The first request signs the browser in; those after it find the session.
  await authorizationCode(browser, target, target.web);
  return {
    ...{ target, server },
    supply: (flow, count) => supply(flow, count, { connections, browser, target }),
    async close() {
      connections.close();
      await server.stop();
    },
  };
}

interface Caller {
  readonly connections: Connections;
  readonly browser: Browser;
  readonly target: Target;
}

async function supply(flow: Flow, count: number, caller: Caller): Promise<string[]> {
  const { connections, browser, target } = caller;
  const { web, browserApp } = target;
  switch (flow.name) {
    case 'code-exchange':
      return many(count, () => authorizationCode(browser, target, web));
    case 'introspection':
      return many(count, async () => (await newTokens(connections, browser, target, web)).access);
    case 'refresh-rotating':
      return many(count, async () => (await newTokens(connections, browser, target, browserApp)).refresh);
    case 'refresh-standing':
      return many(count, async () => (await newTokens(connections, browser, target, web)).refresh);
    default:
      return [];
  }
}
