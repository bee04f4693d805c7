import type { Command } from 'commander';
import { approveHost } from '../developers/organizations/host-proofs.ts';
import { removeHost } from '../developers/organizations/hosts.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';

/** What an operator knows of whose a host is. */
export function registerHosts(group: Command, cli: CliContext): void {
  group
    .command('approve-host <id>')
    .description('takes a host as proven on your word, with every name below it, whoever held it')
    .requiredOption('--host <name>', 'such as example.com')
    .action(async (organizationId: string, { host: name }: { host: string }) => {
      const { host } = await carryOut(cli, approveHost, { organizationId, host: name });
      const answer = { organization: organizationId, host: host.host };
      cli.answer(answer, `${host.host} is proven from now on, by your word.`);
    });
  group
    .command('remove-host <id>')
    .description('takes a host from an organization; what was approved because of it stays')
    .requiredOption('--host <name>', 'such as example.com')
    .action(async (organizationId: string, { host }: { host: string }) => {
      await carryOut(cli, removeHost, { organizationId, host });
      cli.answer({ organization: organizationId, host }, `The organization does not hold ${host} any more.`);
    });
}
