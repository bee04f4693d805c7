import { type Command, Option } from 'commander';
import { approveApi, listWaitingApis, refuseApi } from '../developers/apis/approval.ts';
import { createApi, TOKEN_FORMATS, type TokenFormat } from '../developers/apis/api.ts';
import { changeScope } from '../developers/apis/scopes/scope-changes.ts';
import {
  SCOPE_KINDS,
  SCOPE_SENSITIVITIES,
  type ScopeKind,
  type ScopeSensitivity,
} from '../developers/apis/scopes/scopes.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, UsageFault } from './context.ts';
import { collect, describedScope } from './input.ts';
import { registerEventTarget } from './event-target.ts';
import { registerApiRoute } from './api-route.ts';
import { registerReportKey } from './report-key.ts';
import { aligned, listed, shownOnce, table } from './output.ts';

export function registerApi(program: Command, cli: CliContext): void {
  const group = program.command('api').description('APIs and their scopes');
  group
    .command('create')
    .description('registers an API and prints what it introspects tokens with')
    .requiredOption('--organization <id>', 'the organization that owns it')
    .requiredOption('--identifier <url>', 'its resource indicator, such as https://api.example.com')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .option('--scope <name=description>', 'what an app may be allowed to do, may repeat', collect)
    .addOption(new Option('--token-format <format>', 'of its access tokens').choices(TOKEN_FORMATS))
    .action((options: CreateOptions) => createFrom(options, cli));
  group
    .command('scope')
    .description('adds a scope to an API or changes one')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--scope <name[=description]>', 'the scope; the description is needed when it is new')
    .addOption(new Option('--kind <kind>', 'what it lets an app do').choices(SCOPE_KINDS))
    .addOption(new Option('--sensitivity <level>', 'of what it opens').choices(SCOPE_SENSITIVITIES))
    .option('--optional', 'people may allow an app without it')
    .option('--no-optional', 'people allow an app with it or not at all')
    .option('--sentence <language=sentence>', 'the same for people of another language, may repeat', collect)
    .option('--details <sentence>', 'what it opens, for developers')
    .option('--deprecated', 'tells developers not to use it any more')
    .option('--no-deprecated', 'it is to be used again')
    .option('--successor <scope>', 'what to use instead of a deprecated one')
    .action((options: ScopeOptions) => scopeFrom(options, cli));
  group
    .command('waiting')
    .description('lists the APIs whose identifiers wait for a proof or an operator')
    .action(() => listWaiting(cli));
  group
    .command('approve')
    .description('gives an API the identifier that it claims')
    .requiredOption('--api <id>', 'its ID or client ID')
    .action(async ({ api: named }: { api: string }) => {
      const { api } = await carryOut(cli, approveApi, { api: named });
      cli.answer({ id: api.id, identifier: api.identifier }, `Approved ${api.identifier} for ${api.name}.`);
    });
  group
    .command('refuse')
    .description('takes from an API the identifier that it has or claims')
    .requiredOption('--api <id>', 'its ID, client ID or identifier')
    .requiredOption('--note <sentence>', 'why: its owners read it')
    .action(async ({ api: named, note }: { api: string; note: string }) => {
      const { api } = await carryOut(cli, refuseApi, { api: named, note });
      cli.answer({ id: api.id, identifier: null }, `${api.name} has no identifier any more.`);
    });
  registerApiRoute(group, cli);
  registerReportKey(group, cli);
  registerEventTarget(group, cli);
}

async function listWaiting(cli: CliContext): Promise<void> {
  const apis = await cli.withPlatform((platform) => listWaitingApis(platform));
  const rows = apis.map(({ id, identifier, name, organizationId }) => [id, identifier, name, organizationId]);
  cli.answer(
    {
      apis: apis.map(({ id, identifier, name, organizationId }) => ({
        id,
        identifier,
        name,
        organizationId,
      })),
    },
    ...(apis.length > 0 ? table(['ID', 'CLAIMS', 'NAME', 'ORGANIZATION'], rows) : ['No API waits.']),
  );
}

interface CreateOptions {
  organization: string;
  identifier: string;
  name: string;
  scope?: string[];
  tokenFormat?: TokenFormat;
}

async function createFrom(
  { organization, scope = [], ...options }: CreateOptions,
  cli: CliContext,
): Promise<void> {
  const input = { organizationId: organization, scopes: scope.map(describedScope), ...options };
  const { api, issued } = await carryOut(cli, createApi, input);
  cli.answer(
    { id: api.id, identifier: api.identifier, client_id: api.clientId, client_secret: issued.secret },
    `Registered the API ${api.name}.`,
    ...aligned([
      ['Identifier', api.identifier],
      ['Scopes', listed(input.scopes.map(({ name }) => name))],
      ['Client ID', api.clientId],
      ['Client secret', shownOnce(issued.secret)],
    ]),
    'Next: let the API introspect tokens with this client ID and secret.',
  );
}

interface ScopeOptions {
  api: string;
  scope: string;
  kind?: ScopeKind;
  sensitivity?: ScopeSensitivity;
  optional?: boolean;
  sentence?: string[];
  details?: string;
  deprecated?: boolean;
  successor?: string;
}

async function scopeFrom(
  { api, scope, sentence = [], ...wishes }: ScopeOptions,
  cli: CliContext,
): Promise<void> {
  const named = scope.includes('=') ? describedScope(scope) : { name: scope };
  const sentences = Object.fromEntries(sentence.map(inLanguage));
  const changed = await carryOut(cli, changeScope, { apiIdentifier: api, ...named, ...wishes, sentences });
  const { name, description, kind, sensitivity, optional, details, deprecatedAt, successor } = changed.scope;
  const deprecated = deprecatedAt !== null;
  cli.answer(
    {
      id: changed.apiId,
      identifier: changed.identifier,
      scope: {
        ...{ name, description, kind, sensitivity, optional, details },
        ...{ sentences: changed.scope.sentences, deprecated, successor },
      },
    },
    `${changed.created ? 'Added' : 'Changed'} the scope ${name} of ${changed.identifier}.`,
    ...aligned([
      ['Description', description],
      ['Kind', kind],
      ['Sensitivity', sensitivity],
      ['Optional', optional ? 'yes' : 'no'],
      ['Deprecated', deprecated ? (successor ? `yes, use ${successor}` : 'yes') : 'no'],
    ]),
  );
}

/** `de=Deine Notizen lesen` */
function inLanguage(value: string): [language: string, sentence: string] {
  const split = value.indexOf('=');
  if (split > 0) return [value.slice(0, split), value.slice(split + 1)];
  throw new UsageFault('Write each --sentence as language=sentence, such as "de=Deine Notizen lesen".');
}
