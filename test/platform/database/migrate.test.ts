import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, missingMigrations } from '../../../src/platform/database/migrate.ts';
import { migrationNames } from '../../../src/platform/database/migrations.ts';
import { differenceToModels } from '../../../src/platform/database/write-migration.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const made: TestDatabase[] = [];
afterAll(() => Promise.all(made.map((database) => database.drop())));

async function database(options?: { empty: boolean }): Promise<TestDatabase> {
  const fresh = await createTestDatabase(options);
  made.push(fresh);
  return fresh;
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const migrateBoth = ({ databaseUrl, directDatabaseUrl }: TestDatabase) =>
  migrate({ connectionString: directDatabaseUrl }, { connectionString: databaseUrl });

describe('migrating', () => {
  it('brings an empty database to the schema, once, whoever else tries at the same time', async () => {
    const empty = await database({ empty: true });
    const both = await Promise.all([migrateBoth(empty), migrateBoth(empty)]);
    expect(both.map(({ applied }) => applied).toSorted()).toEqual([[], migrationNames()]);
    expect((await migrateBoth(empty)).applied).toEqual([]);
  });

  it('leads to exactly what the models say', async () => {
    const migrated = await database();
    const fromModels = await database({ empty: true });
    const owner = { connectionString: fromModels.directDatabaseUrl };
    await query(fromModels.directDatabaseUrl, await differenceToModels(owner, 'nothing'));
    expect(await catalogOf(migrated)).toEqual(await catalogOf(fromModels));
    expect(await differenceToModels(owner, 'newest-migration')).toBe('');
  });

  it('refuses a database whose last migration failed half way, in one sentence', async () => {
    const { directDatabaseUrl, databaseUrl } = await database();
    await query(directDatabaseUrl, 'UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(
      migrate({ connectionString: directDatabaseUrl }, { connectionString: databaseUrl }),
    ).rejects.toThrow(/^The database could not be migrated: .*failed/);
  });

  it('tells readiness what is missing', async () => {
    const client = new pg.Client({ connectionString: (await database({ empty: true })).databaseUrl });
    await client.connect();
    expect(await missingMigrations(client)).toEqual(migrationNames());
    await client.end();
  });
});

describe('the role of the server', () => {
  let both: TestDatabase;
  beforeAll(async () => {
    both = await database();
  });

  it('reads and writes every other table, and adds audit entries', async () => {
    const rows = await query(
      both.databaseUrl,
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname NOT IN ('audit_events', '_prisma_migrations')
          AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
                   AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))`,
    );
    expect(rows).toEqual([]);
    await query(
      both.databaseUrl,
      `INSERT INTO audit_events (id, at, actor_kind, action, target_kind, details, digest)
       VALUES ('00000000-0000-7000-8000-000000000000', now(), 'job', 'database.migrated', 'database', '{}', '\\x00')`,
    );
  });

  it.each([
    "UPDATE audit_events SET action = 'x'",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    'DROP TABLE audit_events',
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
    'DELETE FROM _prisma_migrations',
    'CREATE TABLE mine (id int)',
  ])('may not: %s', async (statement) => {
    const outcome = await query(both.databaseUrl, statement).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe('42501');
  });

  it('is said to protect nothing where one role does both', async () => {
    const owner = { connectionString: both.directDatabaseUrl };
    expect((await migrate(owner, owner)).protection).toBe('open');
    expect((await migrateBoth(both)).protection).toBe('protected');
  });
});

/** Written by hand, because models cannot say them. */
const BY_HAND = String.raw`^(request_log\w*|audit_events_(portal|access_client|access_api|owner|suspension)_idx|alerts_open_idx|(organizations|clients)_words_idx|clients_hosts_idx|event_deliveries_(waiting|given_up)_idx|_prisma_migrations)$`;

/** Tables, columns, constraints and indexes in words that can be compared, without those written by hand. */
async function catalogOf({ directDatabaseUrl }: TestDatabase): Promise<string[]> {
  const rows = await query(
    directDatabaseUrl,
    `SELECT format('%s.%s %s %s %s %s', table_name, column_name, udt_name, datetime_precision, is_nullable, column_default) AS line
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '${BY_HAND}'
     UNION ALL
     SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '${BY_HAND}'
     UNION ALL
     SELECT indexdef FROM pg_indexes
      WHERE schemaname = 'public' AND tablename !~ '${BY_HAND}' AND indexname !~ '${BY_HAND}'
     ORDER BY 1`,
  );
  expect(rows.length).toBeGreaterThan(100);
  return rows.map(({ line }) => String(line));
}
