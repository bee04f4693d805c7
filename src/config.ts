import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import * as values from './config-values.ts';

/** The configuration of one process: complete, checked and frozen. */
export interface Config {
  /** Who this installation is: an origin without trailing slash, such as `https://id.example.com`. */
  readonly issuer: string;
  /** `host[:port]` of the issuer, as a browser sends it in Host. */
  readonly issuerHost: string;
  /** Decided by the issuer alone: every issuer that is not a loopback address is production. */
  readonly production: boolean;
  /** Whether the issuer is https, and with it every cookie Secure. */
  readonly secure: boolean;
  readonly port: number;
  readonly host: string;
  readonly metricsPort: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly directDatabaseUrl?: string;
  readonly encryptionKeys?: readonly { readonly id: string; readonly key: Buffer }[];
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  readonly trustProxy: TrustProxy;
  readonly internalHosts: readonly string[];
  /** Origins that guarded fetches may reach although they are not public https. */
  readonly outboundAllow: readonly string[];
  readonly logLevel: LogLevel;
}

export type TrustProxy = { readonly hops: number } | { readonly networks: readonly string[] };
export type LogLevel = (typeof values.LOG_LEVELS)[number];
export type LoadedConfig = { ok: true; config: Config } | { ok: false; faults: string[] };
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `.env.example` and the reference page say of a variable besides its description. */
export interface VariableNotes {
  readonly description: string;
  readonly default?: string;
  readonly example: string;
  readonly secret?: true;
  readonly neededInProduction?: true;
}

const DEFAULT_PORT = 3000;
const DEFAULT_METRICS_PORT = 9000;

const described = <T extends z.ZodType>(type: T, notes: VariableNotes) => type.optional().meta({ ...notes });

