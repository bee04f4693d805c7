import type { Command } from 'commander';
import { FACTOR_POLICIES, type FactorPolicy } from '../accounts/policy.ts';
import { addToDomain, removeFromDomain } from '../accounts/trust-domain-members.ts';
import {
  changeTrustDomain,
  createTrustDomain,
  type DomainRules,
  findTrustDomainNamed,
  listTrustDomains,
  type TrustDomain,
} from '../accounts/trust-domains.ts';
import { moveApi, moveClient } from '../developers/trust-domain-moves.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault, UsageFault } from './context.ts';
import { aligned, type Fact, listed, table } from './output.ts';

export function registerDomain(program: Command, cli: CliContext): void {
  const group = program
    .command('domain')
    .description('trust domains: fences around accounts, apps and APIs that nothing crosses');
  withRules(group.command('create').description('creates a trust domain'))
    .requiredOption('--name <name>', 'as you type it, such as employees')
    .action((options: RuleOptions & { name: string }) => createFrom(options, cli));
  group
    .command('list')
    .description('names every trust domain')
    .action(() => listAll(cli));
  group
    .command('show <name>')
    .description('says what holds in a trust domain')
    .action((name: string) => showOne(name, cli));
  withRules(group.command('change <name>').description('changes what is given, and nothing else')).action(
    (name: string, options: RuleOptions) => changeFrom(name, options, cli),
  );
  for (const [verb, description] of [
    ['add-account', 'lets an account into a trust domain; it keeps those it has, and signs in anew'],
    ['remove-account', 'takes an account out of a trust domain; apps have to ask it anew'],
  ] as const)
    group
      .command(`${verb} <name>`)
      .description(description)
      .requiredOption('--email <address>', 'what the person signs in with')
      .action((name: string, { email }: { email: string }) => changeMembership(verb, name, email, cli));
}

interface RuleOptions {
  title?: string;
  mailDomains?: string;
  secondFactor?: string;
  idleMinutes?: string;
  hours?: string;
}

/** `none` takes a rule away. */
function withRules(command: Command): Command {
  return command
    .option('--title <title>', 'what people read, such as "Example staff"')
    .option('--mail-domains <list>', 'whoever signs up with an address there belongs here, or none')
    .option('--second-factor <policy>', `${FACTOR_POLICIES.join(', ')}, or none to follow the installation`)
    .option('--idle-minutes <number>', 'how long a session may lie idle, or none')
    .option('--hours <number>', 'how long a session may last, or none');
}

function rulesOf({
  title,
  mailDomains,
  secondFactor,
  idleMinutes,
  hours,
}: RuleOptions): Partial<DomainRules> {
  return {
    ...(title !== undefined && { title }),
    ...(mailDomains !== undefined && { mailDomains: mailDomains === 'none' ? [] : mailDomains.split(',') }),
    ...(secondFactor !== undefined && { secondFactor: factorPolicy(secondFactor) }),
    ...(idleMinutes !== undefined && { sessionIdleMinutes: numberOf('--idle-minutes', idleMinutes) }),
    ...(hours !== undefined && { sessionHours: numberOf('--hours', hours) }),
  };
}

function factorPolicy(written: string): FactorPolicy | null {
  const policy = FACTOR_POLICIES.find((each) => each === written);
  if (policy) return policy;
  if (written === 'none') return null;
  throw new UsageFault(`Write --second-factor as ${FACTOR_POLICIES.join(', ')} or none.`);
}

function numberOf(option: string, written: string): number | null {
  if (written === 'none') return null;
  if (/^\d{1,6}$/.test(written)) return Number(written);
  throw new UsageFault(`Write ${option} as a whole number or none.`);
}

async function createFrom({ name, ...options }: RuleOptions & { name: string }, cli: CliContext) {
  const { domain } = await carryOut(cli, createTrustDomain, { name, ...rulesOf(options) });
  cli.answer(
    { ...domain },
    `Created the trust domain ${domain.name}.`,
    ...aligned(factsOf(domain)),
    `Next: domain add-account ${domain.name} --email <address>, or account invite --domain ${domain.name}.`,
  );
}

