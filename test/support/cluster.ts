import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../src/config.ts';
import { ensureActiveKeys, ensureNextKeys } from '../../src/oidc/signing-keys.ts';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/platform/database/embedded.ts';
import { openLogger } from '../../src/platform/observability/logger.ts';
import { openPlatform } from '../../src/platform/platform.ts';

/** The one PostgreSQL of a test run: how workers reach it, and the keys its template was sealed under. */
export interface TestCluster {
  readonly host: string;
  readonly owner: { readonly user: string; readonly password: string };
  readonly app: { readonly user: string; readonly password: string };
  readonly template: string;
  readonly encryptionKeys: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    cluster: TestCluster;
  }
}

const FOLDER = '/tmp/gatehouse-test-';
/** Nothing of a test run is worth keeping after a power failure. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
const log = openLogger({ level: 'silent' });

/** Starts the cluster before the first test and removes it after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const folder = await mkdtemp(`${FOLDER}${process.pid}-`);
  const database = await openEmbeddedDatabase(folder, log, FAST);
  const cluster = clusterOf(database);
  await prepareTemplate(cluster);
  project.provide('cluster', cluster);
  return () => remove(database, folder);
}

export function addressOf(cluster: TestCluster, role: 'owner' | 'app', database: string): string {
  const { user, password } = cluster[role];
  return `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(cluster.host)}`;
}

function clusterOf({ app, direct }: EmbeddedDatabase): TestCluster {
  const login = ({ user, password }: typeof app) => ({ user: String(user), password: String(password) });
  return {
    host: String(direct.host),
    owner: login(direct),
    app: login(app),
    template: String(direct.database),
    encryptionKeys: `test:${randomBytes(32).toString('base64url')}`,
  };
}

/** Migrated, with the installation's own secrets and signing keys in it, which take a while to make. */
async function prepareTemplate(cluster: TestCluster): Promise<void> {
  const loaded = loadConfig({
    DATABASE_URL: addressOf(cluster, 'app', cluster.template),
    DIRECT_DATABASE_URL: addressOf(cluster, 'owner', cluster.template),
    ENCRYPTION_KEYS: cluster.encryptionKeys,
  });
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  const platform = await openPlatform(loaded.config, { log });
  await ensureActiveKeys(platform);
  await ensureNextKeys(platform);
  await platform.close();
}

/** Clusters of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir('/tmp')) {
    const [, pid] = /^gatehouse-test-(\d+)-/.exec(name) ?? [];
    if (!pid || isAlive(Number(pid))) continue;
    const folder = `/tmp/${name}`;
    await openEmbeddedDatabase(folder, log).then(
      (database) => remove(database, folder),
      () => {},
    );
  }
}

async function remove(database: EmbeddedDatabase, folder: string): Promise<void> {
  await database.leave();
  await rm(folder, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
