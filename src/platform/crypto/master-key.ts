import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../config.ts';
import type { Database } from '../database/client.ts';
import { StartupFault } from '../errors.ts';
import type { EncryptionKey } from './envelope.ts';

const FILE = 'encryption-keys';

/**
 * ENCRYPTION_KEYS, or in development the key kept in DATA_DIR, which is made on the first start.
 * Never made anew where the database already holds something sealed: that would lose it for good.
 */
export async function encryptionKeysFor(config: Config, db: Database): Promise<readonly EncryptionKey[]> {
  if (config.encryptionKeys) return config.encryptionKeys;
  const path = join(config.dataDir, FILE);
  const kept = readKeys(path);
  if (kept) return kept;
  const empty = (await db.installationSecret.count()) === 0;
  if (empty) makeKey(config.dataDir, path);
  // Not empty and no file: either it was lost, or another first start made it just now.
  const made = readKeys(path);
  if (made) return made;
  throw new StartupFault(
    `The encryption key ${path} is missing, and the database holds what it sealed; restore the file or set ENCRYPTION_KEYS.`,
  );
}

function readKeys(path: string): readonly EncryptionKey[] | undefined {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartupFault(`The encryption key ${path} cannot be read by this user.`, { cause });
  }
  const loaded = loadConfig({ ENCRYPTION_KEYS: content });
  if (loaded.ok && loaded.config.encryptionKeys) return loaded.config.encryptionKeys;
  throw new StartupFault(
    `${path} does not hold encryption keys as ENCRYPTION_KEYS has them; restore it from a backup.`,
  );
}

/** Written aside, synced and linked: of two processes one wins, and nobody reads half a key. */
function makeKey(dataDir: string, path: string): void {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = openSync(unfinished, 'wx', 0o600);
    writeFileSync(file, `dev:${randomBytes(32).toString('base64url')}\n`);
    fsyncSync(file);
    closeSync(file);
    linkSync(unfinished, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new StartupFault(
        `The encryption key cannot be written to ${path}; check the folder's owner and space.`,
        { cause },
      );
  } finally {
    rmSync(unfinished, { force: true });
  }
}
