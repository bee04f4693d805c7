import type { Command } from 'commander';
import { explainAccess } from '../oidc/explain-access.ts';
import type { CliContext } from './context.ts';
import { collect } from './input.ts';
import { aligned } from './output.ts';

export function registerExplain(program: Command, cli: CliContext): void {
  program
    .command('explain')
    .description('says why an app may use an API, or why not')
    .requiredOption('--client <client_id>', 'the app')
    .requiredOption('--api <identifier>', 'the API')
    .option('--scope <name>', 'a scope that it asks for, may repeat; without it all it may have', collect)
    .option('--account <id>', 'the ID or address of a person it acts for')
    .action((options: ExplainOptions) => explainFrom(options, cli));
}

interface ExplainOptions {
  client: string;
  api: string;
  scope?: string[];
  account?: string;
}

async function explainFrom({ client, api, scope, account }: ExplainOptions, cli: CliContext): Promise<void> {
  const question = { clientId: client, resource: api, scopes: scope, account };
  const { allowed, reason, sentence, facts } = await cli.withPlatform((platform) =>
    explainAccess(platform, question),
  );
  cli.answer(
    {
      allowed,
      reason: reason ?? null,
      sentence,
      facts: facts.map((one) => ({ ...one, fine: one.fine ?? null })),
    },
    `${allowed ? 'Yes' : 'No'}. ${sentence}`,
    ...aligned(facts.map(({ about, sentence: said }) => [about, said])),
  );
}
