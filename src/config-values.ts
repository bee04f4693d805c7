import { isIP } from 'node:net';
import { z } from 'zod';

/** The kinds of values a variable may have. Messages complete the sentence "NAME …" and never repeat a secret. */

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const HOST_NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

class Fault {
  readonly sentence: string;
  constructor(sentence: string) {
    this.sentence = sentence;
  }
}

function fault(sentence: string): Fault {
  return new Fault(sentence);
}

/** A zod type that reads one trimmed string into a value, or says what is wrong with it. */
function reading<T>(read: (raw: string) => T | Fault) {
  return z.string().transform((raw, context): T => {
    const outcome = read(raw.trim());
    if (!(outcome instanceof Fault)) return outcome;
    context.addIssue({ code: 'custom', message: outcome.sentence });
    return z.NEVER;
  });
}

export const port = reading((raw) => {
  const number = Number(raw);
  return /^\d{1,5}$/.test(raw) && number <= 65_535 ? number : fault('must be a port number from 0 to 65535');
});

export const listenHost = reading((raw) =>
  isIP(raw) || HOST_NAME.test(raw) ? raw : fault('must be an IP address or a host name'),
);

export const issuer = reading((raw) => {
  const url = URL.parse(raw);
  if (!url || !/^https?:\/\//i.test(raw)) return fault('must be an address such as https://id.example.com');
  const bare = url.pathname === '/' && !/[?#@\\\s]/.test(raw);
  return bare ? url : fault('must be an origin alone: no path, query, fragment or user name');
});

export const databaseUrl = reading((raw) => {
  const url = URL.parse(raw);
  if (!url || !/^postgres(?:ql)?:\/\//.test(raw))
    return fault('must be an address such as postgresql://user:password@host/database');
  return url.pathname.length > 1 ? raw : fault('must name a database after the host, such as …/gatehouse');
});

export const smtpUrl = reading((raw) => {
  const url = URL.parse(raw);
  if (!url || !/^smtps?:\/\/[^/]/.test(raw))
    return fault('must be an address such as smtps://user:password@mail.example.com');
  const options = [...url.searchParams].map(([name, value]) => `${name}=${value}`);
  return options.every((option) => option === 'requireTLS=true')
    ? raw
    : fault('may have no other option than requireTLS=true');
});

export const mailFrom = reading((raw) =>
  /^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(raw)
    ? raw
    : fault('must be an address such as Example <no-reply@example.com>'),
);

export const encryptionKeys = reading((raw) => {
  const keys = list(raw).map((entry) => {
    const [, id, key] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{43})=?$/.exec(entry) ?? [];
    return { id: id ?? '', key: Buffer.from(key ?? '', 'base64url') };
  });
  if (keys.length === 0 || keys.some(({ key }) => key.length !== 32))
    return fault('must be a list of id:key, each key 32 bytes in base64url (43 characters)');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) return fault('uses one id for two keys');
  if (new Set(keys.map(({ key }) => key.toString('hex'))).size < keys.length)
    return fault('holds the same key twice');
  // 32 random bytes hold about 30 different values; fewer than 16 never happens by chance.
  if (keys.some(({ key }) => new Set(key).size < 16))
    return fault('holds a key that is not random; each must be 32 bytes from a random source');
  return keys;
});

export const trustProxy = reading((raw): { hops: number } | { networks: string[] } | Fault => {
  if (/^\d$/.test(raw)) return { hops: Number(raw) };
  const networks = list(raw);
  return networks.length > 0 && networks.every(isNetwork)
    ? { networks }
    : fault('must be a number of proxies from 0 to 9, or networks such as 10.0.0.0/8');
});

export const internalHosts = reading((raw) => {
  const hosts = list(raw).map((host) => host.toLowerCase());
  return hosts.every(isHostAndPort) ? hosts : fault('must be a list of host or host:port');
});

export const origins = reading((raw) => {
  const urls = list(raw).map((entry) => ({ entry, url: URL.parse(entry) }));
  const plain = urls.every(
    ({ entry, url }) =>
      url && /^https?:\/\//i.test(entry) && url.pathname === '/' && !/[?#@*\\\s]/.test(entry),
  );
  return plain
    ? urls.map(({ url }) => (url as URL).origin)
    : fault('must be a list of origins such as https://keys.internal:8443, without paths or wildcards');
});

/** Whether an issuer is a loopback address, which makes the installation a development one. */
export function isLoopback(url: URL): boolean {
  return isLoopbackHost(url.hostname);
}

/** Whether the connection stays on this machine, or is encrypted and the server's name verified. */
export function databaseIsSafe(raw: string): boolean {
  const url = new URL(raw);
  const hosts = url.searchParams.has('host')
    ? url.searchParams.getAll('host')
    : [decodeURIComponent(url.hostname)];
  if (hosts.every((host) => host === '' || host.startsWith('/') || isLoopbackHost(host))) return true;
  const modes = url.searchParams.getAll('sslmode');
  return modes.length > 0 && modes.every((mode) => mode === 'verify-full');
}

/** Whether letters stay on this machine or travel encrypted to a verified server. */
export function mailServerIsSafe(raw: string): boolean {
  const url = new URL(raw);
  return (
    url.protocol === 'smtps:' || isLoopbackHost(url.hostname) || url.searchParams.get('requireTLS') === 'true'
  );
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

function isNetwork(entry: string): boolean {
  const [address = '', prefix = '', ...rest] = entry.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || rest.length > 0) return false;
  return !entry.includes('/') || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

function isHostAndPort(entry: string): boolean {
  const [, host = '', portPart] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return (isIP(bare) > 0 || HOST_NAME.test(host)) && Number(portPart ?? 1) <= 65_535;
}

function list(raw: string): string[] {
  return raw
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
