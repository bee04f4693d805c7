import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { type Logger, openLogger } from '../../src/platform/observability/logger.ts';
import { type OpenPlatform, openPlatform } from '../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

/** Anything of the configuration, and what openPlatform takes besides it. */
export interface Overrides extends Partial<Config> {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** An existing database, which is then not dropped: for two platforms on one. */
  readonly database?: TestDatabase;
}

export const silentLog = openLogger({ level: 'silent' });

/** A platform on a database of its own; `close` drops it again. The app works as the role that owns nothing. */
export async function openTestPlatform(overrides: Overrides = {}): Promise<OpenPlatform> {
  const { config, options, cleanUp } = await testConfig(overrides);
  const platform = await openPlatform(config, options);
  const close = async () => {
    await platform.close();
    await cleanUp();
  };
  return { ...platform, close };
}

/** A development configuration on a fresh database. `cleanUp` removes what was made for it. */
export async function testConfig({ clock, log = silentLog, database, ...config }: Overrides = {}) {
  const own = database ? undefined : await createTestDatabase();
  const { databaseUrl, directDatabaseUrl, encryptionKeys } = (database ?? own) as TestDatabase;
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-data-'));
  const loaded = loadConfig({
    DATABASE_URL: databaseUrl,
    DIRECT_DATABASE_URL: directDatabaseUrl,
    ENCRYPTION_KEYS: encryptionKeys,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
  });
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  return {
    config: { ...loaded.config, ...config } satisfies Config,
    options: { ...(clock ? { clock } : {}), log },
    cleanUp: async () => {
      await own?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
