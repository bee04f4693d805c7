import type pg from 'pg';
import type { Logger } from '../observability/logger.ts';
import { type Cluster, prepareCluster } from './embedded-cluster.ts';
import { joinCluster } from './embedded-presence.ts';

/** The private PostgreSQL of one DATA_DIR, running, with this process counted among its users. */
export interface EmbeddedDatabase {
  /** As the role that may not touch audit entries once written. */
  readonly app: pg.ClientConfig;
  /** As the role that owns the tables. */
  readonly direct: pg.ClientConfig;
  /** What the operator should know about where or how it runs. */
  readonly notice: string | undefined;
  /** Gives up this process's place. Whoever leaves last stops the database. */
  leave(): Promise<void>;
}

export const OWNER_ROLE = 'gatehouse_owner';
export const APP_ROLE = 'gatehouse_app';
export const DATABASE_NAME = 'gatehouse';

/**
 * Attaches to the running database of this directory, adopts one whose servers were killed, or starts it;
 * makes it on the first start. Several processes may do so at once. `settings` are PostgreSQL's own, for whoever
 * starts the server. Throws StartupFault with one sentence.
 */
export async function openEmbeddedDatabase(
  dataDir: string,
  log: Logger,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedDatabase> {
  const cluster = await prepareCluster(dataDir, settings);
  const presence = await joinCluster(cluster, log);
  try {
    await presence.once((client) => makeRoleAndDatabase(client, cluster));
  } catch (error) {
    await presence.leave();
    throw error;
  }
  const to = (user: string, password: string) => ({
    ...cluster.address,
    user,
    password,
    database: DATABASE_NAME,
  });
  return {
    app: to(APP_ROLE, cluster.passwords.app),
    direct: to(OWNER_ROLE, cluster.passwords.owner),
    notice: cluster.notice,
    leave: presence.leave,
  };
}

async function makeRoleAndDatabase(client: pg.Client, { passwords }: Cluster): Promise<void> {
  const { rows } = await client.query<{ role: boolean; database: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
            EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
    [APP_ROLE, DATABASE_NAME],
  );
  if (!rows[0]?.role)
    await client.query(`CREATE ROLE ${APP_ROLE} LOGIN PASSWORD ${client.escapeLiteral(passwords.app)}`);
  if (!rows[0]?.database) await client.query(`CREATE DATABASE ${DATABASE_NAME}`);
}
