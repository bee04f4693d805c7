import { createHash } from 'node:crypto';
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
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupFault } from '../errors.ts';
import { type Binaries, binariesIn, findBinaries, POSTGRES_MAJOR } from './embedded-binaries.ts';
import { directoryFault, makeCluster } from './embedded-initdb.ts';
import { prepareSocketDirectory } from './embedded-socket.ts';
import { canReach, chooseLaunch, type Launch } from './embedded-user.ts';

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
const FALLBACK = '/var/lib/gatehouse';
const ELSEWHERE = 'The embedded database cannot run as root here, and another user cannot reach';

/** Finds or makes the database directory in `dataDir`. Throws StartupFault with one sentence. */
export async function prepareCluster(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const parent = usableDirectory(dataDir);
  const existing = [parent, fallbackFor(parent)].find((place) => existsSync(join(place, FOLDER)));
  const launch = chooseLaunch(existing === undefined ? undefined : statSync(join(existing, FOLDER)));
  if (existing !== undefined) {
    checkVersion(join(existing, FOLDER));
    checkOwner(join(existing, FOLDER), launch);
  }
  const place = existing ?? reachablePlace(parent, launch);
  const notice = place === parent ? undefined : `${ELSEWHERE} ${parent}, so it is kept in ${place}.`;
  const binaries = await reachableBinaries(launch);
  const directory = join(place, FOLDER);
  if (!existsSync(directory)) await makeCluster(place, directory, binaries, launch);
  const data = join(directory, 'data');
  if (!launch.user && (statSync(data).mode & 0o077) !== 0) chmodSync(data, 0o700);
  const passwords = readPasswords(join(directory, 'passwords.json'));
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

/** Another user than ours must be able to reach the database; where it cannot, the database goes to /var/lib. */
function reachablePlace(parent: string, { user }: Launch): string {
  if (!user) return parent;
  if (canReach(join(parent, '..'), user)) {
    chmodSync(parent, 0o711);
    return parent;
  }
  const place = fallbackFor(parent);
  mkdirSync(place, { recursive: true, mode: 0o711 });
  return place;
}

function fallbackFor(parent: string): string {
  return join(FALLBACK, createHash('sha256').update(parent).digest('hex').slice(0, 12));
}

async function reachableBinaries({ user }: Launch): Promise<Binaries> {
  const found = await findBinaries();
  if (!user || canReach(found.root, user)) return found;
  const copy = join(FALLBACK, `postgresql-${POSTGRES_MAJOR}-programs`);
  if (!existsSync(copy)) {
    mkdirSync(FALLBACK, { recursive: true, mode: 0o711 });
    const unfinished = await mkdtemp(join(FALLBACK, '.programs-'));
    await cp(found.root, unfinished, { recursive: true, verbatimSymlinks: true });
    chmodSync(unfinished, 0o755);
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return binariesIn(copy);
}

function readPasswords(path: string): Cluster['passwords'] {
  try {
    const { owner, app } = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner === 'string' && typeof app === 'string') return { owner, app };
  } catch {
    // What is wrong with it is not told: the words of a parser would quote the file.
  }
  throw new StartupFault(
    `${path}, which holds the passwords of the database beside it, is missing or damaged; restore it.`,
  );
}

/** A database that root made in a user namespace cannot be used where there are none. */
function checkOwner(directory: string, { user }: Launch): void {
  if (user === undefined || statSync(directory).uid === user.uid) return;
  throw new StartupFault(
    `${directory} belongs to root, PostgreSQL does not run as root, and this system allows no user namespaces; give the folder to another user with chown -R, or start Gatehouse as an ordinary user.`,
  );
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
