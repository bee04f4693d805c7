import type { Command } from 'commander';
import { addReportKey, endReportKey, liveReportKeys } from '../developers/apis/reports/report-keys.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { apiClientId, apiNamed } from './named-api.ts';
import { table } from './output.ts';

export function registerReportKey(api: Command, cli: CliContext): void {
  const group = api.command('report-key').description('the keys with which an API signs reports of misuse');
  group
    .command('list')
    .description('lists live keys')
    .requiredOption('--api <identifier>', 'the API')
    .action((options: { api: string }) => listFrom(options, cli));
  group
    .command('add')
    .description('registers a public key')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--label <text>', 'what it is for, at most 40 characters')
    .requiredOption('--key <jwk or pem>', 'a public key as JSON Web Key or in PEM')
    .action((options: AddOptions) => addFrom(options, cli));
  group
    .command('end')
    .description('ends one key at once')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--key <id>', 'as api report-key list shows it')
    .action((options: { api: string; key: string }) => endFrom(options, cli));
}

async function listFrom({ api: identifier }: { api: string }, cli: CliContext): Promise<void> {
  const keys = await cli.withPlatform(async (platform) => {
    const api = await apiNamed(platform, identifier);
    return liveReportKeys(platform, api.id);
  });
  const objects = keys.map(({ id, kid, label, thumbprint, createdAt, lastUsedAt }) => ({
    ...{ id, kid, label, thumbprint },
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }));
  const rows = objects.map((key) => [key.id, key.kid, key.last_used_at ?? '-', key.label || '-']);
  cli.answer(
    { api: identifier, keys: objects },
    ...(rows.length === 0 ? ['There are no keys.'] : table(['ID', 'KID', 'LAST USED', 'LABEL'], rows)),
  );
}

interface AddOptions {
  api: string;
  label: string;
  key: string;
}

async function addFrom({ api: identifier, label, key }: AddOptions, cli: CliContext): Promise<void> {
  const holderId = await apiClientId(cli, identifier);
  const { added } = await carryOut(cli, addReportKey, { holderId, label, keys: key });
  const objects = added.map(({ kid, thumbprint }) => ({ kid, thumbprint }));
  cli.answer(
    { api: identifier, added: objects },
    ...added.map(({ kid }) => `${identifier} may sign reports with the key ${kid}.`),
  );
}

async function endFrom(
  { api: identifier, key }: { api: string; key: string },
  cli: CliContext,
): Promise<void> {
  await carryOut(cli, endReportKey, { holderId: await apiClientId(cli, identifier), keyId: key });
  cli.answer(
    { api: identifier, key, ended: true },
    `Reports that are signed with the key ${key} no longer count.`,
  );
}
