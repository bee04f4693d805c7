// A process that uses the embedded database of a folder until it is told to leave: node hold-database.ts <folder>
import { openEmbeddedDatabase } from '../../src/platform/database/embedded.ts';
import { StartupFault } from '../../src/platform/errors.ts';
import { openLogger } from '../../src/platform/observability/logger.ts';

try {
  const database = await openEmbeddedDatabase(String(process.argv[2]), openLogger({ level: 'silent' }));
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.once('SIGTERM', resolve));
  await database.leave();
} catch (error) {
  process.stderr.write(`${error instanceof StartupFault ? error.sentence : error}\n`);
  process.exitCode = 1;
}
