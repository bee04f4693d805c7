// A process that uses the embedded database of a folder until it is told to leave: node hold-database.ts <folder>
import { openEmbeddedDatabase } from '../../src/platform/database/embedded.ts';
import { StartupFault } from '../../src/platform/errors.ts';
import { openLogger } from '../../src/platform/observability/logger.ts';

try {
  const database = await openEmbeddedDatabase(String(process.argv[2]), openLogger({ level: 'silent' }));
  const told = new Promise((resolve) => process.once('SIGTERM', resolve));
  process.stdout.write('ready\n');
  await told;
  await database.leave();
} catch (error) {
  process.stderr.write(`${error instanceof StartupFault ? error.sentence : error}\n`);
  process.exitCode = 1;
}
