import type { Command } from 'commander';
import { createOrganization } from '../developers/organizations/organization.ts';
import type { CliContext } from './context.ts';
import { accepted, aligned } from './output.ts';

export function registerOrganization(program: Command, cli: CliContext): void {
  const group = program.command('organization').description('organizations, which own apps and APIs');
  group
    .command('create')
    .description('creates an organization and makes an account its owner')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .requiredOption('--owner <email>', 'the address of an account')
    .action(({ name, owner }: { name: string; owner: string }) =>
      cli.withPlatform(async (platform) => {
        const created = await createOrganization(platform, cli.actor, { name, ownerEmail: owner });
        const { organization } = accepted(created);
        cli.answer(
          { id: organization.id },
          `Created the organization ${organization.name}.`,
          ...aligned([['ID', organization.id]]),
          `Next: client create or api create with --organization ${organization.id}`,
        );
      }),
    );
}
