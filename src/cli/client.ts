import { type Command, Option } from 'commander';
import { findTrustDomain } from '../accounts/trust-domains.ts';
import { APP_TYPES } from '../developers/clients/app-types.ts';
import { type ClientView, findClient, listClients } from '../developers/clients/client.ts';
import { searchClients } from '../developers/clients/client-search.ts';
import { deleteClient } from '../developers/clients/deletion.ts';
import { resumeClient, suspendClient } from '../developers/clients/suspension.ts';
import { findOrganization } from '../developers/organizations/organization.ts';
import { carryOut } from './carry-out.ts';
import { endFrom } from './suspension.ts';
import type { Actor } from '../audit/actor.ts';
import { findSuspension } from '../defense/suspensions/suspension.ts';
import type { Platform } from '../platform/platform.ts';
import { registerClientIdTokens } from './client-id-tokens.ts';
import { registerClientKey } from './client-key.ts';
import { registerClientReview } from './client-review.ts';
import { registerClientSecret } from './client-secret.ts';
import { createClientFrom } from './client-create.ts';
import { clientFacts, clientObject } from './client-text.ts';
import { type CliContext, CommandFault } from './context.ts';
import { collect, wholeNumber } from './input.ts';
import { aligned, table } from './output.ts';

export function registerClient(program: Command, cli: CliContext): void {
  const group = program.command('client').description('apps that ask for access');
  registerCreate(group, cli);
  group
    .command('list')
    .description('lists apps by client ID, page by page')
    .option('--organization <id>', 'only those of one organization')
    .option('--after <client_id>', 'continues after this app')
    .option('--limit <number>', 'how many, 100 by default', wholeNumber(1, 500))
    .action((options: ListOptions) => listFrom(options, cli));
  onClient(group, 'show', 'shows an app without its secret', (id) => showFrom(id, cli));
  group
    .command('search <text>')
    .description(
      'finds apps by how words of their name begin, by their client ID or the host of a redirect URI',
    )
    .option('--after <client_id>', 'continues after this app')
    .action((wish: string, { after }: { after?: string }) => searchFrom({ wish, after }, cli));
  registerClientSecret(group, cli);
  registerClientKey(group, cli);
  registerClientIdTokens(group, cli);
  registerClientReview(group, cli);
  registerDelete(group, cli);
  group
    .command('suspend')
    .description('stops an app until it is resumed')
    .requiredOption('--client <client_id>', 'the app')
    .option('--note <sentence>', 'why: the owners read it')
    .action((options: { client: string; note?: string }) => suspendFrom(options, cli));
  group
    .command('resume')
    .description('lets a suspended app go on; where it waits for a human, asks a second person')
    .requiredOption('--client <client_id>', 'the app')
    .option('--reason <sentence>', 'where it waits for a human: why; the second person reads it')
    .action((options: { client: string; reason?: string }) => resumeFrom(options, cli));
}

function registerDelete(group: Command, cli: CliContext): void {
  group
    .command('delete')
    .description('deletes an app for good and ends all its tokens')
    .requiredOption('--client <client_id>', 'the app')
    .requiredOption('--name <name>', 'its name, typed out, so that no other is meant')
    .action(async ({ client, name: typedName }: { client: string; name: string }) => {
      const { organizationId } = await clientNamed(client, cli);
      await carryOut(cli, deleteClient, { organizationId, clientId: client, typedName });
      cli.answer({ client_id: client, deleted: true }, `Deleted ${typedName}. Its tokens no longer work.`);
    });
}

function registerCreate(group: Command, cli: CliContext): void {
  group
    .command('create')
    .description('registers an app and prints its client ID and secret')
    .requiredOption('--organization <id>', 'the organization that owns it')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .addOption(
      new Option('--type <type>', 'what kind of software it is').choices(APP_TYPES).makeOptionMandatory(),
    )
    .option('--redirect-uri <uri>', 'where people return after sign-in, may repeat', collect)
    .option('--post-logout-redirect-uri <uri>', 'where people return after sign-out, may repeat', collect)
    .option('--scope <name>', 'a scope it may ask for, may repeat', collect)
    .option(
      '--resource <identifier>',
      'an API it uses, may repeat; the first is meant where none is named',
      collect,
    )
    .option('--auth-method <method>', 'private_key_jwt, client_secret_basic, client_secret_post or none')
    .option('--first-party', 'it is part of this service: people are not asked for consent')
    .action((options) => createClientFrom(options, cli));
}

