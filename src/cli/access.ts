import type { Command } from 'commander';
import { grantAccess } from '../developers/apis/access.ts';
import { PERSONAL_TOKENS_CLIENT } from '../developers/apis/personal-access.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { collect, isoEnd } from './input.ts';
import { aligned, listed } from './output.ts';

export function registerAccess(program: Command, cli: CliContext): void {
  const group = program.command('access').description('what apps may ask for at APIs of other organizations');
  group
    .command('grant')
    .description('lets an app ask for scopes of an API')
    .requiredOption(
      '--client <client_id>',
      `the app, or ${PERSONAL_TOKENS_CLIENT} for personal access tokens of everybody`,
    )
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--scope <name>', 'a scope of the API, may repeat', collect)
    .option(
      '--until <date>',
      'ISO 8601: the last day (UTC) or an instant; without it the access has no end',
      isoEnd,
    )
    .action((options: GrantOptions) => grantFrom(options, cli));
}

interface GrantOptions {
  client: string;
  api: string;
  scope: string[];
  until?: Date;
}

async function grantFrom({ client, api, scope, until }: GrantOptions, cli: CliContext): Promise<void> {
  const input = { clientId: client, apiIdentifier: api, scopes: scope, until, origin: 'operator' } as const;
  const access = await carryOut(cli, grantAccess, input);
  const end = access.until?.toISOString() ?? null;
  cli.answer(
    { id: access.id, client_id: client, identifier: access.identifier, scopes: access.scopes, until: end },
    `The app ${client} may now ask for access to ${access.identifier}.`,
    ...aligned([
      ['Scopes', listed(access.scopes)],
      ['Until', end ?? 'no end'],
    ]),
  );
}
