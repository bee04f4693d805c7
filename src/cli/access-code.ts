import type { Command } from 'commander';
import { endCode, listCodes, MOST_USES, makeCode } from '../developers/access/access-codes.ts';
import { MOST_DAYS, USUAL_CAPS } from '../developers/access/entitlement.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { collect, isoEnd, wholeNumber } from './input.ts';
import { apiNamed } from './named-api.ts';
import { aligned, listed, shownOnce, table } from './output.ts';

export function registerAccessCode(program: Command, cli: CliContext): void {
  const group = program.command('access-code').description('codes that open an API to whoever redeems them');
  group
    .command('create')
    .description('makes a code and prints it once')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--label <text>', 'to whom it is given')
    .requiredOption('--scope <name>', 'a scope of the API, may repeat', collect)
    .requiredOption('--until <date>', 'ISO 8601: the last day (UTC) to redeem it, or an instant', isoEnd)
    .option('--uses <number>', 'how many apps may redeem it, one by default', wholeNumber(1, MOST_USES))
    .option('--days <number>', 'how long the access lasts, without end by default', wholeNumber(1, MOST_DAYS))
    .option('--people-per-day <number>', 'distinct people a day (UTC)', wholeNumber(1, 999_999_999))
    .option('--requests-per-minute <number>', 'requests a minute', wholeNumber(1, 999_999_999))
    .option('--organization <id>', 'only for apps of this organization')
    .option('--key <thumbprint>', 'only for the holder of this key (RFC 7638)')
    .action((options: CreateOptions) => createFrom(options, cli));
  group
    .command('list')
    .description('lists the codes of an API, the newest first')
    .requiredOption('--api <identifier>', 'the API')
    .option('--after <id>', 'continues after this code')
    .action((options: ListOptions) => listFrom(options, cli));
  group
    .command('end')
    .description('ends a code; what came of it goes on')
    .argument('<id>')
    .action(async (id: string) => {
      await carryOut(cli, endCode, { id });
      cli.answer({ id }, `Nobody can redeem the code ${id} any more.`);
    });
}

interface CreateOptions {
  api: string;
  label: string;
  scope: string[];
  until: Date;
  uses?: number;
  days?: number;
  peoplePerDay?: number;
  requestsPerMinute?: number;
  organization?: string;
  key?: string;
}

async function createFrom(options: CreateOptions, cli: CliContext): Promise<void> {
  const { label, scope, until, uses = 1, days = null, organization, key } = options;
  const { peoplePerDay, requestsPerMinute } = { ...USUAL_CAPS, ...options };
  const api = await cli.withPlatform((platform) => apiNamed(platform, options.api));
  const made = await carryOut(cli, makeCode, {
    ...{ apiId: api.id, organizationId: api.organizationId, accountId: null, label, scopes: scope },
    ...{ uses, days, untilAt: until, peoplePerDay, requestsPerMinute },
    ...{ forOrganization: organization, keyThumbprint: key },
  });
  cli.answer(
    { id: made.id, code: made.issued.secret, identifier: api.identifier, uses, until: until.toISOString() },
    `Whoever redeems this code gets access to ${api.identifier}.`,
    ...aligned([
      ['Code', shownOnce(made.issued.secret)],
      ['Scopes', listed(scope)],
      ['Uses', String(uses)],
      ['Redeem until', until.toISOString()],
    ]),
  );
}

interface ListOptions {
  api: string;
  after?: string;
}

async function listFrom({ api: identifier, after }: ListOptions, cli: CliContext): Promise<void> {
  const { codes, next } = await cli.withPlatform(async (platform) =>
    listCodes(platform, (await apiNamed(platform, identifier)).id, { after, limit: 100 }),
  );
  const objects = codes.map(({ id, label, scopes, usesLeft, untilAt, endedAt }) => ({
    ...{ id, label, scopes, uses_left: usesLeft, until: untilAt.toISOString() },
    ended_at: endedAt?.toISOString() ?? null,
  }));
  const rows = objects.map((one) => [
    ...[one.id, one.label, listed(one.scopes), String(one.uses_left), one.until, one.ended_at ?? '-'],
  ]);
  cli.answer(
    { codes: objects, next: next ?? null },
    ...(rows.length === 0
      ? ['No codes.']
      : table(['ID', 'LABEL', 'SCOPES', 'USES LEFT', 'UNTIL', 'ENDED'], rows)),
    ...(next ? [`More: --after ${next}`] : []),
  );
}
