import { type Command, Option } from 'commander';
import {
  createSecret,
  endSecret,
  listSecrets,
  type SecretView,
} from '../developers/clients/credentials/secrets.ts';
import { OVERLAPS, type Overlap, rotateSecret } from '../developers/clients/credentials/secret-rotation.ts';
import { findHolder } from '../developers/clients/credentials/credential-holders.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { wholeNumber } from './input.ts';
import { aligned, shownOnce, table } from './output.ts';

/** How an operator writes the overlaps. */
const WRITTEN: Readonly<Record<string, Overlap>> = {
  '0': 'none',
  '1h': 'hour',
  '24h': 'day',
  '7d': 'week',
  '30d': 'month',
};

export function registerClientSecret(client: Command, cli: CliContext): void {
  registerRotation(client, cli);
  const group = client.command('secret').description('the secrets of an app or API');
  group
    .command('list')
    .description('lists live secrets and those that ended last, never the secrets themselves')
    .requiredOption('--client <client_id>', 'the app or API')
    .action(({ client: id }: { client: string }) => listFrom(id, cli));
  group
    .command('issue')
    .description('makes one more secret and prints it')
    .requiredOption('--client <client_id>', 'the app or API')
    .requiredOption('--label <text>', 'what it is for, at most 40 characters')
    .option('--days <number>', 'ends it after so many days; without it, it has no end', wholeNumber(1, 730))
    .action((options: IssueOptions) => issueFrom(options, cli));
  group
    .command('end')
    .description('ends one secret at once')
    .requiredOption('--client <client_id>', 'the app or API')
    .requiredOption('--secret <id>', 'as client secret list shows it')
    .action((options: EndOptions) => endFrom(options, cli));
}

function registerRotation(client: Command, cli: CliContext): void {
  client
    .command('rotate-secret')
    .description('replaces the secrets of an app or API and prints a new one')
    .requiredOption('--client <client_id>', 'the app or API')
    .option('--secret <id>', 'only this one')
    .addOption(
      new Option('--overlap <time>', 'how long the old ones go on working')
        .choices(Object.keys(WRITTEN))
        .default('0'),
    )
    .option('--end-when-silent', 'ends the old ones sooner, once unused for a day while the new one is used')
    .action((options: RotateOptions) => rotateFrom(options, cli));
}

interface RotateOptions {
  client: string;
  secret?: string;
  overlap: string;
  endWhenSilent?: boolean;
}

async function rotateFrom(
  { client, secret, overlap: written, endWhenSilent = false }: RotateOptions,
  cli: CliContext,
): Promise<void> {
  const overlap = WRITTEN[written] ?? 'none';
  const wish = { holderId: client, secretId: secret, overlap, endsWhenSilent: endWhenSilent };
  const { issued, oldUntil } = await carryOut(cli, rotateSecret, wish);
  const until = oldUntil.toISOString();
  cli.answer(
    { client_id: client, client_secret: issued.secret, old_until: until },
    OVERLAPS[overlap] === 0 ? 'The old secret no longer works.' : `The old secret works until ${until}.`,
    ...aligned([
      ['Client ID', client],
      ['Client secret', shownOnce(issued.secret)],
    ]),
    'Next: configure the new secret wherever this client ID is used.',
  );
}

async function listFrom(clientId: string, cli: CliContext): Promise<void> {
  const { live, ended } = await cli.withPlatform(async (platform) => {
    if (!(await findHolder(platform, clientId))) throw new CommandFault('No app or API has this client ID.');
    return listSecrets(platform, clientId);
  });
  const rows = [...live.map((one) => rowOf(one, 'live')), ...ended.map((one) => rowOf(one, 'ended'))];
  cli.answer(
    { client_id: clientId, secrets: [...live, ...ended].map(secretObject) },
    ...(rows.length === 0
      ? ['There are no secrets.']
      : table(['ID', 'STATE', 'BEGINS', 'LAST USED', 'ENDS', 'LABEL'], rows)),
  );
}

function rowOf(secret: SecretView, state: 'live' | 'ended'): string[] {
  return [
    secret.id,
    state === 'live' && secret.replacedAt ? 'replaced' : state,
    secret.beginning,
    secret.lastUsedAt?.toISOString() ?? '-',
    secret.expiresAt?.toISOString() ?? '-',
    secret.label || '-',
  ];
}

function secretObject(secret: SecretView): object {
  return {
    id: secret.id,
    label: secret.label,
    hint: secret.hint,
    created_at: secret.createdAt.toISOString(),
    expires_at: secret.expiresAt?.toISOString() ?? null,
    replaced_at: secret.replacedAt?.toISOString() ?? null,
    last_used_at: secret.lastUsedAt?.toISOString() ?? null,
    last_used_from: secret.lastUsedFrom,
  };
}

interface IssueOptions {
  client: string;
  label: string;
  days?: number;
}

async function issueFrom({ client, label, days }: IssueOptions, cli: CliContext): Promise<void> {
  const wish = { holderId: client, label, days: days ?? null };
  const { issued, expiresAt } = await carryOut(cli, createSecret, wish);
  const end = expiresAt?.toISOString() ?? null;
  cli.answer(
    { client_id: client, client_secret: issued.secret, expires_at: end },
    'Secrets made before go on working.',
    ...aligned([
      ['Client ID', client],
      ['Client secret', shownOnce(issued.secret)],
      ['Ends', end ?? 'never'],
    ]),
  );
}

interface EndOptions {
  client: string;
  secret: string;
}

async function endFrom({ client, secret }: EndOptions, cli: CliContext): Promise<void> {
  await carryOut(cli, endSecret, { holderId: client, secretId: secret });
  cli.answer(
    { client_id: client, secret, ended: true },
    `The secret ${secret} of ${client} no longer works.`,
  );
}
