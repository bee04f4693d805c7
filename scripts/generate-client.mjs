// Writes the typed database client into prisma/generated. Runs after every install and needs no download:
// `prisma generate` only asks that a schema engine file exists, it never starts it.
// Without the Prisma CLI (an install with --omit=dev) the client comes from the build stage instead.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function prismaCli() {
  try {
    return createRequire(import.meta.url).resolve('prisma/build/index.js');
  } catch {
    return undefined;
  }
}

const cli = prismaCli();
if (cli) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'package.json'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  });
  if (status !== 0) {
    process.stderr.write(`The database client could not be generated.\n${stdout}${stderr}`);
    process.exit(1);
  }
}
