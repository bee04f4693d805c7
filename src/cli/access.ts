import type { Command } from 'commander';
import { grantAccess } from '../developers/access/access.ts';
import { changeAccess } from '../developers/access/access-changes.ts';
import { endAccess } from '../developers/access/access-ends.ts';
import { listAccesses } from '../developers/access/access-list.ts';
import { findApi } from '../developers/apis/api.ts';
import { PERSONAL_TOKENS_CLIENT } from '../developers/access/personal-access.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault, UsageFault } from './context.ts';
import { collect, isoEnd, wholeNumber } from './input.ts';
import { aligned, listed, table } from './output.ts';

const BILLION = 999_999_999;

export function registerAccess(program: Command, cli: CliContext): void {
  const group = program.command('access').description('what apps may ask for at APIs of other organizations');
  registerGrant(group, cli);
  group
    .command('list')
    .description('lists who has access to an API, the newest first')
    .requiredOption('--api <identifier>', 'the API')
    .option('--ended', 'who had access instead')
    .option('--after <id>', 'continues after this access')
    .action((options: ListOptions) => listFrom(options, cli));
  group
    .command('change')
    .description('gives an access another end or other limits')
    .argument('<id>')
    .option('--until <date>', 'ISO 8601: the last day (UTC) or an instant', isoEnd)
    .option('--no-until', 'without an end')
    .option('--people-per-day <number>', 'distinct people a day (UTC)', wholeNumber(1, BILLION))
    .option('--no-people-per-day', 'any number of people')
    .option('--requests-per-minute <number>', 'requests a minute', wholeNumber(1, BILLION))
    .option('--no-requests-per-minute', 'any number of requests')
    .action((id: string, options: ChangeOptions) => changeFrom(id, options, cli));
  group
    .command('end')
    .description('ends an access: its tokens stop within a second')
    .argument('<id>')
    .option('--all', 'with every other access of that app to that API')
    .option('--note <sentence>', 'why: the owners of the app read it')
    .action((id: string, options: EndOptions) => endFrom(id, options, cli));
}

function registerGrant(group: Command, cli: CliContext): void {
  group
    .command('grant')
    .description('lets an app ask for scopes of an API')
    .requiredOption(
      '--client <client_id>',
      `the app, or ${PERSONAL_TOKENS_CLIENT} for personal access tokens of everybody`,
    )
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--scope <name>', 'a scope of the API, may repeat', collect)
    .option(
      '--until <date>',
      'ISO 8601: the last day (UTC) or an instant; without it the access has no end',
      isoEnd,
    )
    .option(
      '--people-per-day <number>',
      'distinct people a day (UTC), any number without it',
      wholeNumber(1, BILLION),
    )
    .option(
      '--requests-per-minute <number>',
      'requests a minute, any number without it',
      wholeNumber(1, BILLION),
    )
    .action((options: GrantOptions) => grantFrom(options, cli));
}

interface GrantOptions {
  client: string;
  api: string;
  scope: string[];
  until?: Date;
  peoplePerDay?: number;
  requestsPerMinute?: number;
}

async function grantFrom(
  { client, api, scope, until, peoplePerDay, requestsPerMinute }: GrantOptions,
  cli: CliContext,
): Promise<void> {
  const access = await carryOut(cli, grantAccess, {
    ...{ clientId: client, apiIdentifier: api, scopes: scope, until, origin: 'operator' },
    ...{ peoplePerDay, requestsPerMinute },
  });
  const end = access.until?.toISOString() ?? null;
  cli.answer(
    { id: access.id, client_id: client, identifier: access.identifier, scopes: access.scopes, until: end },
    `The app ${client} may now ask for access to ${access.identifier}.`,
    ...aligned([
      ['Scopes', listed(access.scopes)],
      ['Until', end ?? 'no end'],
    ]),
  );
}

interface ListOptions {
  api: string;
  ended?: boolean;
  after?: string;
}

async function listFrom(
  { api: identifier, ended = false, after }: ListOptions,
  cli: CliContext,
): Promise<void> {
  const { accesses, next } = await cli.withPlatform(async (platform) => {
    const api = await findApi(platform, identifier);
    if (!api) throw new CommandFault('No API has this identifier.');
    return listAccesses(platform, { apiId: api.id, ended, after, limit: 100 });
  });
  const objects = accesses.map((access) => ({
    ...{ id: access.id, client_id: access.clientId, name: access.client?.name ?? null },
    ...{ origin: access.origin, scopes: access.scopes, until: access.until?.toISOString() ?? null },
    ...{ ended_at: access.endedAt?.toISOString() ?? null, people_per_day: access.peoplePerDay },
    ...{ people_today: access.peopleToday ?? null, requests_per_minute: access.requestsPerMinute },
  }));
  const rows = objects.map((one) => [
    ...[one.id, one.client_id, one.name ?? '-', one.origin, listed(one.scopes)],
    ...[one.ended_at ?? one.until ?? 'no end', String(one.people_per_day ?? '-')],
  ]);
  const headings = ['ID', 'CLIENT', 'NAME', 'ORIGIN', 'SCOPES', ended ? 'ENDED' : 'UNTIL', 'PEOPLE'];
  cli.answer(
    { accesses: objects, next: next ?? null },
    ...(rows.length === 0 ? ['Nobody.'] : table(headings, rows)),
    ...(next ? [`More: --after ${next}`] : []),
  );
}

/** `--no-x` comes as false. */
interface ChangeOptions {
  until?: Date | boolean;
  peoplePerDay?: number | boolean;
  requestsPerMinute?: number | boolean;
}

async function changeFrom(id: string, options: ChangeOptions, cli: CliContext): Promise<void> {
  const change = {
    ...chosen('until', options.until),
    ...chosen('peoplePerDay', options.peoplePerDay),
    ...chosen('requestsPerMinute', options.requestsPerMinute),
  };
  if (Object.keys(change).length === 0) {
    throw new UsageFault('Say what changes: --until, --people-per-day or --requests-per-minute.');
  }
  const changed = await carryOut(cli, changeAccess, { id, ...change });
  const end = changed.until?.toISOString() ?? null;
  cli.answer(
    { id, until: end },
    `The access ${id} is changed. It lasts ${end ? `until ${end}` : 'without an end'}.`,
  );
}

/** Where an option has its opposite, commander takes it for given (true) as long as nobody names either. */
function chosen<Name extends string, Value>(
  name: Name,
  value: Value | boolean | undefined,
): Partial<Record<Name, Value | null>> {
  if (value === undefined || value === true) return {};
  return { [name]: value === false ? null : value } as Partial<Record<Name, Value | null>>;
}

interface EndOptions {
  all?: boolean;
  note?: string;
}

async function endFrom(id: string, { all = false, note }: EndOptions, cli: CliContext): Promise<void> {
  const { ended, connectionsEnded } = await carryOut(cli, endAccess, { id, all, note });
  cli.answer(
    { ended, connections_ended: connectionsEnded },
    `Ended ${ended.length === 1 ? 'one access' : `${ended.length} accesses`} and ${connectionsEnded} connections that served nothing else.`,
  );
}
