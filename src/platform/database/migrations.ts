import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as wasm from '@prisma/schema-engine-wasm';
import pg from 'pg';

/** Prisma's own schema engine in WebAssembly, loaded only when there is a migration to apply or to write. */
export type SchemaEngine = wasm.SchemaEngine;

const PRISMA = fileURLToPath(new URL('../../../prisma', import.meta.url));
export const MIGRATIONS = join(PRISMA, 'migrations');
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Runs `work` with the schema engine on a database, as the role of `connection`. */
export async function withSchemaEngine<T>(
  connection: pg.ClientConfig,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const pool = new pg.Pool({ ...connection, max: 2 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const datamodels = currentModels().map(({ path, content }): [string, string] => [path, content]);
  const engine = await SchemaEngine.new({ datamodels }, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/** The names of all migrations, oldest first. */
export function migrationNames(): string[] {
  return readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** All migrations as the engine reads them. */
export function migrationList(names = migrationNames()): wasm.MigrationList {
  return {
    baseDir: MIGRATIONS,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(MIGRATIONS, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

/** The models as files, which is what migrations are written from. */
export function currentModels(): wasm.SchemaContainer[] {
  const models = readdirSync(join(PRISMA, 'models')).sort();
  return ['schema.prisma', ...models.map((name) => join('models', name))].map((path) => ({
    path,
    content: readFileSync(join(PRISMA, path), 'utf8'),
  }));
}
