import type { Command } from 'commander';
import { createAccount } from '../accounts/account.ts';
import { resetFactors } from '../accounts/recovery/reset-factors.ts';
import { inviteToSignUp, SIGN_UP_PASS_DAYS } from '../accounts/sign-up/sign-up-passes.ts';
import { registerAccountShow } from './account-show.ts';
import { registerAccountSuspension } from './account-suspension.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { readLine } from './input.ts';
import { aligned, type Fact, shownOnce } from './output.ts';

export function registerAccount(program: Command, cli: CliContext): void {
  const group = program.command('account').description('people who can sign in');
  group
    .command('create')
    .description('creates an account')
    .requiredOption('--email <address>', 'what the person signs in with')
    .requiredOption('--name <name>', 'what the person is called')
    .requiredOption('--password-stdin', 'reads the password from the first line of standard input')
    .option('--verified', 'the address is known to be theirs')
    .option('--operator', 'asks for the second factor of operators; they are one with: operator add')
    .option('--totp', 'sets up an authenticator app and prints its otpauth URI')
    .action((options: CreateOptions) => createFrom(options, cli));
  group
    .command('invite')
    .description('lets one person create an account, whatever the policy of sign-up says')
    .requiredOption('--email <address>', 'the address the invitation is for')
    .option('--domain <name>', 'the trust domain the account will belong to; without it the address decides')
    .action((options: { email: string; domain?: string }) => inviteFrom(options, cli));
  group
    .command('reset-factors')
    .description('takes lost second factors from an account; its owner sets up a new one at the next sign-in')
    .requiredOption('--email <address>', 'what the person signs in with')
    .action((options: { email: string }) => resetFrom(options, cli));
  registerAccountShow(group, cli);
  registerAccountSuspension(group, cli);
}

interface CreateOptions {
  email: string;
  name: string;
  verified?: boolean;
  operator?: boolean;
  totp?: boolean;
}

async function createFrom(options: CreateOptions, cli: CliContext): Promise<void> {
  const password = await readLine(cli.stdin);
  const { email, name, verified = false, operator = false, totp = false } = options;
  const input = { email, name, password, verified, operator, totp };
  const { account, otpauthUri } = await carryOut(cli, createAccount, input);
  const facts: Fact[] = [['ID', account.id]];
  if (otpauthUri !== undefined) facts.push(['Authenticator', shownOnce(otpauthUri)]);
  cli.answer(
    { id: account.id, ...(otpauthUri !== undefined && { otpauth_uri: otpauthUri }) },
    `Created the account ${account.email}.`,
    ...aligned(facts),
    otpauthUri === undefined
      ? 'Next: the person signs in and sets up an authenticator app.'
      : 'Next: add the otpauth URI to an authenticator app, then sign in.',
  );
}

async function inviteFrom(options: { email: string; domain?: string }, cli: CliContext): Promise<void> {
  const { email: to, link } = await carryOut(cli, inviteToSignUp, options);
  cli.answer(
    { email: to, link: link.secret },
    `Invited ${to}.`,
    ...aligned([['Link', shownOnce(link.secret)]]),
    `A letter with this link is on its way. It works once, for ${SIGN_UP_PASS_DAYS} days.`,
  );
}

async function resetFrom({ email }: { email: string }, cli: CliContext): Promise<void> {
  const { account } = await carryOut(cli, resetFactors, { email });
  cli.answer(
    { id: account.id },
    `Took every second factor from ${account.email}, and signed out every device.`,
    'Next: the person signs in, proves the address with a code and sets up a new one.',
  );
}
