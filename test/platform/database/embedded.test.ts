import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../../src/platform/database/embedded.ts';
import {
  dataDirectories,
  type Holder,
  holdDatabase,
  pidFile,
  postmasterPid,
} from '../../support/embedded.ts';
import { silentLog } from '../../support/platform.ts';

let folders: Awaited<ReturnType<typeof dataDirectories>>;
const opened: EmbeddedDatabase[] = [];
const holders: Holder[] = [];

beforeAll(async () => {
  folders = await dataDirectories();
});
afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.end('SIGKILL')));
  await Promise.all(opened.splice(0).map((database) => database.leave()));
});
afterAll(() => folders.remove());

async function open(folder: string): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase(folder, silentLog);
  opened.push(database);
  return database;
}

function hold(folder: string, options?: Parameters<typeof holdDatabase>[1]): Holder {
  const holder = holdDatabase(folder, options);
  holders.push(holder);
  return holder;
}

async function ask(config: pg.ClientConfig, question: string): Promise<unknown> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return Object.values((await client.query(question)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** The sentence with which opening fails. */
async function refusal(folder: string): Promise<string> {
  return open(folder).then(
    () => 'it opened',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('the embedded database', () => {
  it('is made on the first start, with a role for the server that owns nothing', async () => {
    const folder = folders.fresh();
    const { app, direct } = await open(folder);
    expect(await ask(app, 'SELECT current_user')).toBe('gatehouse_app');
    expect(await ask(app, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe(false);
    expect(await ask(direct, 'SELECT current_database()')).toBe('gatehouse');
    expect(await ask(direct, "SELECT current_setting('fsync')")).toBe('on');
    expect(readdirSync(folder)).toEqual(['postgresql']);
  });

  it('is private: a folder for its owner alone, no port, passwords of its own', async () => {
    const folder = folders.copied();
    const { direct } = await open(folder);
    const base = join(folder, 'postgresql');
    expect(await ask(direct, "SELECT current_setting('listen_addresses')")).toBe('');
    expect(statSync(join(base, 'passwords.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(base, 'socket')).mode & 0o777).toBe(0o700);
    expect(statSync(join(base, 'server.log')).mode & 0o777).toBe(0o600);
    await expect(ask({ ...direct, password: 'wrong' }, 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
  });

  it('logs no statement, no value and no message of a failing one', async () => {
    const folder = folders.copied();
    const { direct } = await open(folder);
    await expect(ask(direct, "SELECT 'CANARY'::int")).rejects.toThrow();
    await expect(ask(direct, 'SELECT * FROM "CANARY"')).rejects.toThrow();
    expect(readFileSync(join(folder, 'postgresql', 'server.log'), 'utf8')).not.toContain('CANARY');
  });

  it('listens in a private folder under /tmp where its own path is too long for a socket', async () => {
    const parent = folders.fresh();
    mkdirSync(parent, { mode: 0o755 });
    const folder = join(parent, 'long'.repeat(25));
    const { direct } = await open(folder);
    expect(direct.host).toMatch(/^\/tmp\/gatehouse-[0-9a-f]{16}$/);
    expect(await ask(direct, 'SELECT 1')).toBe(1);
    await opened.pop()?.leave();
    rmSync(String(direct.host), { recursive: true });
  });
});

describe('several processes on one folder', () => {
  it('share one server, even when they make the database at the same time', async () => {
    const folder = folders.fresh();
    const [first, second] = [hold(folder), hold(folder)];
    await Promise.all([first.ready, second.ready]);
    const pid = postmasterPid(folder);
    await open(folder);
    expect(postmasterPid(folder)).toBe(pid);
    expect(readdirSync(folder)).toEqual(['postgresql']);
  });

  it('stop it when the last one leaves, and not before', async () => {
    const folder = folders.copied();
    const [first, second] = [hold(folder), hold(folder)];
    await Promise.all([first.ready, second.ready]);
    await first.end('SIGTERM');
    expect(postmasterPid(folder)).toBeDefined();
    await second.end('SIGTERM');
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('stop it when all of them leave at once', async () => {
    const folder = folders.copied();
    const all = [hold(folder), hold(folder), hold(folder)];
    await Promise.all(all.map(({ ready }) => ready));
    await Promise.all(all.map((holder) => holder.end('SIGTERM')));
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('start it again for one that comes while the last one leaves', async () => {
    const folder = folders.copied();
    for (let round = 0; round < 5; round += 1) {
      const leaving = await openEmbeddedDatabase(folder, silentLog);
      const [coming] = await Promise.all([open(folder), leaving.leave()]);
      expect(await ask(coming.app, 'SELECT 1')).toBe(1);
      await opened.pop()?.leave();
    }
  });

  it('do not count one that was killed', async () => {
    const folder = folders.copied();
    const [killed, staying] = [hold(folder), hold(folder)];
    await Promise.all([killed.ready, staying.ready]);
    await killed.end('SIGKILL');
    await staying.end('SIGTERM');
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('adopt the server of a process that was killed', async () => {
    const folder = folders.copied();
    const killed = hold(folder);
    await killed.ready;
    const pid = postmasterPid(folder);
    await killed.end('SIGKILL');
    const adopted = await openEmbeddedDatabase(folder, silentLog);
    expect(postmasterPid(folder)).toBe(pid);
    await adopted.leave();
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('start it again when it is lost under them', async () => {
    const folder = folders.copied();
    const { app } = await open(folder);
    process.kill(Number(postmasterPid(folder)), 'SIGKILL');
    const answer = async (): Promise<unknown> => ask(app, 'SELECT 1').catch(() => sleep(50).then(answer));
    expect(await answer()).toBe(1);
  });
});

describe('a folder in a bad state', () => {
  it.each<[string, string, number | undefined]>([
    ['a dead process', '4194000', undefined],
    ['a living stranger', String(process.pid), undefined],
    ['nobody, because the disk was full', '', 60],
  ])('starts with a pid file of %s', async (_, content, ageSeconds) => {
    const folder = folders.copied();
    writeFileSync(pidFile(folder), content === '' ? '' : `${content}\n${folder}\n1\n5432\n\n\n\n`);
    if (ageSeconds !== undefined) utimesSync(pidFile(folder), 0, 0);
    const { app } = await open(folder);
    expect(await ask(app, 'SELECT 1')).toBe(1);
  });

  it('starts where a socket lock names a living stranger', async () => {
    const folder = folders.copied();
    writeFileSync(join(folder, 'postgresql', 'socket', '.s.PGSQL.5432.lock'), `${process.pid}\n`);
    const { app } = await open(folder);
    expect(await ask(app, 'SELECT 1')).toBe(1);
  });

  it('starts where others were given a look into it', async () => {
    const folder = folders.copied();
    chmodSync(join(folder, 'postgresql', 'data'), 0o755);
    const { app } = await open(folder);
    expect(await ask(app, 'SELECT 1')).toBe(1);
  });

  it('refuses the data of another PostgreSQL', async () => {
    const folder = folders.copied();
    writeFileSync(join(folder, 'postgresql', 'data', 'PG_VERSION'), '17\n');
    expect(await refusal(folder)).toMatch(
      /^StartupFault: .* was made by PostgreSQL 17, and .* PostgreSQL 18; /,
    );
  });

  it('refuses what is not a whole database', async () => {
    const folder = folders.fresh();
    mkdirSync(join(folder, 'postgresql'), { recursive: true });
    expect(await refusal(folder)).toMatch(/^StartupFault: .* is not a complete database; move it away/);
  });

  it('refuses a damaged password file without quoting it', async () => {
    const folder = folders.copied();
    writeFileSync(join(folder, 'postgresql', 'passwords.json'), '{"owner":"CANARY');
    expect(await refusal(folder)).toMatch(
      /^StartupFault: .*passwords\.json, .* is missing or damaged; restore it\.$/,
    );
  });

  it('refuses a password file that does not fit', async () => {
    const folder = folders.copied();
    writeFileSync(join(folder, 'postgresql', 'passwords.json'), '{"owner":"x","app":"y"}');
    expect(await refusal(folder)).toMatch(/^StartupFault: The password in .* does not open the database/);
    const killed = Number(postmasterPid(folder));
    process.kill(killed, 'SIGINT');
  });

  it('refuses a file in place of the folder', async () => {
    const folder = folders.fresh();
    writeFileSync(folder, '');
    expect(await refusal(folder)).toMatch(/^StartupFault: DATA_DIR .* is not a folder/);
    expect(await refusal(join(folder, 'below'))).toMatch(/^StartupFault: DATA_DIR .* is not a folder/);
  });

  it('refuses a folder that this user may not read', async () => {
    const folder = folders.fresh();
    mkdirSync(folder, { mode: 0o000 });
    // Root may read everything unless it gives that up.
    const prefix = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
    await expect(hold(folder, { prefix }).ready).rejects.toThrow(
      /cannot be read and written by this user \(EACCES\)/,
    );
    chmodSync(folder, 0o700);
  });

  it('says so when there is no space for a new database, and leaves nothing behind', async () => {
    const folder = folders.fresh();
    const limited = hold(folder, { prefix: ['bash', '-c', 'ulimit -f 512; exec "$@"', 'limited'] });
    await expect(limited.ready).rejects.toThrow(
      /^There is no space left for the data directory .*; free some/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the reason and the log when the server does not start', async () => {
    const folder = folders.copied();
    writeFileSync(join(folder, 'postgresql', 'data', 'postgresql.conf'), 'nonsense = yes\n');
    expect(await refusal(folder)).toMatch(
      /^StartupFault: The embedded database in .* does not start: .*server\.log/,
    );
  });
});
