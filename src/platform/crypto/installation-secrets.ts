import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { StartupFault } from '../errors.ts';
import { type EncryptionKey, openWith, SealBroken, sealUnder } from './envelope.ts';
import { INSTALLATION_SECRETS } from './vault.ts';

/**
 * The keys the installation makes for itself: those that are missing are inserted, sealed, and all are read back,
 * so that processes starting at the same time agree. Throws StartupFault when `keys` open one of them not.
 */
export async function openInstallationSecrets(
  db: Database,
  keys: readonly EncryptionKey[],
  clock: Clock,
): Promise<ReadonlyMap<string, Buffer>> {
  let rows = await db.installationSecret.findMany();
  const present = new Set(rows.map(({ name }) => name));
  const missing = INSTALLATION_SECRETS.filter((name) => !present.has(name));
  // The present ones are opened first: under wrong keys nothing new may be sealed.
  const opened = openAll(rows, keys);
  if (missing.length === 0) return opened;
  const data = missing.map((name) => ({ name, sealed: sealNew(name, keys), createdAt: clock.now() }));
  await db.installationSecret.createMany({ data, skipDuplicates: true });
  rows = await db.installationSecret.findMany();
  return openAll(rows, keys);
}

function sealNew(name: string, [current]: readonly EncryptionKey[]): string {
  if (!current) throw new TypeError('sealing needs a key');
  return sealUnder(current, randomBytes(32), placeOf(name));
}

function openAll(
  rows: readonly { name: string; sealed: string }[],
  keys: readonly EncryptionKey[],
): Map<string, Buffer> {
  try {
    return new Map(rows.map(({ name, sealed }) => [name, openWith(keys, sealed, placeOf(name))]));
  } catch (cause) {
    if (!(cause instanceof SealBroken)) throw cause;
    throw new StartupFault(
      'The encryption keys do not open what this database holds sealed; give the ENCRYPTION_KEYS (or the key file in DATA_DIR) that this database was used with.',
      { cause },
    );
  }
}

function placeOf(row: string) {
  return { table: 'installation_secrets', column: 'sealed', row };
}
