import type { Command } from 'commander';
import {
  endAllSessions,
  forgiveAccount,
  resumeAccount,
  suspendAccount,
} from '../admin/accounts/account-acts.ts';
import { findByExactName } from '../admin/accounts/account-overview.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { wholeNumber } from './input.ts';

/** What an operator does to an account, with the rules of the console. */
export function registerAccountSuspension(account: Command, cli: CliContext): void {
  account
    .command('suspend')
    .description('pauses an account; nothing is destroyed')
    .argument('<account>', 'its address or ID')
    .requiredOption('--reason <sentence>', 'why; the person may read it')
    .option('--hours <number>', 'until then; without it two people end it', wholeNumber(1, 24 * 365))
    .action((name: string, options: { reason: string; hours?: number }) => suspendFrom(name, options, cli));
  account
    .command('resume')
    .description('ends what an operator suspended')
    .argument('<account>', 'its address or ID')
    .action(async (name: string) => {
      const accountId = await idOf(name, cli);
      await carryOut(cli, resumeAccount, { accountId });
      cli.answer({ id: accountId }, 'The account works again.');
    });
  account
    .command('forgive')
    .description("forgets today's failed sign-ins, so that unknown browsers need not wait")
    .argument('<account>', 'its address or ID')
    .action(async (name: string) => {
      const accountId = await idOf(name, cli);
      await carryOut(cli, forgiveAccount, { accountId });
      cli.answer({ id: accountId }, 'Forgotten.');
    });
  account
    .command('sessions')
    .description('the browsers in which a person is signed in')
    .command('end')
    .description('signs every browser out')
    .argument('<account>', 'its address or ID')
    .action(async (name: string) => {
      const accountId = await idOf(name, cli);
      const { ended } = await carryOut(cli, endAllSessions, { accountId });
      cli.answer({ id: accountId, ended }, `Ended ${ended} sessions.`);
    });
}

async function suspendFrom(
  name: string,
  { reason, hours }: { reason: string; hours?: number },
  cli: CliContext,
): Promise<void> {
  const accountId = await idOf(name, cli);
  const { suspension } = await carryOut(cli, suspendAccount, { accountId, reason, hours });
  const until = suspension.until?.toISOString() ?? null;
  cli.answer(
    { id: accountId, suspension: suspension.id, until },
    until ? `Suspended until ${until}.` : 'Suspended until two people end it.',
  );
}

async function idOf(name: string, cli: CliContext): Promise<string> {
  const found = await cli.withPlatform((platform) => findByExactName(platform, name));
  if (found) return found;
  throw new CommandFault('Nobody has an account with this address or ID.');
}
