import type { Command } from 'commander';
import {
  addOperator,
  changeOperatorRole,
  type ListedOperator,
  listOperators,
  removeOperator,
} from '../admin/operators.ts';
import { OPERATOR_ROLES } from '../admin/roles.ts';
import { findAccountByAddress } from '../accounts/account.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { table } from './output.ts';

const ROLES = OPERATOR_ROLES.join(', ');

export function registerOperator(program: Command, cli: CliContext): void {
  const group = program.command('operator').description('who runs this installation and uses its console');
  group
    .command('add')
    .description('makes an account an operator; every operator gets a letter')
    .argument('<email>', 'what the person signs in with')
    .requiredOption('--role <role>', ROLES)
    .action((email: string, { role }: { role: string }) => addFrom(email, role, cli));
  group
    .command('list')
    .description('lists the operators and their roles')
    .action(() => listFrom(cli));
  group
    .command('role')
    .description('gives an operator another role')
    .argument('<email>')
    .requiredOption('--role <role>', ROLES)
    .action((email: string, { role }: { role: string }) => roleFrom(email, role, cli));
  group
    .command('remove')
    .description('takes the console from somebody at once; their account stays')
    .argument('<email>')
    .action((email: string) => removeFrom(email, cli));
}

async function addFrom(email: string, role: string, cli: CliContext): Promise<void> {
  const added = await carryOut(cli, addOperator, { email, role });
  const path = `${cli.config().issuer}/admin`;
  cli.answer(
    { id: added.accountId, role: added.role, console: path },
    `${email} is an operator now (${added.role}).`,
    `The console: ${path}. It asks for a second factor.`,
  );
}

async function listFrom(cli: CliContext): Promise<void> {
  const operators = await cli.withPlatform((platform) => listOperators(platform));
  const rows = operators.map(({ email, role, since, addedBy }) => [
    email,
    role,
    since.toISOString(),
    addedBy,
  ]);
  cli.answer(
    { operators: operators.map(inJson) },
    ...(rows.length === 0
      ? ['There is no operator yet. Make one: operator add <email> --role administrator']
      : table(['EMAIL', 'ROLE', 'SINCE', 'GIVEN BY'], rows)),
  );
}

function inJson({ accountId: id, email, role, since, addedBy }: ListedOperator): Record<string, string> {
  return { id, email, role, since: since.toISOString(), given_by: addedBy };
}

async function roleFrom(email: string, role: string, cli: CliContext): Promise<void> {
  const accountId = await accountIdOf(email, cli);
  await carryOut(cli, changeOperatorRole, { accountId, role });
  cli.answer({ id: accountId, role }, `${email} is ${role} from now on.`);
}

async function removeFrom(email: string, cli: CliContext): Promise<void> {
  const accountId = await accountIdOf(email, cli);
  await carryOut(cli, removeOperator, { accountId });
  cli.answer({ id: accountId }, `${email} is no operator any more.`);
}

async function accountIdOf(email: string, cli: CliContext): Promise<string> {
  const account = await cli.withPlatform((platform) => findAccountByAddress(platform, email));
  if (account) return account.id;
  throw new CommandFault('Nobody has an account with that email address.');
}
