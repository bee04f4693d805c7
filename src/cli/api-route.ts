import type { Command } from 'commander';
import { addRoute, listRoutes, removeRoute } from '../developers/apis/gateway/route-changes.ts';
import { importRoutes, previewImport } from '../developers/apis/gateway/route-import.ts';
import { UUID } from '../platform/ids.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { collect } from './input.ts';
import { apiNamed } from './named-api.ts';
import { table } from './output.ts';

/** What a gateway in front of an API lets through, with the rules of the owners' page. */
export function registerApiRoute(api: Command, cli: CliContext): void {
  const group = api.command('route').description('methods and paths of an API, for its gateway');
  group
    .command('list')
    .description('lists them by path')
    .requiredOption('--api <identifier>', 'the API')
    .action((options: { api: string }) => listFrom(options, cli));
  group
    .command('add')
    .description('lists a route; from the first one on, whatever is not listed is refused')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--method <method>', 'such as GET, or * for every one')
    .requiredOption('--path <path>', 'such as /notes/{id} or /files/{rest*}')
    .option('--scope <name>', 'what a token needs, may repeat; * for any that fits the method', collect)
    .action((options: AddOptions) => addFrom(options, cli));
  group
    .command('remove')
    .description('removes a route')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--route <id>', 'as api route list shows it')
    .action((options: { api: string; route: string }) => removeFrom(options, cli));
  group
    .command('import')
    .description("takes the routes of the API's OpenAPI document over; your own stay")
    .requiredOption('--api <identifier>', 'the API')
    .action((options: { api: string }) => importFrom(options, cli));
}

async function listFrom({ api: identifier }: { api: string }, cli: CliContext): Promise<void> {
  const routes = await cli.withPlatform(async (platform) =>
    listRoutes(platform, (await apiNamed(platform, identifier)).id),
  );
  const rows = routes.map((route) => [
    route.id,
    route.method,
    route.path,
    route.scopes.join(' ') || '-',
    route.origin,
  ]);
  const none = 'No routes are listed: methods that read need a scope that reads, others one that writes.';
  cli.answer(
    { api: identifier, routes },
    ...(rows.length === 0 ? [none] : table(['ID', 'METHOD', 'PATH', 'SCOPES', 'ORIGIN'], rows)),
  );
}

interface AddOptions {
  api: string;
  method: string;
  path: string;
  scope?: string[];
}

async function addFrom({ api, method, path, scope = [] }: AddOptions, cli: CliContext): Promise<void> {
  await carryOut(cli, addRoute, { ...(await ownerOf(cli, api)), method, path, scopes: scope });
  cli.answer({ api, method, path, scopes: scope }, `${method} ${path} is listed.`);
}

async function removeFrom({ api, route }: { api: string; route: string }, cli: CliContext): Promise<void> {
  if (!UUID.test(route)) throw new CommandFault('No route has this ID.');
  await carryOut(cli, removeRoute, { ...(await ownerOf(cli, api)), id: route });
  cli.answer({ api, route, removed: true }, 'Removed.');
}

async function importFrom({ api }: { api: string }, cli: CliContext): Promise<void> {
  const of = await ownerOf(cli, api);
  const preview = await cli.withPlatform((platform) => previewImport(platform, of.apiId));
  if (!preview) throw new CommandFault('No OpenAPI document was uploaded for this API.');
  const { added, conflicts, removed, uploadedAt } = preview;
  await carryOut(cli, importRoutes, { ...of, uploadedAt });
  cli.answer(
    { api, added, conflicts, removed: removed.map(({ id }) => id) },
    `Took over ${added.length} routes; ${removed.length} of an earlier document went.`,
    ...conflicts.map(({ method, path, sentence }) => `Not listed: ${method} ${path}. ${sentence}`),
  );
}

async function ownerOf(cli: CliContext, identifier: string) {
  const { id, organizationId } = await cli.withPlatform((platform) => apiNamed(platform, identifier));
  return { apiId: id, organizationId };
}
