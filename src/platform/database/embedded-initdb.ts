import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupFault } from '../errors.ts';
import type { Binaries } from './embedded-binaries.ts';
import { BARE_ENVIRONMENT, type Launch } from './embedded-user.ts';

const UNFINISHED = '.postgresql-';

/** Makes a new database directory. Built aside and renamed when complete, so that of several processes one wins and nobody sees half a database. */
export async function makeCluster(
  place: string,
  directory: string,
  binaries: Binaries,
  launch: Launch,
): Promise<void> {
  await removeUnfinished(place);
  const unfinished = await mkdtemp(join(place, UNFINISHED));
  try {
    const passwords = {
      owner: randomBytes(24).toString('base64url'),
      app: randomBytes(24).toString('base64url'),
    };
    const files = { 'passwords.json': JSON.stringify(passwords), 'owner-password': passwords.owner };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(unfinished, name), content, { mode: 0o600 });
      if (launch.user) await chown(join(unfinished, name), launch.user.uid, launch.user.gid);
    }
    if (launch.user) await chown(unfinished, launch.user.uid, launch.user.gid);
    await initdb(unfinished, binaries, launch);
    await rm(join(unfinished, 'owner-password'));
    await rename(unfinished, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    throw cause instanceof StartupFault ? cause : directoryFault(place, cause);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function initdb(folder: string, binaries: Binaries, launch: Launch): Promise<void> {
  const args = ['--pgdata', join(folder, 'data'), '--username', 'gatehouse_owner'];
  args.push('--pwfile', join(folder, 'owner-password'), '--auth', 'scram-sha-256', '--encoding', 'UTF8');
  args.push(
    '--locale',
    'C',
    '--locale-provider',
    'builtin',
    '--builtin-locale',
    'C.UTF-8',
    '--no-instructions',
  );
  const [command, line] = launch.command(binaries.initdb, args);
  const child = spawn(command, line, {
    ...launch.user,
    env: BARE_ENVIRONMENT,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((done, fail) =>
    child.once('error', fail).once('close', done),
  );
  if (code === 0) return;
  if (/no space left|file too large|disk quota/i.test(complaint))
    throw directoryFault(folder, { code: 'ENOSPC' });
  const reason =
    complaint.split('\n').findLast((line) => /error|fatal|panic/i.test(line)) ?? `exit code ${code}`;
  throw new StartupFault(`The embedded database could not be made in ${folder}: ${reason.trim()}.`);
}

/** What a killed first start left behind. */
async function removeUnfinished(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const { mtimeMs } = await stat(join(place, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < performance.timeOrigin + performance.now() - 600_000)
      await rm(join(place, name), { recursive: true, force: true });
  }
}

/** What the system says of a folder, as a sentence for the operator. */
export function directoryFault(path: string, cause: unknown): StartupFault {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC')
    return new StartupFault(
      `There is no space left for the data directory ${path}; free some and start again.`,
      { cause },
    );
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new StartupFault(`DATA_DIR ${path} is not a folder; name another one.`, { cause });
  return new StartupFault(
    `The data directory ${path} cannot be read and written by this user (${code ?? 'unknown fault'}); change its owner or set DATA_DIR.`,
    { cause },
  );
}
