// Writes the migration that leads from the newest one to the models:
//   node scripts/new-migration.mjs <name>
// Before the first release, the one migration may be written anew from an empty database:
//   node scripts/new-migration.mjs --anew <time>_<name>
import { mkdtemp, rm } from 'node:fs/promises';
import { openEmbeddedDatabase } from '../src/platform/database/embedded.ts';
import { differenceToModels, writeMigration } from '../src/platform/database/write-migration.ts';
import { openLogger } from '../src/platform/observability/logger.ts';

const args = process.argv.slice(2);
const anew = args[0] === '--anew';
const name = args.at(-1) ?? '';
if (!/^[a-z0-9_]+$/.test(name) || args.length > (anew ? 2 : 1)) {
  process.stderr.write('usage: node scripts/new-migration.mjs <name_in_small_letters>\n');
  process.exit(64);
}
const folder = await mkdtemp('/tmp/migration-');
const database = await openEmbeddedDatabase(folder, openLogger({ level: 'warn' }));
try {
  const sql = await differenceToModels(database.direct, anew ? 'nothing' : 'newest-migration');
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const path = sql && writeMigration(anew ? name : `${stamp}_${name}`, sql);
  process.stdout.write(`${path || 'The migrations already lead to the models.'}\n`);
} finally {
  await database.leave();
  await rm(folder, { recursive: true, force: true });
}
