import type pg from 'pg';
import { missingMigrations } from './migrate.ts';

/** What keeps this process from using its database, in words; nothing when all is well. */
export async function databaseReasons(pool: pg.Pool): Promise<string[]> {
  try {
    const missing = await missingMigrations(pool);
    return missing.length > 0 ? [`the database lacks ${missing.length} migrations`] : [];
  } catch {
    return ['the database does not answer'];
  }
}
