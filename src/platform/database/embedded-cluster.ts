import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { chown, cp, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupFault } from '../errors.ts';
import { type Binaries, binariesIn, findBinaries, POSTGRES_MAJOR } from './embedded-binaries.ts';
import { prepareSocketDirectory } from './embedded-socket.ts';
import { BARE_ENVIRONMENT, canReach, chooseLaunch, type Launch } from './embedded-user.ts';

/** One database directory, made and checked, whether or not its server runs. */
export interface Cluster {
  /** Holds `data` (PostgreSQL's own), `server.log` and `passwords.json`. */
  readonly directory: string;
  readonly data: string;
  readonly passwords: { readonly owner: string; readonly app: string };
  /** Where the server listens: a Unix socket in a private folder, and nowhere else. */
  readonly address: { readonly host: string; readonly port: number };
  readonly binaries: Binaries;
  readonly launch: Launch;
  /** Settings of PostgreSQL beyond those of embedded-process.ts. */
  readonly settings: Readonly<Record<string, string>>;
  readonly notice: string | undefined;
}

const FOLDER = 'postgresql';
const UNFINISHED = '.postgresql-';
const FALLBACK = '/var/lib/gatehouse';

/** Finds or makes the database directory in `dataDir`. Throws StartupFault with one sentence. */
export async function prepareCluster(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const parent = usableDirectory(dataDir);
  const launch = chooseLaunch(ownerOf(join(parent, FOLDER)));
  const { place, notice } = reachablePlace(parent, launch);
  const binaries = await reachableBinaries(launch);
  const directory = join(place, FOLDER);
  if (!existsSync(directory)) await makeCluster(place, directory, binaries, launch);
  checkVersion(directory);
  const data = join(directory, 'data');
  if ((statSync(data).mode & 0o077) !== 0) chmodSync(data, 0o700);
  const passwords = JSON.parse(
    readFileSync(join(directory, 'passwords.json'), 'utf8'),
  ) as Cluster['passwords'];
  const address = { host: prepareSocketDirectory(directory, launch), port: 5432 };
  return { directory, data, passwords, address, binaries, launch, settings, notice };
}

function usableDirectory(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const real = realpathSync(dataDir);
    for (const path of [real, join(real, FOLDER)])
      if (path === real || existsSync(path))
        accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return real;
  } catch (cause) {
    throw directoryFault(dataDir, cause);
  }
}

function directoryFault(path: string, cause: unknown): StartupFault {
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

function ownerOf(path: string): { uid: number; gid: number } | undefined {
  return existsSync(path) ? statSync(path) : undefined;
}

/** Another user than ours must be able to reach the database; where it cannot, the database goes to /var/lib. */
function reachablePlace(parent: string, { user }: Launch): { place: string; notice?: string } {
  if (!user || existsSync(join(parent, FOLDER))) return { place: parent };
  if (canReach(join(parent, '..'), user)) {
    chmodSync(parent, 0o711);
    return { place: parent };
  }
  const place = join(FALLBACK, createHash('sha256').update(parent).digest('hex').slice(0, 12));
  mkdirSync(place, { recursive: true, mode: 0o711 });
  const notice = `The embedded database cannot run as root here and another user cannot reach ${parent}, so it is kept in ${place}.`;
  return { place, notice };
}

async function reachableBinaries({ user }: Launch): Promise<Binaries> {
  const found = await findBinaries();
  if (!user || canReach(found.root, user)) return found;
  const copy = join(FALLBACK, `postgresql-${POSTGRES_MAJOR}-programs`);
  if (!existsSync(copy)) {
    mkdirSync(FALLBACK, { recursive: true, mode: 0o755 });
    const unfinished = await mkdtemp(join(FALLBACK, UNFINISHED));
    await cp(found.root, unfinished, { recursive: true, verbatimSymlinks: true });
    chmodSync(unfinished, 0o755);
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return binariesIn(copy);
}

/** Built aside and renamed when complete, so that of several processes one wins and nobody sees half a database. */
async function makeCluster(
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

function checkVersion(directory: string): void {
  let major: string;
  try {
    major = readFileSync(join(directory, 'data', 'PG_VERSION'), 'utf8').trim();
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT'
      ? new StartupFault(
          `${directory} is not a complete database; move it away to start with an empty one.`,
          { cause },
        )
      : directoryFault(directory, cause);
  }
  if (major !== POSTGRES_MAJOR)
    throw new StartupFault(
      `${directory} was made by PostgreSQL ${major}, and this version of Gatehouse brings PostgreSQL ${POSTGRES_MAJOR}; start the Gatehouse that made it, or move the directory away.`,
    );
}
