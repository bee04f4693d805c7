import type { Command } from 'commander';
import { notesOf, SCHEMA, type VariableName } from '../config.ts';
import type { CliContext } from './context.ts';

export function registerConfig(program: Command, cli: CliContext): void {
  const group = program.command('config').description('checks and shows the configuration');
  group
    .command('check')
    .description('reads every variable and reports all faults at once')
    .action(() => {
      const { production, issuer } = cli.config();
      const mode = production ? 'production' : 'development';
      cli.answer({ ok: true, mode, issuer }, `The configuration is complete (${mode}, ${issuer}).`);
    });
  group
    .command('print')
    .description('shows every variable as it is understood, secrets masked')
    .action(() => {
      const settings = shownSettings(cli);
      cli.answer(settings, ...Object.entries(settings).map(([name, value]) => `${name}=${value ?? ''}`));
    });
}

/** What each variable amounts to; of a secret only whether it is set. */
function shownSettings(cli: CliContext): Record<VariableName, string | null> {
  const config = cli.config();
  const values: Record<VariableName, string | undefined> = {
    ISSUER_URL: config.issuer,
    PORT: String(config.port),
    HOST: config.host,
    METRICS_PORT: String(config.metricsPort),
    DATA_DIR: config.dataDir,
    DATABASE_URL: config.databaseUrl,
    DIRECT_DATABASE_URL: config.directDatabaseUrl,
    ENCRYPTION_KEYS: config.encryptionKeys?.map(({ id }) => id).join(','),
    SMTP_URL: config.smtpUrl,
    MAIL_FROM: config.mailFrom,
    TRUST_PROXY:
      'hops' in config.trustProxy ? String(config.trustProxy.hops) : config.trustProxy.networks.join(','),
    INTERNAL_HOSTS: config.internalHosts.join(',') || undefined,
    OUTBOUND_ALLOW: config.outboundAllow.join(',') || undefined,
    LOG_LEVEL: config.logLevel,
  };
  const shown = (Object.keys(SCHEMA.shape) as VariableName[]).map((name) => {
    const value = values[name] ?? null;
    return [name, value !== null && notesOf(name).secret ? '********' : value];
  });
  return Object.fromEntries(shown);
}
