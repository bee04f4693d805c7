import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, type Environment, loadConfig } from '../src/config.ts';

const KEY = 'q8Xw3m2ZrT0uVbN1yHc5Lk7JdFgSaPoIeUxMzWtRv4Y';
const PRODUCTION = {
  ISSUER_URL: 'https://id.example.com',
  DATABASE_URL: 'postgresql://app:pw@db.example.com/gatehouse?sslmode=verify-full',
  ENCRYPTION_KEYS: `k1:${KEY}`,
  SMTP_URL: 'smtps://user:pw@mail.example.com',
};

function configOf(env: Environment): Config {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  return loaded.config;
}

function faultsOf(env: Environment): string[] {
  const loaded = loadConfig(env);
  return loaded.ok ? [] : loaded.faults;
}

describe('the configuration', () => {
  it('is complete without any variable', () => {
    expect(configOf({})).toMatchObject({
      issuer: 'http://localhost:3000',
      issuerHost: 'localhost:3000',
      production: false,
      secure: false,
      port: 3000,
      host: '127.0.0.1',
      metricsPort: 9000,
      trustProxy: { hops: 0 },
      internalHosts: [],
      outboundAllow: [],
      logLevel: 'info',
    });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(configOf({}))).toBe(true);
  });

  it('takes the port of the default issuer from PORT, and only then', () => {
    expect(configOf({ PORT: '4000' }).issuer).toBe('http://localhost:4000');
    expect(configOf({ PORT: '4000', ISSUER_URL: 'http://localhost:3000' }).issuer).toBe(
      'http://localhost:3000',
    );
  });

  it('treats an empty variable as not set', () => {
    expect(configOf({ PORT: '', DATABASE_URL: '', DATABASE_URL_FILE: '' }).port).toBe(3000);
  });

  it.each([
    ['http://localhost:3000', false],
    ['http://127.0.0.1:3000', false],
    ['http://127.8.8.8', false],
    ['http://[::1]:3000', false],
    ['https://localhost', false],
  ])('calls %s development', (issuer, production) => {
    expect(configOf({ ISSUER_URL: issuer }).production).toBe(production);
  });

  it('calls everything else production', () => {
    const config = configOf(PRODUCTION);
    expect(config).toMatchObject({
      production: true,
      secure: true,
      mailFrom: 'Gatehouse <no-reply@id.example.com>',
    });
  });

  it('normalizes the issuer to an origin', () => {
    expect(configOf({ ...PRODUCTION, ISSUER_URL: 'https://ID.Example.com:443/' }).issuer).toBe(
      'https://id.example.com',
    );
  });

  it('keeps the first encryption key as the current one', () => {
    const second = Buffer.from(KEY, 'base64url').reverse().toString('base64url');
    const config = configOf({ ENCRYPTION_KEYS: `new:${second}, old:${KEY}` });
    expect(config.encryptionKeys?.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(config.encryptionKeys?.[1]?.key).toEqual(Buffer.from(KEY, 'base64url'));
  });

  it.each([
    ['2', { hops: 2 }],
    ['10.0.0.0/8, 2001:db8::/32,192.168.1.7', { networks: ['10.0.0.0/8', '2001:db8::/32', '192.168.1.7'] }],
  ])('reads TRUST_PROXY %s', (raw, expected) => {
    expect(configOf({ TRUST_PROXY: raw }).trustProxy).toEqual(expected);
  });

  it('reads OUTBOUND_ALLOW as origins', () => {
    expect(
      configOf({ OUTBOUND_ALLOW: 'HTTPS://Keys.Internal:443, http://[::1]:4321/' }).outboundAllow,
    ).toEqual(['https://keys.internal', 'http://[::1]:4321']);
  });

  it('reads INTERNAL_HOSTS in small letters', () => {
    expect(configOf({ INTERNAL_HOSTS: 'Gate.internal:3000, [::1]:4000' }).internalHosts).toEqual([
      'gate.internal:3000',
      '[::1]:4000',
    ]);
  });
});