function onClient(
  group: Command,
  verb: string,
  description: string,
  act: (clientId: string) => Promise<void>,
): void {
  group
    .command(verb)
    .description(description)
    .requiredOption('--client <client_id>', 'the app')
    .action(({ client }: { client: string }) => act(client));
}

interface ListOptions {
  organization?: string;
  after?: string;
  limit?: number;
}

async function listFrom({ organization, ...page }: ListOptions, cli: CliContext): Promise<void> {
  const { clients, next } = await cli.withPlatform(async (platform) => {
    if (organization === undefined) return listClients(platform, page);
    if (!(await findOrganization(platform, organization))) {
      throw new CommandFault('No organization has this ID.');
    }
    return listClients(platform, { organizationId: organization, ...page });
  });
  answerClients(cli, clients, next, `client list --after ${next}`);
}

async function searchFrom(
  search: { readonly wish: string; readonly after: string | undefined },
  cli: CliContext,
): Promise<void> {
  const { clients, next } = await cli.withPlatform((platform) => searchClients(platform, search));
  answerClients(cli, clients, next, `client search ${JSON.stringify(search.wish)} --after ${next}`);
}

function answerClients(
  cli: CliContext,
  clients: readonly ClientView[],
  next: string | undefined,
  more: string,
): void {
  const rows = clients.map(({ id, type, stage, name, organizationName, suspendedAt }) => [
    ...[id, type, suspendedAt ? 'suspended' : stage],
    `${name} (${organizationName})`,
  ]);
  cli.answer(
    { clients: clients.map(clientObject), next: next ?? null },
    ...(clients.length === 0
      ? ['There are no apps here.']
      : table(['CLIENT ID', 'TYPE', 'STATE', 'NAME'], rows)),
    ...(next === undefined ? [] : [`More: ${more}`]),
  );
}

async function clientNamed(clientId: string, cli: CliContext): Promise<ClientView> {
  const client = await cli.withPlatform((platform) => findClient(platform, clientId));
  if (!client) throw new CommandFault('No app has this client ID.');
  return client;
}

async function showFrom(clientId: string, cli: CliContext): Promise<void> {
  const client = await clientNamed(clientId, cli);
  const domain = await cli.withPlatform((platform) => findTrustDomain(platform, client.trustDomainId));
  const trustDomain = domain?.name ?? client.trustDomainId;
  cli.answer(
    { ...clientObject(client), trust_domain: trustDomain },
    ...[client.name, ...aligned([...clientFacts(client), ['Trust domain', trustDomain]])],
  );
}

async function suspendFrom(
  { client, note }: { client: string; note?: string },
  cli: CliContext,
): Promise<void> {
  const suspend = (platform: Platform, actor: Actor, id: string) => suspendClient(platform, actor, id, note);
  const { changed } = await carryOut(cli, suspend, client);
  cli.answer(
    { client_id: client, suspended: true, changed },
    changed ? `The app ${client} is suspended.` : `The app ${client} was suspended already.`,
    `To let it go on: client resume --client ${client} --reason "why it may"`,
  );
}

async function resumeFrom(
  { client, reason }: { client: string; reason?: string },
  cli: CliContext,
): Promise<void> {
  const { suspensionId } = await clientNamed(client, cli);
  const stop = suspensionId && (await cli.withPlatform((platform) => findSuspension(platform, suspensionId)));
  if (stop && stop.kind !== 'client')
    throw new CommandFault(`Its whole organization is suspended. See: suspension show ${stop.id}`);
  if (stop) return endFrom(stop.id, reason, cli);
  const { changed } = await carryOut(cli, resumeClient, client);
  cli.answer(
    { client_id: client, suspended: false, changed },
    changed ? `The app ${client} goes on.` : `The app ${client} was not suspended.`,
  );
}
