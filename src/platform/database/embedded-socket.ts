import { createHash } from 'node:crypto';
import { chmodSync, lchownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartupFault } from '../errors.ts';
import type { Launch } from './embedded-user.ts';

const LONGEST = 100;
const SOCKET = '/.s.PGSQL.5432';

/**
 * A folder that only the database's user may enter, for its socket. A path of more than 100 bytes fits no
 * socket address; the folder is then under /tmp, where its owner is checked before it is trusted.
 */
export function prepareSocketDirectory(directory: string, { user }: Launch): string {
  const near = join(directory, 'socket');
  const far = `/tmp/gatehouse-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`;
  const path = Buffer.byteLength(near + SOCKET) < LONGEST ? near : far;
  try {
    mkdirSync(path, { mode: 0o700 });
    if (user) lchownSync(path, user.uid, user.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== (user?.uid ?? process.getuid?.())) throw untrusted(path);
  chmodSync(path, 0o700);
  return path;
}

function untrusted(path: string): StartupFault {
  return new StartupFault(
    `${path}, the folder of the database's socket, belongs to somebody else; remove it and start again.`,
  );
}