async function changeFrom(name: string, options: RuleOptions, cli: CliContext) {
  const rules = rulesOf(options);
  if (Object.keys(rules).length === 0) throw new UsageFault('Name what is to change, such as --hours 12.');
  const { domain } = await carryOut(cli, changeTrustDomain, { name, ...rules });
  const lines = [`Changed the trust domain ${domain.name}.`, ...aligned(factsOf(domain))];
  const moved = 'Accounts that exist stay where they are: domain add-account and remove-account move them.';
  cli.answer({ ...domain }, ...lines, ...(rules.mailDomains ? [moved] : []));
}

async function listAll(cli: CliContext): Promise<void> {
  const domains = await cli.withPlatform(listTrustDomains);
  const rows = domains.map((domain) => [domain.name, domain.title, listed(domain.mailDomains)]);
  cli.answer({ domains }, ...table(['NAME', 'TITLE', 'MAIL DOMAINS'], rows));
}

async function showOne(name: string, cli: CliContext): Promise<void> {
  const domain = await cli.withPlatform((platform) => findTrustDomainNamed(platform, name));
  if (!domain) throw new CommandFault(`There is no trust domain named ${JSON.stringify(name)}.`);
  cli.answer({ ...domain }, ...aligned(factsOf(domain)));
}

function factsOf(domain: TrustDomain): Fact[] {
  const { sessionIdleMinutes, sessionHours } = domain;
  return [
    ['ID', domain.id],
    ['Title', domain.title],
    ['Mail domains', listed(domain.mailDomains)],
    ['Second factor', domain.secondFactor ?? 'as the installation'],
    ['Session idle', sessionIdleMinutes === null ? 'as the installation' : `${sessionIdleMinutes} minutes`],
    ['Session length', sessionHours === null ? 'as the installation' : `${sessionHours} hours`],
  ];
}

/** `client move` and `api move`. */
export function registerMoves(program: Command, cli: CliContext): void {
  groupNamed(program, 'client')
    .command('move')
    .description('takes an app to another trust domain and ends every grant it holds')
    .requiredOption('--client <client_id>', 'the app')
    .requiredOption('--domain <name>', 'where it will belong')
    .action(async ({ client: clientId, domain: name }: { client: string; domain: string }) => {
      const { domain, changed, grantsRevoked } = await carryOut(cli, moveClient, { clientId, domain: name });
      cli.answer(
        { client_id: clientId, domain: domain.name, changed, grants_revoked: grantsRevoked },
        changed
          ? `The app ${clientId} belongs to ${domain.name} now. Grants that ended: ${grantsRevoked}.`
          : `The app ${clientId} belonged to ${domain.name} already.`,
      );
    });
  groupNamed(program, 'api')
    .command('move')
    .description('takes an API to another trust domain; apps of other domains are refused there at once')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--domain <name>', 'where it will belong')
    .action(async ({ api: identifier, domain: name }: { api: string; domain: string }) => {
      const { domain, changed } = await carryOut(cli, moveApi, { identifier, domain: name });
      cli.answer(
        { identifier, domain: domain.name, changed },
        `The API ${identifier} ${changed ? 'belongs' : 'belonged'} to ${domain.name} ${changed ? 'now' : 'already'}.`,
      );
    });
}

function groupNamed(program: Command, name: string): Command {
  const group = program.commands.find((command) => command.name() === name);
  if (!group) throw new Error(`there is no command group ${name}`);
  return group;
}

async function changeMembership(
  verb: 'add-account' | 'remove-account',
  name: string,
  email: string,
  cli: CliContext,
): Promise<void> {
  const rule = verb === 'add-account' ? addToDomain : removeFromDomain;
  const { domain, changed } = await carryOut(cli, rule, { email, domain: name });
  const standing = verb === 'add-account' ? 'belongs' : 'does not belong';
  const now = changed ? 'now' : 'already';
  cli.answer(
    { domain: domain.name, changed },
    `${email} ${now} ${standing} to ${domain.name}${changed ? ', and was signed out everywhere' : ''}.`,
  );
}
