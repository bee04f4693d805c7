import type { Command } from 'commander';
import { createOrganization } from '../developers/organizations/organization.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { aligned } from './output.ts';

export function registerOrganization(program: Command, cli: CliContext): void {
  const group = program.command('organization').description('organizations, which own apps and APIs');
  group
    .command('create')
    .description('creates an organization and makes an account its owner')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .requiredOption('--owner <email>', 'the address of an account')
    .action(async ({ name, owner }: { name: string; owner: string }) => {
      const { organization } = await carryOut(cli, createOrganization, { name, ownerEmail: owner });
      cli.answer(
        { id: organization.id },
        `Created the organization ${organization.name}.`,
        ...aligned([['ID', organization.id]]),
        `Next: client create or api create with --organization ${organization.id}`,
      );
    });
}
