import type pg from 'pg';
import type { Config } from '../../config.ts';
import { StartupFault } from '../errors.ts';
import type { Logger } from '../observability/logger.ts';
import { openEmbeddedDatabase } from './embedded.ts';
import { databaseIsAway } from './outage.ts';

/** How this process reaches its database. */
export interface Connections {
  /** As the role the server works as. */
  readonly app: pg.ClientConfig;
  /** As the owner of the tables, without a pooler; the same role where only DATABASE_URL is set. */
  readonly direct: pg.ClientConfig;
  leave(): Promise<void>;
}

/** The configured database, else the embedded one, which is started if it does not run. */
export async function openConnections(config: Config, log: Logger): Promise<Connections> {
  if (config.databaseUrl !== undefined) {
    const app = { connectionString: config.databaseUrl };
    const direct = { connectionString: config.directDatabaseUrl ?? config.databaseUrl };
    return { app, direct, leave: async () => {} };
  }
  const embedded = await openEmbeddedDatabase(config.dataDir, log);
  if (embedded.notice) log.warn(embedded.notice);
  return embedded;
}

/** An error of the first connection in words for the operator; anything else stays what it is. */
export function connectionFault(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === '28P01' || code === '28000')
    return new StartupFault(
      'The database refuses the user or password of DATABASE_URL or DIRECT_DATABASE_URL.',
      { cause: error },
    );
  if (code === '3D000')
    return new StartupFault(`The database does not exist (${message}); create it first.`, { cause: error });
  if (code === '42501')
    return new StartupFault(
      `The database role lacks a right (${message}); DIRECT_DATABASE_URL must be the owner of the tables.`,
      { cause: error },
    );
  if (code === '53100' || code === 'ENOSPC')
    return new StartupFault('There is no space left for the database; free some and start again.', {
      cause: error,
    });
  if (databaseIsAway(error) || /certificate|SSL|TLS|ENOTFOUND|EAI_AGAIN|ECONN/.test(`${code} ${message}`))
    return new StartupFault(`The database cannot be reached: ${message || code}.`, { cause: error });
  return error;
}