/** Every variable there is. The reference page and `.env.example` are written from this schema. */
export const SCHEMA = z.object({
  ISSUER_URL: described(values.issuer, {
    description:
      'Who this server is: the address people and apps use, without a path. A loopback address (localhost, 127.0.0.1, [::1]) means development; everything else is production and must be https. Choose its host once: passkeys are bound to it, and another host makes them all useless.',
    default: 'http://localhost:$PORT',
    example: 'https://id.example.com',
    neededInProduction: true,
  }),
  PORT: described(values.port, {
    description: 'Where this process listens. It says nothing about who the server is: that is ISSUER_URL.',
    default: String(DEFAULT_PORT),
    example: String(DEFAULT_PORT),
  }),
  HOST: described(values.listenHost, {
    description: 'The address this process listens on. Use 0.0.0.0 or :: inside a container.',
    default: '127.0.0.1',
    example: '127.0.0.1',
  }),
  METRICS_PORT: described(values.port, {
    description: 'Where /healthz, /readyz and /metrics are served, on HOST. Keep it away from the public.',
    default: String(DEFAULT_METRICS_PORT),
    example: String(DEFAULT_METRICS_PORT),
  }),
  DATA_DIR: described(z.string(), {
    description:
      'Where the embedded database and, in development, the encryption key are kept. Made if missing, readable by its owner only.',
    default: './data',
    example: './data',
  }),
  DATABASE_URL: described(values.databaseUrl, {
    description:
      'PostgreSQL 14 or later, as a role that need not own the tables. Without it the server runs its own private PostgreSQL in DATA_DIR. In production a remote server needs sslmode=verify-full.',
    example: 'postgresql://gatehouse_app:password@db.example.com/gatehouse?sslmode=verify-full',
    secret: true,
    neededInProduction: true,
  }),
  DIRECT_DATABASE_URL: described(values.databaseUrl, {
    description:
      'The same database as the role that owns the tables, without a connection pooler in between. Migrations run as this role, and only with two roles are audit entries protected from the server itself.',
    example: 'postgresql://gatehouse_owner:password@db.example.com/gatehouse?sslmode=verify-full',
    secret: true,
  }),
  ENCRYPTION_KEYS: described(values.encryptionKeys, {
    description:
      'Keys that seal secrets at rest, as id:key separated by commas; a key is 32 random bytes in base64url, such as node makes with: crypto.randomBytes(32).toString("base64url"). The first seals, all of them open: put a new key in front and keep the old ones. In development a key is made in DATA_DIR.',
    example: '2026-11:Zx0J…43 characters…w3s',
    secret: true,
    neededInProduction: true,
  }),
  SMTP_URL: described(values.smtpUrl, {
    description:
      'The mail server. Use smtps://, or smtp:// with requireTLS=true for STARTTLS; certificates are always verified. In development without it, letters are shown at /mailbox.',
    example: 'smtps://user:password@mail.example.com',
    secret: true,
    neededInProduction: true,
  }),
  MAIL_FROM: described(values.mailFrom, {
    description: 'The sender of every letter.',
    default: 'Gatehouse <no-reply@host of ISSUER_URL>',
    example: 'Example sign-in <no-reply@example.com>',
  }),
  TRUST_PROXY: described(values.trustProxy, {
    description:
      'Which proxies may say who the visitor is (X-Forwarded-For): how many stand in front of this server, or their networks separated by commas. By default none is believed.',
    default: '0',
    example: '10.0.0.0/8,192.168.1.7',
  }),
  INTERNAL_HOSTS: described(values.internalHosts, {
    description:
      'Other names, host or host:port separated by commas, under which your own services may call the token, introspection, revocation and key endpoints, and gateways the check; for Envoy also the names of the APIs. Every other Host than the one of ISSUER_URL is refused.',
    example: 'gatehouse.internal:3000',
  }),
  OUTBOUND_ALLOW: described(values.origins, {
    description:
      'Exact origins, separated by commas, that may be fetched from although they are not https on the public internet: key sets, logos and logout addresses of your own apps inside your network. Everything else is fetched from public addresses over https alone.',
    example: 'https://keys.apps.internal:8443,http://localhost:4321',
  }),
  LOG_LEVEL: described(
    z.enum(values.LOG_LEVELS, { error: `must be one of ${values.LOG_LEVELS.join(', ')}` }),
    {
      description: `How much is logged: ${values.LOG_LEVELS.join(', ')}.`,
      default: 'info',
      example: 'info',
    },
  ),
});

export type VariableName = keyof typeof SCHEMA.shape;
type Settings = Partial<z.infer<typeof SCHEMA>>;

/** Reads and checks everything at once. Faults are sentences that name the variable and never a secret value. */
export function loadConfig(env: Environment = process.env): LoadedConfig {
  const settings: Settings = {};
  const faulty = new Map<VariableName, string>();
  for (const name of Object.keys(SCHEMA.shape) as VariableName[]) {
    const raw = rawValue(name, env);
    const parsed = 'fault' in raw ? raw : parseVariable(name, raw.value);
    if ('fault' in parsed) faulty.set(name, parsed.fault);
    else Object.assign(settings, { [name]: parsed.value });
  }
  const faults = [...faulty.values(), ...contradictions(settings, (name) => !faulty.has(name))];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config: configOf(settings) };
}

/** What the schema says of one variable in words. */
export function notesOf(name: VariableName): VariableNotes {
  return SCHEMA.shape[name].meta() as unknown as VariableNotes;
}

