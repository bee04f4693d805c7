import pg from 'pg';
import type { Config } from '../config.ts';
import { type Clock, systemClock } from './clock.ts';
import { openInstallationSecrets } from './crypto/installation-secrets.ts';
import { encryptionKeysFor } from './crypto/master-key.ts';
import { type Vault, vaultOf } from './crypto/vault.ts';
import { type Database, openClient } from './database/client.ts';
import { connectionFault, openConnections } from './database/connections.ts';
import { openLane } from './database/lane.ts';
import { migrate } from './database/migrate.ts';
import { openStatements, type Statements } from './database/statements.ts';
import { openTransport, type Transport } from './mail/transport.ts';
import { type Logger, openLogger } from './observability/logger.ts';
import { type Metrics, openMetrics } from './observability/metrics.ts';
import { openSettings, type Settings } from './settings.ts';

/** What a rule may touch besides its input. A rule destructures what it uses, so its signature shows its effects. */
export interface Platform {
  readonly config: Config;
  /** The typed client; inside inTransaction it is bound to the transaction. */
  readonly db: Database;
  /** Named statements of the hot path, each its own commit: tokens/, and what every token request reads besides. */
  readonly sql: Statements;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly mail: Transport;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What operators decide while the server runs. */
  readonly settings: Settings;
}

/** The handle of the process that opened it. */
export interface OpenPlatform extends Platform {
  readonly pool: pg.Pool;
  /** The migrations that opening applied; usually none. */
  readonly migrated: readonly string[];
  /** Ends every connection, and the embedded database too if nobody else uses it. */
  close(): Promise<void>;
}

const POOL_SIZE = 10;

/**
 * What every session asks of PostgreSQL. UTC: the typed client writes instants without a zone, whatever zone a role or
 * database prefers. One plan per statement, by index: our statements find rows by key, planning them anew for each set
 * of values costs several times what running them does, and a plan made while a table was still small must not read it
 * from end to end once it has grown.
 */
const SESSION = {
  options: '-c TimeZone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off',
};

/** Database (embedded unless configured), migrations, keys, mail, in this order. Throws StartupFault. */
export async function openPlatform(
  config: Config,
  { clock = systemClock, log = openLogger({ level: config.logLevel }) }: { clock?: Clock; log?: Logger } = {},
): Promise<OpenPlatform> {
  await using undo = new AsyncDisposableStack();
  const connections = await inWords(openConnections(config, log));
  undo.defer(connections.leave);
  const { applied, protection } = await inWords(migrate(connections.direct, connections.app));
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');
  if (protection === 'open')
    log.warn(
      'audit entries are not protected: the server works as a role that can change them; set DIRECT_DATABASE_URL',
    );
  const pool = new pg.Pool({
    ...connections.app,
    ...SESSION,
    max: POOL_SIZE,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', (err) => {
    // While closing, the embedded server may end a connection before it has said goodbye.
    if (!pool.ending) log.warn({ err }, 'an idle database connection was lost');
  });
  undo.defer(() => pool.end());
  const db = openClient(pool);
  undo.defer(() => db.$disconnect());
  const keys = await encryptionKeysFor(config, db);
  const vault = vaultOf(keys, await openInstallationSecrets(db, keys, clock));
  const mail = openTransport(config);
  undo.defer(() => mail.close());
  const metrics = openMetrics(pool);
  const lane = openLane({ ...connections.app, ...SESSION, connectionTimeoutMillis: 5_000 });
  undo.defer(() => lane.close());
  const sql = openStatements(pool, lane);
  const settings = await openSettings(db, log);
  const opened = undo.move();
  return {
    config,
    db,
    sql,
    clock,
    vault,
    mail,
    log,
    metrics,
    settings,
    pool,
    migrated: applied,
    close: () => opened.disposeAsync(),
  };
}

/** Turns the errors of first contact with a database into a sentence for the operator. */
async function inWords<T>(contact: Promise<T>): Promise<T> {
  return contact.catch((error: unknown) => {
    throw connectionFault(error);
  });
}
