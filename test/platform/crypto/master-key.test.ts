import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config.ts';
import { INSTALLATION_SECRETS } from '../../../src/platform/crypto/vault.ts';
import { openPlatform } from '../../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { silentLog, testConfig } from '../../support/platform.ts';

let database: TestDatabase;
let config: Config;
let cleanUp: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  const made = await testConfig({ database, encryptionKeys: undefined });
  config = made.config;
  cleanUp = made.cleanUp;
});
afterAll(async () => {
  await cleanUp();
  await database.drop();
});

const openWith = (changed: Partial<Config> = {}) =>
  openPlatform({ ...config, ...changed }, { log: silentLog });
const keyFile = () => join(config.dataDir, 'encryption-keys');

describe('the encryption key in development', () => {
  it('is made once, for its owner alone, and by one of two processes that start together', async () => {
    const both = await Promise.all([openWith(), openWith()]);
    const pepper = both.map(({ vault }) => vault.secret('password-pepper').toString('hex'));
    expect(pepper[0]).toBe(pepper[1]);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile(), 'utf8')).toMatch(/^dev:[\w-]{43}\n$/);
    await Promise.all(both.map((platform) => platform.close()));
  });

  it('opens what the last start sealed', async () => {
    const first = await openWith();
    const secrets = INSTALLATION_SECRETS.map((name) => first.vault.secret(name).toString('hex'));
    await first.close();
    const second = await openWith();
    expect(INSTALLATION_SECRETS.map((name) => second.vault.secret(name).toString('hex'))).toEqual(secrets);
    expect(new Set(secrets).size).toBe(INSTALLATION_SECRETS.length);
    await second.close();
  });

  it('stands behind ENCRYPTION_KEYS, whose first key seals and whose others open', async () => {
    const [, old = ''] = readFileSync(keyFile(), 'utf8').trim().split(':');
    const keys = [
      { id: 'new', key: Buffer.from('q8Xw3m2ZrT0uVbN1yHc5Lk7JdFgSaPoIeUxMzWtRv4Y', 'base64url') },
      { id: 'dev', key: Buffer.from(old, 'base64url') },
    ];
    const platform = await openWith({ encryptionKeys: keys });
    expect(platform.vault.seal('x', { table: 't', column: 'c', row: 'r' })).toMatch(/^v1\.new\./);
    await platform.close();
    await expect(openWith({ encryptionKeys: keys.slice(0, 1) })).rejects.toThrow(
      /^The encryption keys do not open what this database holds sealed; give the ENCRYPTION_KEYS/,
    );
  });

  it('is never made anew where something is sealed under it', async () => {
    const content = readFileSync(keyFile(), 'utf8');
    rmSync(keyFile());
    await expect(openWith()).rejects.toThrow(
      /^The encryption key .* is missing, and the database holds what it sealed/,
    );
    writeFileSync(keyFile(), 'dev:broken');
    await expect(openWith()).rejects.toThrow(/does not hold encryption keys/);
    writeFileSync(keyFile(), content);
    await (await openWith()).close();
  });
});
