import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartupFault } from '../errors.ts';

/** How PostgreSQL's programs are run. It refuses the uid 0, so root needs one of two ways around it. */
export interface Launch {
  /** Set when the program runs as another user; its files must then belong to that user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** The command line that runs `program`. */
  command(program: string, args: readonly string[]): [string, string[]];
}

const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--'];

/** The environment of every program of PostgreSQL: nothing of ours, neither secrets nor odd locales. */
export const BARE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * As an ordinary user: plainly. As root: as the owner of the directory if that is somebody else; in a user namespace,
 * which needs no other user and works in a home of mode 0700; else, where namespaces are forbidden, as an
 * unprivileged user of the system. `owner` is the uid of an existing cluster.
 */
export function chooseLaunch(owner: { uid: number; gid: number } | undefined): Launch {
  if (process.getuid?.() !== 0) return { user: undefined, command: (program, args) => [program, [...args]] };
  if (owner && owner.uid !== 0) return asUser(owner);
  if (namespacesWork())
    return { user: undefined, command: (program, args) => ['unshare', [...NAMESPACE, program, ...args]] };
  return asUser(unprivilegedUser());
}

/** Whether every folder on the way to `path` may be passed by this user. */
export function canReach(path: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const real = realpathSync(path);
  const { mode, uid: owner, gid: group } = statSync(real);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (real === '/' || canReach(dirname(real), { uid, gid }));
}

function asUser(user: { uid: number; gid: number }): Launch {
  return { user, command: (program, args) => [program, [...args]] };
}

function namespacesWork(): boolean {
  return (
    spawnSync('unshare', [...NAMESPACE, 'true'], { stdio: 'ignore', env: BARE_ENVIRONMENT }).status === 0
  );
}

function unprivilegedUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new StartupFault(
    'PostgreSQL does not run as root, and this system offers neither user namespaces nor a user named postgres or nobody; start Gatehouse as an ordinary user.',
  );
}
