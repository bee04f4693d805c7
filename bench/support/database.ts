import pg from 'pg';
import { prepareCluster } from '../../src/platform/database/embedded-cluster.ts';
import { runningPostmaster } from '../../src/platform/database/embedded-pid.ts';

/** What the database has done since it was made. */
export interface Counters {
  /** Transactions that wrote something; each is one commit on disk. Exact at once. */
  readonly writes: bigint;
  /** Transactions of any kind; outside of one, each statement is one. Late by up to REPORTED_AFTER_MS. */
  readonly transactions: number;
}

export interface WatchedDatabase {
  readonly postmaster: number;
  readonly version: string;
  readonly client: pg.Client;
  counters(): Promise<Counters>;
  close(): Promise<void>;
}

/** A connection of our own to the embedded database of a running server, as the owner of the tables. */
export async function watchDatabase(dataDir: string): Promise<WatchedDatabase> {
  const cluster = await prepareCluster(dataDir);
  const postmaster = runningPostmaster(cluster);
  if (postmaster === undefined) throw new Error(`no database runs in ${dataDir}`);
  const client = new pg.Client({
    ...cluster.address,
    user: 'gatehouse_owner',
    password: cluster.passwords.owner,
    database: 'gatehouse',
  });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  return {
    postmaster,
    version: rows[0]?.version ?? 'unknown',
    client,
    counters: () => countersOf(client),
    close: () => client.end(),
  };
}

async function countersOf(client: pg.Client): Promise<Counters> {
  const { rows } = await client.query<{ writes: string; transactions: string }>(
    `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS writes,
            (SELECT xact_commit FROM pg_stat_database WHERE datname = 'gatehouse')::text AS transactions`,
  );
  return { writes: BigInt(rows[0]?.writes ?? 0), transactions: Number(rows[0]?.transactions ?? 0) };
}

/** A backend with nothing to do reports what it has counted after at most ten seconds (PGSTAT_IDLE_INTERVAL). */
export const REPORTED_AFTER_MS = 11_000;