/** The value as given, or read from NAME_FILE for a secret. An empty variable counts as not set. */
function rawValue(name: VariableName, env: Environment): { value: string | undefined } | { fault: string } {
  const value = env[name] || undefined;
  const file = notesOf(name).secret ? env[`${name}_FILE`] || undefined : undefined;
  if (file === undefined) return { value };
  if (value !== undefined) return { fault: `${name} and ${name}_FILE are both set; keep one of them.` };
  try {
    const content = readFileSync(file, 'utf8').trim();
    return content ? { value: content } : { fault: `${name}_FILE names an empty file.` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { fault: `${name}_FILE names a file that cannot be read (${code}).` };
  }
}

function parseVariable(name: VariableName, raw: string | undefined): { value: unknown } | { fault: string } {
  const parsed = SCHEMA.shape[name].safeParse(raw);
  return parsed.success
    ? { value: parsed.data }
    : { fault: `${name} ${parsed.error.issues.map((issue) => issue.message).join(' and ')}.` };
}

/** Faults between variables. `known` is false for a variable that was already found faulty. */
function contradictions(settings: Settings, known: (name: VariableName) => boolean): string[] {
  const faults: string[] = [];
  const port = settings.PORT ?? DEFAULT_PORT;
  const metricsPort = settings.METRICS_PORT ?? DEFAULT_METRICS_PORT;
  if (known('PORT') && known('METRICS_PORT') && port === metricsPort && port !== 0)
    faults.push('METRICS_PORT must differ from PORT.');
  if (known('PORT') && known('ISSUER_URL') && port === 0 && !settings.ISSUER_URL)
    faults.push('PORT 0 lets the system choose a port; set ISSUER_URL too.');
  if (known('DATABASE_URL') && settings.DIRECT_DATABASE_URL && !settings.DATABASE_URL)
    faults.push('DIRECT_DATABASE_URL is set without DATABASE_URL; set both or neither.');
  if (settings.ISSUER_URL && !values.isLoopback(settings.ISSUER_URL))
    faults.push(...productionFaults(settings, known));
  return faults;
}

function productionFaults(settings: Settings, known: (name: VariableName) => boolean): string[] {
  const faults: string[] = [];
  if (settings.ISSUER_URL?.protocol !== 'https:')
    faults.push('ISSUER_URL must start with https://, because it is not a loopback address.');
  for (const name of Object.keys(SCHEMA.shape) as VariableName[]) {
    if (notesOf(name).neededInProduction && known(name) && settings[name] === undefined)
      faults.push(`${name} is needed in production (ISSUER_URL is not a loopback address).`);
  }
  for (const name of ['DATABASE_URL', 'DIRECT_DATABASE_URL'] as const) {
    if (settings[name] && !values.databaseIsSafe(settings[name]))
      faults.push(
        `${name} names a remote database without verified TLS; add sslmode=verify-full (and sslrootcert=<file> for a private authority).`,
      );
  }
  if (settings.SMTP_URL && !values.mailServerIsSafe(settings.SMTP_URL))
    faults.push(
      'SMTP_URL names a remote mail server without verified TLS; use smtps://, or add requireTLS=true for STARTTLS.',
    );
  return faults;
}

function configOf(settings: Settings): Config {
  const port = settings.PORT ?? DEFAULT_PORT;
  const issuer = settings.ISSUER_URL ?? new URL(`http://localhost:${port}`);
  return Object.freeze({
    issuer: issuer.origin,
    issuerHost: issuer.host,
    production: !values.isLoopback(issuer),
    secure: issuer.protocol === 'https:',
    port,
    host: settings.HOST ?? '127.0.0.1',
    metricsPort: settings.METRICS_PORT ?? DEFAULT_METRICS_PORT,
    dataDir: resolve(settings.DATA_DIR ?? './data'),
    databaseUrl: settings.DATABASE_URL,
    directDatabaseUrl: settings.DIRECT_DATABASE_URL,
    encryptionKeys: settings.ENCRYPTION_KEYS,
    smtpUrl: settings.SMTP_URL,
    mailFrom: settings.MAIL_FROM ?? `Gatehouse <no-reply@${issuer.hostname}>`,
    trustProxy: settings.TRUST_PROXY ?? { hops: 0 },
    internalHosts: settings.INTERNAL_HOSTS ?? [],
    outboundAllow: settings.OUTBOUND_ALLOW ?? [],
    logLevel: settings.LOG_LEVEL ?? 'info',
  });
}