describe('secrets in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
  const file = join(folder, 'url');
  const url = 'postgresql://app:pw@localhost/gatehouse';

  it('are read without the line end', () => {
    writeFileSync(file, `${url}\n`);
    expect(configOf({ DATABASE_URL_FILE: file }).databaseUrl).toBe(url);
  });

  it('may not be given twice', () => {
    expect(faultsOf({ DATABASE_URL: url, DATABASE_URL_FILE: file })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them.',
    ]);
  });

  it('must exist and hold something', () => {
    writeFileSync(join(folder, 'empty'), '\n');
    expect(
      faultsOf({ DATABASE_URL_FILE: join(folder, 'none'), SMTP_URL_FILE: join(folder, 'empty') }),
    ).toEqual([
      'DATABASE_URL_FILE names a file that cannot be read (ENOENT).',
      'SMTP_URL_FILE names an empty file.',
    ]);
    rmSync(folder, { recursive: true });
  });

  it('are for secrets alone', () => {
    expect(configOf({ PORT_FILE: '/nowhere' }).port).toBe(3000);
  });
});

describe('faults', () => {
  it.each<[string, Environment, RegExp]>([
    [
      'a path in the issuer',
      { ISSUER_URL: 'http://localhost:3000/auth' },
      /^ISSUER_URL must be an origin alone/,
    ],
    [
      'a query in the issuer',
      { ISSUER_URL: 'http://localhost:3000/?' },
      /^ISSUER_URL must be an origin alone/,
    ],
    [
      'a user in the issuer',
      { ISSUER_URL: 'http://a@localhost:3000' },
      /^ISSUER_URL must be an origin alone/,
    ],
    ['another scheme', { ISSUER_URL: 'ftp://localhost' }, /^ISSUER_URL must be an address/],
    [
      'an open issuer without TLS',
      { ...PRODUCTION, ISSUER_URL: 'http://id.example.com' },
      /must start with https/,
    ],
    [
      'a name that only looks like loopback',
      { ISSUER_URL: 'http://localhost.example.com' },
      /must start with https/,
    ],
    ['a port in words', { PORT: 'http' }, /^PORT must be a port number/],
    ['a port too high', { PORT: '65536' }, /^PORT must be a port number/],
    ['a negative port', { METRICS_PORT: '-1' }, /^METRICS_PORT must be a port number/],
    ['one port for two', { PORT: '3000', METRICS_PORT: '3000' }, /^METRICS_PORT must differ from PORT/],
    ['a chosen port without issuer', { PORT: '0' }, /^PORT 0 lets the system choose/],
    ['a strange host', { HOST: 'a b' }, /^HOST must be an IP address/],
    ['another database', { DATABASE_URL: 'mysql://localhost/x' }, /^DATABASE_URL must be an address/],
    ['no database name', { DATABASE_URL: 'postgresql://localhost' }, /^DATABASE_URL must name a database/],
    ['an owner alone', { DIRECT_DATABASE_URL: 'postgresql://localhost/x' }, /without DATABASE_URL/],
    ['a short key', { ENCRYPTION_KEYS: 'a:c2hvcnQ' }, /^ENCRYPTION_KEYS must be a list/],
    ['a key without id', { ENCRYPTION_KEYS: KEY }, /^ENCRYPTION_KEYS must be a list/],
    ['a key of zeros', { ENCRYPTION_KEYS: `a:${'A'.repeat(43)}` }, /not random/],
    ['an id used twice', { ENCRYPTION_KEYS: `a:${KEY},a:${KEY}` }, /one id for two keys/],
    ['a key used twice', { ENCRYPTION_KEYS: `a:${KEY},b:${KEY}` }, /the same key twice/],
    ['a mail address for a server', { SMTP_URL: 'mail.example.com' }, /^SMTP_URL must be an address/],
    [
      'options of the mail library',
      { SMTP_URL: 'smtps://m.example.com?tls.rejectUnauthorized=false' },
      /no other option/,
    ],
    ['no sender', { MAIL_FROM: 'Example' }, /^MAIL_FROM must be an address/],
    ['a line break in the sender', { MAIL_FROM: 'A <a@b.c>\r\nBcc: x@y.z' }, /^MAIL_FROM must be an address/],
    ['all proxies', { TRUST_PROXY: 'true' }, /^TRUST_PROXY must be/],
    ['a broken network', { TRUST_PROXY: '10.0.0.0/33' }, /^TRUST_PROXY must be/],
    ['an address with a path', { INTERNAL_HOSTS: 'http://gate' }, /^INTERNAL_HOSTS must be/],
    [
      'an allowed path',
      { OUTBOUND_ALLOW: 'https://a.example/jwks' },
      /^OUTBOUND_ALLOW must be a list of origins/,
    ],
    [
      'an allowed pattern',
      { OUTBOUND_ALLOW: 'https://*.example' },
      /^OUTBOUND_ALLOW must be a list of origins/,
    ],
    ['an unknown level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of fatal/],
    [
      'a remote database without TLS',
      { ...PRODUCTION, DATABASE_URL: 'postgresql://db.example.com/g' },
      /without verified TLS/,
    ],
    [
      'a remote database with unverified TLS',
      { ...PRODUCTION, DATABASE_URL: 'postgresql://db.example.com/g?sslmode=require' },
      /without verified TLS/,
    ],
    [
      'TLS turned off again',
      { ...PRODUCTION, DATABASE_URL: 'postgresql://db.example.com/g?sslmode=verify-full&sslmode=disable' },
      /without verified TLS/,
    ],
    [
      'a remote host in the query',
      { ...PRODUCTION, DATABASE_URL: 'postgresql://localhost/g?host=db.example.com' },
      /without verified TLS/,
    ],
    [
      'a remote owner without TLS',
      { ...PRODUCTION, DIRECT_DATABASE_URL: 'postgresql://db.example.com/g' },
      /^DIRECT_DATABASE_URL names a remote/,
    ],
    [
      'remote mail without TLS',
      { ...PRODUCTION, SMTP_URL: 'smtp://mail.example.com:587' },
      /^SMTP_URL names a remote mail server/,
    ],
  ])('%s', (_, env, sentence) => {
    expect(faultsOf(env)).toContainEqual(expect.stringMatching(sentence));
  });

  it.each<[string, Environment]>([
    ['a local database', { ...PRODUCTION, DATABASE_URL: 'postgresql://localhost/g' }],
    ['a socket', { ...PRODUCTION, DATABASE_URL: 'postgresql://u:p@localhost/g?host=/run/postgresql' }],
    ['an encoded socket', { ...PRODUCTION, DATABASE_URL: 'postgresql://%2Frun%2Fpostgresql/g' }],
    ['STARTTLS as a must', { ...PRODUCTION, SMTP_URL: 'smtp://mail.example.com:587?requireTLS=true' }],
    ['a local mail server', { ...PRODUCTION, SMTP_URL: 'smtp://127.0.0.1:25' }],
    ['a remote database in development', { DATABASE_URL: 'postgresql://db.example.com/g' }],
  ])('none for %s', (_, env) => {
    expect(faultsOf(env)).toEqual([]);
  });

  it('are all reported at once, the missing ones of production too', () => {
    expect(faultsOf({ ISSUER_URL: 'https://id.example.com', PORT: 'x', LOG_LEVEL: 'y' })).toEqual([
      'PORT must be a port number from 0 to 65535.',
      expect.stringMatching(/^LOG_LEVEL must be one of/),
      expect.stringMatching(/^DATABASE_URL is needed in production/),
      expect.stringMatching(/^ENCRYPTION_KEYS is needed in production/),
      expect.stringMatching(/^SMTP_URL is needed in production/),
    ]);
  });

  it('never repeat a secret', () => {
    const faults = faultsOf({
      ISSUER_URL: 'https://id.example.com',
      DATABASE_URL: 'postgresql://app:CANARY@db.example.com/g',
      ENCRYPTION_KEYS: 'a:CANARY',
      SMTP_URL: 'smtp://u:CANARY@mail.example.com',
      DIRECT_DATABASE_URL: 'CANARY',
    });
    expect(faults).toHaveLength(4);
    expect(faults.join()).not.toContain('CANARY');
  });
});
