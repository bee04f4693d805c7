import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaContainer } from '@prisma/schema-engine-wasm';
import type pg from 'pg';
import { currentModels, MIGRATIONS, NO_FILTERS, withSchemaEngine } from './migrations.ts';

/**
 * The models as the newest migration leaves them, in one file beside the migrations. A new migration is the
 * difference from there to the models. The engine cannot read an existing database through this driver.
 */
const MIGRATED_MODELS = join(MIGRATIONS, 'migrated-models.txt');

/** The SQL from the newest migration, or from nothing, to the models. `database` is only connected to, not read. */
export async function differenceToModels(
  database: pg.ClientConfig,
  from: 'newest-migration' | 'nothing',
): Promise<string> {
  const start = from === 'nothing' ? [] : migratedModels();
  const { stdout } = await withSchemaEngine(database, (engine) =>
    engine.diff({
      from: start.length > 0 ? { tag: 'schemaDatamodel', files: start } : { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: currentModels() },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    }),
  );
  // The schema is always there, and creating it would ask for a right that an owner of tables need not have.
  const sql = (stdout ?? '').replace(/^-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n/, '').trim();
  return /^(?!--)\S/m.test(sql) ? `${sql}\n` : '';
}

/** Writes `prisma/migrations/<name>/migration.sql`, remembers the models it leads to, and answers its path. */
export function writeMigration(name: string, sql: string): string {
  const path = join(MIGRATIONS, name, 'migration.sql');
  mkdirSync(join(MIGRATIONS, name), { recursive: true });
  writeFileSync(path, sql);
  writeFileSync(
    MIGRATED_MODELS,
    currentModels()
      .map(({ content }) => content.trim())
      .join('\n\n')
      .concat('\n'),
  );
  return path;
}

function migratedModels(): SchemaContainer[] {
  if (!existsSync(MIGRATED_MODELS)) return [];
  return [{ path: 'migrated.prisma', content: readFileSync(MIGRATED_MODELS, 'utf8') }];
}
