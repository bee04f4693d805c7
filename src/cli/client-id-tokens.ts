import { type Command, Option } from 'commander';
import { ID_TOKEN_ALGORITHMS, type IdTokenAlgorithm } from '../developers/clients/app-types.ts';
import { findClient } from '../developers/clients/client.ts';
import { changeIdTokenAlgorithm } from '../developers/clients/id-token-algorithm.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';

export function registerClientIdTokens(client: Command, cli: CliContext): void {
  client
    .command('id-tokens')
    .description('changes what the ID tokens of an app are signed with')
    .requiredOption('--client <client_id>', 'the app')
    .addOption(
      new Option('--algorithm <name>', 'RS256 for libraries that verify nothing else')
        .choices(ID_TOKEN_ALGORITHMS)
        .makeOptionMandatory(),
    )
    .action((options: Options) => changeFrom(options, cli));
}

interface Options {
  client: string;
  algorithm: IdTokenAlgorithm;
}

async function changeFrom({ client, algorithm }: Options, cli: CliContext): Promise<void> {
  const app = await cli.withPlatform((platform) => findClient(platform, client));
  if (!app) throw new CommandFault('No app has this client ID.');
  const wish = { organizationId: app.organizationId, clientId: client, idTokenAlgorithm: algorithm };
  const { changed } = await carryOut(cli, changeIdTokenAlgorithm, wish);
  cli.answer(
    { client_id: client, id_token_algorithm: algorithm, changed },
    changed
      ? `The ID tokens of ${client} are signed with ${algorithm} from now on.`
      : `The ID tokens of ${client} were signed with ${algorithm} already.`,
  );
}
