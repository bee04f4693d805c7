import pg from 'pg';
import { StartupFault } from '../errors.ts';
import { grantToApp, type Protection, protectionOf } from './grants.ts';
import { migrationList, migrationNames, NO_FILTERS, withSchemaEngine } from './migrations.ts';

export interface Migrated {
  /** The migrations applied just now, oldest first; usually none. */
  readonly applied: readonly string[];
  /** Whether the role the server works as can change audit entries. */
  readonly protection: Protection;
}

const LOCK = 0x67617468;
const PATIENCE = '120s';

/**
 * Brings the database to this version's schema as the owner (`direct`) and grants the app's role what it needs.
 * One process at a time does so; the others wait and then find nothing to do. Throws StartupFault.
 */
export async function migrate(direct: pg.ClientConfig, app: pg.ClientConfig): Promise<Migrated> {
  const client = new pg.Client({ ...direct, application_name: 'gatehouse-migrate' });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '${PATIENCE}'`);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const applied = await applyMissing(client, direct);
    const role = await roleOf(app);
    await grantToApp(client, role);
    return { applied, protection: await protectionOf(client, role) };
  } catch (error) {
    throw (error as { code?: string }).code === '55P03'
      ? new StartupFault(
          'Another process has been migrating the database for two minutes; look at it before starting again.',
        )
      : error;
  } finally {
    await client.end();
  }
}

/** The migrations of this version that the database does not have. Needs no more than the right to read. */
export async function missingMigrations(client: Pick<pg.Client, 'query'>): Promise<string[]> {
  const applied = await appliedMigrations(client);
  return migrationNames().filter((name) => !applied.has(name));
}

async function applyMissing(client: pg.Client, direct: pg.ClientConfig): Promise<string[]> {
  if ((await missingMigrations(client)).length === 0) return [];
  try {
    const { appliedMigrationNames } = await withSchemaEngine(direct, (engine) =>
      engine.applyMigrations({ migrationsList: migrationList(), filters: NO_FILTERS }),
    );
    return appliedMigrationNames;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupFault(`The database could not be migrated: ${reason.replaceAll(/\s+/g, ' ').trim()}`, {
      cause,
    });
  }
}

async function appliedMigrations(client: Pick<pg.Client, 'query'>): Promise<Set<string>> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  if (!tables[0]?.found) return new Set();
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  return new Set(rows.map((row) => row.migration_name));
}

async function roleOf(app: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(app);
  await client.connect();
  try {
    const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
    return rows[0]?.role ?? '';
  } finally {
    await client.end();
  }
}
