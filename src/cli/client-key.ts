import { type Command, Option } from 'commander';
import { changeAuthMethod, SERVER_METHODS } from '../developers/clients/credentials/auth-method.ts';
import { findHolder } from '../developers/clients/credentials/credential-holders.ts';
import { addKeys, endKey, liveKeys } from '../developers/clients/credentials/keys.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { aligned, table } from './output.ts';

export function registerClientKey(client: Command, cli: CliContext): void {
  client
    .command('auth-method')
    .description('changes how an app proves itself; what it used before stays, and is refused')
    .requiredOption('--client <client_id>', 'the app')
    .addOption(new Option('--method <method>', 'one at a time').choices(SERVER_METHODS).makeOptionMandatory())
    .action((options: MethodOptions) => changeMethodFrom(options, cli));
  const group = client.command('key').description('the public keys of an app (private_key_jwt)');
  group
    .command('list')
    .description('lists live keys')
    .requiredOption('--client <client_id>', 'the app')
    .action(({ client: id }: { client: string }) => listFrom(id, cli));
  group
    .command('add')
    .description('registers a public key')
    .requiredOption('--client <client_id>', 'the app')
    .requiredOption('--label <text>', 'what it is for, at most 40 characters')
    .requiredOption('--jwk <json>', 'a public key as JSON Web Key, or a set of at most two')
    .action((options: AddOptions) => addFrom(options, cli));
  group
    .command('end')
    .description('ends one key at once')
    .requiredOption('--client <client_id>', 'the app')
    .requiredOption('--key <id>', 'as client key list shows it')
    .action((options: EndOptions) => endFrom(options, cli));
}

async function listFrom(clientId: string, cli: CliContext): Promise<void> {
  const keys = await cli.withPlatform(async (platform) => {
    if (!(await findHolder(platform, clientId))) throw new CommandFault('No app has this client ID.');
    return liveKeys(platform, clientId);
  });
  const rows = keys.map((key) => [
    ...[key.id, key.kind, key.thumbprint, key.lastUsedAt?.toISOString() ?? '-'],
    key.label || '-',
  ]);
  const objects = keys.map(({ id, kid, label, thumbprint, createdAt, lastUsedAt }) => ({
    ...{ id, kid, label, thumbprint },
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }));
  cli.answer(
    { client_id: clientId, keys: objects },
    ...(rows.length === 0
      ? ['There are no keys.']
      : table(['ID', 'KIND', 'THUMBPRINT', 'LAST USED', 'LABEL'], rows)),
  );
}

interface MethodOptions {
  client: string;
  method: (typeof SERVER_METHODS)[number];
}

async function changeMethodFrom({ client, method }: MethodOptions, cli: CliContext): Promise<void> {
  const { changed } = await carryOut(cli, changeAuthMethod, { holderId: client, authMethod: method });
  cli.answer(
    { client_id: client, auth_method: method, changed },
    changed
      ? `The app ${client} proves itself by ${method} from now on.`
      : `The app ${client} did so already.`,
  );
}

interface AddOptions {
  client: string;
  label: string;
  jwk: string;
}

async function addFrom({ client, label, jwk }: AddOptions, cli: CliContext): Promise<void> {
  const { added } = await carryOut(cli, addKeys, { holderId: client, label, keys: jwk });
  cli.answer(
    { client_id: client, added: added.map(({ kid, thumbprint }) => ({ kid, thumbprint })) },
    `The app ${client} has ${added.length === 1 ? 'a new key' : `${added.length} new keys`}.`,
    ...added.flatMap(({ kid, thumbprint }) =>
      aligned([
        ['Key ID (kid)', kid],
        ['Thumbprint', thumbprint],
      ]),
    ),
  );
}

interface EndOptions {
  client: string;
  key: string;
}

async function endFrom({ client, key }: EndOptions, cli: CliContext): Promise<void> {
  await carryOut(cli, endKey, { holderId: client, keyId: key });
  cli.answer({ client_id: client, key, ended: true }, `The key ${key} of ${client} no longer works.`);
}
