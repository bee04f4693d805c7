import type { Command } from 'commander';
import { approveHost } from '../developers/organizations/host-proofs.ts';
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
  group
    .command('approve-host')
    .description('takes a host as proven on your word, with every name below it')
    .requiredOption('--organization <id>', 'whose it is')
    .requiredOption('--host <name>', 'such as example.com')
    .action(async ({ organization, host }: { organization: string; host: string }) => {
      const proven = await carryOut(cli, approveHost, { organizationId: organization, host });
      cli.answer(
        { organization, host: proven.host.host },
        `${proven.host.host} is proven from now on, by your word.`,
      );
    });
}
